"""That a person has completed a course."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q

from courses.models.bookings import Booking
from courses.models.courses import Course
from courses.models.runs import Run
from partners.models import Person


class AchievementQuerySet(models.QuerySet):
    def standing(self) -> Self:
        """Those not revoked."""
        return self.filter(revoked_at=None)

    def visible_to(self, person: Person, on: date) -> Self:
        return self.filter(person__in=Person.objects.visible_to(person, on))


class Achievement(models.Model):
    """A person has completed a course on a date. Revocable, never changed; what follows hangs on it."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="achievements")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="achievements")
    run = models.ForeignKey(Run, null=True, blank=True, on_delete=models.PROTECT, related_name="achievements")
    booking = models.OneToOneField(Booking, null=True, blank=True, on_delete=models.PROTECT, related_name="achievement")
    completed_on = models.DateField(help_text="the last session's date")
    recorded_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = AchievementQuerySet.as_manager()

    class Meta:
        ordering = ["-completed_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "course", "completed_on"],
                condition=Q(revoked_at=None),
                name="a_course_is_completed_once_on_a_day",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.course}, {self.completed_on}"
