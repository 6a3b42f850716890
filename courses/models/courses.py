"""What is offered."""

from datetime import date, datetime
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchQuery, SearchRank, SearchVector, SearchVectorField
from django.db import models
from django.db.models import F

from academy.lib.of_row import OfRow
from courses.models import sight
from courses.models.runs import Run
from partners.models import Agency, AgencyKind, JobRole, Person


class Kind(models.TextChoices):
    """Kinds of learning."""

    CLASSROOM = "classroom", "In person"
    ONLINE = "online", "Online live"
    BLENDED = "blended", "Blended"
    EVENT = "event", "Event with speakers"
    COACHING = "coaching", "Coaching"
    SHADOWING = "shadowing", "Work shadowing"
    PEER_GROUP = "peer_group", "Peer group"
    EXTERNAL = "external", "External course"


class Level(models.TextChoices):
    """How much somebody should know before they come."""

    FOUNDATION = "foundation", "Foundation"
    INTERMEDIATE = "intermediate", "Intermediate"
    ADVANCED = "advanced", "Advanced"


class OpenTo(models.TextChoices):
    """Whose people find a course and may book it."""

    EVERYONE = "everyone", "Everyone"
    OWNER = "owner", "Only people of the agency that offers it"
    CHOSEN = "chosen", "People of chosen agencies and kinds of agency"


