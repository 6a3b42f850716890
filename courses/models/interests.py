"""Who waits for a date of a course."""

from datetime import date
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from academy.lib.dates import LONDON
from courses.models.courses import Course
from courses.models.runs import Run
from courses.models.states import WrongState
from partners.models import Person


class InterestQuerySet(models.QuerySet):
    def waiting(self) -> Self:
        """Those who still wait, the first one first."""
        return self.filter(state=Interest.State.WAITING).order_by("asked_at", "pk")

    def visible_to(self, person: Person, on: date) -> Self:
        """One's own."""
        return self.filter(person=person)


class Interest(models.Model):
    """Somebody wants to be told of dates of a course; or, in its queue, to get a place on the next date that suits."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        MET = "met", "Booked"
        ENDED = "ended", "No longer wanted"

    NEXT = {
        State.WAITING: {State.MET, State.ENDED},
        State.MET: {State.WAITING},
        State.ENDED: {State.WAITING},
    }

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="interests")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="interests")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    wants_place = models.BooleanField(default=False, help_text="in the course's queue: a place is held for them")
    days = ArrayField(
        models.PositiveSmallIntegerField(), blank=True, default=list, help_text="1 Monday to 7 Sunday; none: any day"
    )
    areas = ArrayField(models.CharField(max_length=100), blank=True, default=list, help_text="none: anywhere")
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = InterestQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["course", "asked_at"], condition=Q(state="waiting"), name="interest_in_a_course")
        ]
        constraints = [
            models.UniqueConstraint(fields=["course", "person"], name="one_waits_for_a_course_once"),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.course}"

    def suits(self, run: Run) -> bool:
        """Whether every session of `run` is on the days and in the areas that were named. Online suits every area.

        Needs the run's sessions with their rooms.
        """
        return all(self._suits(session) for session in run.sessions.all())

    def _suits(self, session) -> bool:
        on_day = not self.days or session.starts_at.astimezone(LONDON).isoweekday() in self.days
        return on_day and (not self.areas or session.room is None or session.room.area in self.areas)

    def move_to(self, state: str, **fields: object) -> None:
        """Change state by the table NEXT, if nobody else was first. Raises WrongState."""
        moved = Interest.objects.filter(pk=self.pk, state=self.state).update(state=state, **fields)
        if state not in self.NEXT.get(self.state, set()) or not moved:
            raise WrongState("You no longer wait for this course.")
        for name, value in {"state": state, **fields}.items():
            setattr(self, name, value)


class Habits(models.Model):
    """Where and on which days somebody learns best: what the catalogue starts from."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="habits")
    days = ArrayField(models.PositiveSmallIntegerField(), blank=True, default=list, help_text="1 Monday to 7 Sunday")
    areas = ArrayField(models.CharField(max_length=100), blank=True, default=list)

    class Meta:
        verbose_name_plural = "habits"

    def __str__(self) -> str:
        return f"{self.person}"
