"""What people say of themselves for equality monitoring. No page ever shows an answer back; reports only count."""

from django.db import models

from partners.models.people import Person


class AgeGroup(models.TextChoices):
    UNDER_25 = "under_25", "Under 25"
    FROM_25 = "25_34", "25 to 34"
    FROM_35 = "35_44", "35 to 44"
    FROM_45 = "45_54", "45 to 54"
    FROM_55 = "55_64", "55 to 64"
    FROM_65 = "65_over", "65 or over"


class Sex(models.TextChoices):
    FEMALE = "female", "Female"
    MALE = "male", "Male"


class Ethnicity(models.TextChoices):
    """The high-level groups of the census of England and Wales, 2021."""

    ASIAN = "asian", "Asian or Asian British"
    BLACK = "black", "Black, Black British, Caribbean or African"
    MIXED = "mixed", "Mixed or multiple ethnic groups"
    WHITE = "white", "White"
    OTHER = "other", "Other ethnic group"


class YesNo(models.TextChoices):
    YES = "yes", "Yes"
    NO = "no", "No"


class Religion(models.TextChoices):
    """The answers of the same census."""

    NONE = "none", "No religion"
    CHRISTIAN = "christian", "Christian"
    BUDDHIST = "buddhist", "Buddhist"
    HINDU = "hindu", "Hindu"
    JEWISH = "jewish", "Jewish"
    MUSLIM = "muslim", "Muslim"
    SIKH = "sikh", "Sikh"
    OTHER = "other", "Any other religion"


class Orientation(models.TextChoices):
    """The answers of the same census."""

    STRAIGHT = "straight", "Straight or heterosexual"
    GAY = "gay", "Gay or lesbian"
    BISEXUAL = "bisexual", "Bisexual"
    OTHER = "other", "Other sexual orientation"


class Characteristics(models.Model):
    """One person's answers; '' is not answered, which nobody has to explain."""

    FIELDS = ("age_group", "sex", "gender_as_registered", "ethnicity", "disability", "religion", "orientation")

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="characteristics")
    age_group = models.CharField(max_length=10, choices=AgeGroup, blank=True)
    sex = models.CharField(max_length=10, choices=Sex, blank=True)
    gender_as_registered = models.CharField(
        "gender the same as the sex registered at birth", max_length=3, choices=YesNo, blank=True
    )
    ethnicity = models.CharField("ethnic group", max_length=10, choices=Ethnicity, blank=True)
    disability = models.CharField("disabled", max_length=3, choices=YesNo, blank=True)
    religion = models.CharField(max_length=10, choices=Religion, blank=True)
    orientation = models.CharField("sexual orientation", max_length=10, choices=Orientation, blank=True)
    answered_on = models.DateField()

    class Meta:
        verbose_name_plural = "characteristics"

    def __str__(self) -> str:
        return "someone’s characteristics"