class PracticeTheme(models.Model):
    """The thread through courses, audits, standards and questions."""

    name = models.CharField(max_length=100, unique=True)
    slug = models.SlugField(unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class CourseQuerySet(models.QuerySet):
    def offered(self) -> Self:
        """Courses that people can find."""
        return self.filter(published=True)

    def open_to(self, person: Person, on: date) -> Self:
        """Courses that are for the agencies where `person` works that day, published or not."""
        return self.filter(OfRow(*sight.is_open("{row}", person, on)))

    def visible_to(self, person: Person, on: date) -> Self:
        """What is offered to the agencies where `person` works that day; all that there is of those they keep."""
        return self.filter(OfRow(*sight.is_seen("{row}", person, on)))

    def kept_by(self, person: Person, on: date) -> Self:
        """Courses that `person` may change and plan runs of: all for a lead, the own agency's for its coordinator."""
        return self.filter(OfRow(*sight.is_kept("{row}", person, on)))

    def soonest_first(self) -> Self:
        """By when their next run begins, those without one last. Needs no look at the runs."""
        return self.order_by(F("next_start").asc(nulls_last=True), "title", "pk")

    def refresh_next_start(self, at: datetime) -> int:
        """Look up again when the next run of each of these courses begins. Returns how many were looked up."""
        runs = Run.objects.bookable(at).filter(course=models.OuterRef("pk")).order_by("starts_at")
        return self.update(next_start=models.Subquery(runs.values("starts_at")[:1]))

    def with_places(self, at: datetime) -> Self:
        """Courses with a coming run that has places left."""
        return self.filter(pk__in=Run.objects.with_places(at).values("course"))

    def matching(self, words: str) -> Self:
        """Courses whose title, summary, aims or theme have those words, in any English form; best first."""
        query = SearchQuery(words, config="english", search_type="websearch")
        found = models.Q(search=query)
        if not {"-", '"'} & set(words):  # what was left out on purpose must not come back by its theme
            named = PracticeTheme.objects.annotate(words=SearchVector("name", config="english")).filter(words=query)
            found |= models.Q(pk__in=Course.themes.through.objects.filter(practicetheme__in=named).values("course"))
        return self.filter(found).annotate(rank=SearchRank(F("search"), query))


class Course(models.Model):
    """What is offered. It names its owner agency, so that a partner can publish its own training."""

    title = models.CharField(max_length=200)
    summary = models.CharField(max_length=300, help_text="one sentence for the catalogue")
    aims = models.TextField(blank=True, help_text="what people will be able to do, one a line")
    audience = models.CharField("who it is for", max_length=300, blank=True)
    kind = models.CharField(max_length=20, choices=Kind)
    themes = models.ManyToManyField(PracticeTheme, related_name="courses", blank=True)
    owner = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="courses")
    cpd_hours = models.DecimalField("CPD hours", max_digits=5, decimal_places=2)
    level = models.CharField(max_length=20, choices=Level, blank=True, db_default="", default="")
    prior_knowledge = models.CharField(
        "what to know before",
        max_length=300,
        blank=True,
        db_default="",
        default="",
        help_text="in words; blocks nobody",
    )
    requires = models.ManyToManyField(
        "self", symmetrical=False, blank=True, related_name="leads_to", help_text="courses to complete before this one"
    )
    provider = models.CharField(max_length=200, blank=True, db_default="", default="", help_text="who delivers it")
    accreditation = models.CharField(
        "accrediting body", max_length=200, blank=True, db_default="", default="", help_text="who recognises it"
    )
    credits = models.DecimalField("academic credits", max_digits=5, decimal_places=1, null=True, blank=True)
    credit_level = models.CharField(max_length=60, blank=True, db_default="", default="", help_text="such as level 7")
    fee = models.DecimalField(
        max_digits=8, decimal_places=2, db_default=0, default=0, help_text="pounds a place, charged to the agency"
    )
    needs_approval = models.BooleanField(db_default=False, default=False, help_text="by the manager of who books")
    open_to = models.CharField(max_length=10, choices=OpenTo, db_default="everyone", default=OpenTo.EVERYONE)
    open_to_kinds = ArrayField(
        models.CharField(max_length=20, choices=AgencyKind), blank=True, db_default=[], default=list
    )
    open_to_agencies = models.ManyToManyField(Agency, blank=True, related_name="+")
    job_roles = models.ManyToManyField(JobRole, blank=True, related_name="+", help_text="for whom it is; none: anyone")
    contact = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", help_text="who answers for it"
    )
    review_on = models.DateField(null=True, blank=True, help_text="when its content is looked at again")
    attendance_share = models.PositiveSmallIntegerField(
        default=100, help_text="per cent of sessions at which one must be present to complete it"
    )
    published = models.BooleanField(default=True)
    next_start = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="orders the catalogue; kept by actions and the tick"
    )
    search = models.GeneratedField(
        expression=SearchVector("title", weight="A", config="english")
        + SearchVector("summary", weight="B", config="english")
        + SearchVector("aims", "audience", weight="C", config="english"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = CourseQuerySet.as_manager()

    class Meta:
        ordering = ["title", "pk"]
        indexes = [
            GinIndex(fields=["search"], name="course_search"),
            models.Index(
                F("next_start").asc(nulls_last=True),
                "title",
                "id",
                condition=models.Q(published=True),
                name="courses_soonest_first",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(attendance_share__gte=1, attendance_share__lte=100),
                name="an_attendance_share_is_1_to_100_per_cent",
            ),
            models.CheckConstraint(condition=models.Q(fee__gte=0), name="a_fee_is_not_negative"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def aim_lines(self) -> list[str]:
        return [line.strip() for line in self.aims.splitlines() if line.strip()]


class BookingQuestion(models.Model):
    """Something that people are asked as they book a course; answers are kept with the booking."""

    class Kind(models.TextChoices):
        TEXT = "text", "A few words"
        YES_NO = "yes_no", "Yes or no"
        CHOICE = "choice", "One of some choices"

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="questions")
    text = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.TEXT)
    choices = models.TextField(blank=True, help_text="one a line")
    required = models.BooleanField(default=False)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.text

    @property
    def options(self) -> list[str]:
        """What one may answer; none where one writes freely."""
        if self.kind == self.Kind.YES_NO:
            return ["Yes", "No"]
        return [line.strip() for line in self.choices.splitlines() if line.strip()]
