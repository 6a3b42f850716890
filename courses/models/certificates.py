"""What someone can show of an achievement, and anyone can check."""

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.urls import reverse

from courses.models.achievements import Achievement
from partners.models import Grant, Person


class CertificateQuerySet(models.QuerySet):
    def visible_to(self, person: Person, on: date) -> Self:
        """Whose paper `person` may have: the own one, and those of people whose record one may open."""
        return self.filter(achievement__person__in=Person.objects.visible_to(person, on))

    def kept_by(self, person: Person, on: date) -> Self:
        """Those that `person` may have issued in a new name: the own ones; all for a lead."""
        leads = Grant.objects.duties_of(person, on).leads
        return self if leads else self.filter(achievement__person=person)


class Certificate(models.Model):
    """The paper about one achievement. It goes on saying what it said, whatever becomes of names and titles."""

    achievement = models.OneToOneField(Achievement, on_delete=models.CASCADE, related_name="certificate")
    number = models.CharField(max_length=20, unique=True, help_text="drawn by chance: whoever has it may check it")
    name = models.CharField(max_length=220)
    course = models.CharField(max_length=200)
    cpd_hours = models.DecimalField("CPD hours", max_digits=5, decimal_places=2)
    issued_at = models.DateTimeField()

    objects = CertificateQuerySet.as_manager()

    def __str__(self) -> str:
        return self.number

    @property
    def address(self) -> str:
        """Where anyone can check it."""
        return settings.SITE_URL + reverse("certificate", args=[self.number])
