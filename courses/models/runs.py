"""Bookable occurrences of a course, and their sessions."""

from datetime import date, datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Count, F, Q
from django.db.models.expressions import RawSQL

from academy.lib.dates import london_day
from academy.lib.text import day
from courses.models.bookings import Booking
from courses.models.states import WrongState
from partners.models import Grant, Person
from partners.permissions import AccessRole


def _count(state: str) -> RawSQL:
    """How many bookings of a run are in that state."""
    count = "(SELECT count(*) FROM courses_booking b WHERE b.run_id = courses_run.id AND b.state = %s)"
    return RawSQL(count, [state], models.IntegerField())


_SEEN = """(
    courses_run.state <> 'draft'
    OR EXISTS (SELECT FROM courses_run_trainers t WHERE t.run_id = courses_run.id AND t.person_id = %s)
    OR EXISTS (
        SELECT FROM partners_grant g WHERE g.person_id = %s AND g.access_role = 'lead'
            AND g.from_date <= %s AND (g.to_date IS NULL OR g.to_date > %s)
    )
)"""


class RunQuerySet(models.QuerySet):
    def bookable(self, at: datetime) -> Self:
        """Runs that are published and have not started."""
        return self.filter(state=Run.State.PUBLISHED, starts_at__gt=at)

    def with_counts(self) -> Self:
        """Adds `booked` and `queued`: how many hold a place, how many wait for one.

        SQL, because every page of runs counts: building the same from querysets took 3 ms of Python a page.
        """
        return self.annotate(booked=_count(Booking.State.BOOKED), queued=_count(Booking.State.QUEUED))

    def with_places(self, at: datetime) -> Self:
        """Bookable runs with a place to be had at once."""
        taken = Booking.objects.live().filter(run__state=Run.State.PUBLISHED, run__starts_at__gt=at).values("run")
        booked = Count("pk", filter=Q(state=Booking.State.BOOKED))
        queued = Count("pk", filter=Q(state=Booking.State.QUEUED))
        full = taken.annotate(booked=booked, queued=queued).filter(Q(booked__gte=F("run__capacity")) | Q(queued__gt=0))
        return self.bookable(at).exclude(pk__in=full.values("run"))

    def taught_by(self, person: Person) -> Self:
        return self.filter(trainers=person)

    def visible_to(self, person: Person, on: date) -> Self:
        """Everyone sees published and past runs; drafts are for their trainers and for leads. SQL, as `with_counts`."""
        return self.filter(RawSQL(_SEEN, [person.pk, person.pk, on, on], models.BooleanField()))

    def kept_by(self, person: Person, on: date) -> Self:
        """Runs whose register and results `person` may see: those they teach; all, for a lead."""
        if Grant.objects.held_by(person, on).filter(access_role=AccessRole.LEAD, agency=None).exists():
            return self
        return self.taught_by(person)


class Run(models.Model):
    """One bookable occurrence of a course, with a capacity and one or more sessions."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Open for booking"
        CANCELLED = "cancelled", "Cancelled"
        COMPLETED = "completed", "Completed"

    NEXT = {
        State.DRAFT: {State.PUBLISHED, State.CANCELLED},
        State.PUBLISHED: {State.CANCELLED, State.COMPLETED},
    }

    course = models.ForeignKey("courses.Course", on_delete=models.PROTECT, related_name="runs")
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    capacity = models.PositiveIntegerField()
    trainers = models.ManyToManyField(Person, related_name="teaches", blank=True)
    starts_at = models.DateTimeField(help_text="of the first session; kept by the actions that set sessions")
    ends_at = models.DateTimeField(help_text="of the last session")

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "pk"]
        indexes = [
            models.Index(fields=["course", "starts_at"], condition=Q(state="published"), name="runs_to_come"),
            models.Index(fields=["starts_at"], name="runs_by_start"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="a_run_ends_after_it_starts"),
        ]

    def __str__(self) -> str:
        return f"{self.course}, {day(london_day(self.starts_at))}"

    def has_started(self, at: datetime) -> bool:
        return self.starts_at <= at

    def has_ended(self, at: datetime) -> bool:
        return self.ends_at <= at

    def is_near(self, at: datetime) -> bool:
        """Whether its trainers must know what people need: from some days before it begins to some days after it."""
        days = timedelta(days=settings.ACCESS_NEEDS_SHOWN_DAYS)
        return self.starts_at - days <= at <= self.ends_at + days

    @property
    def last_day(self) -> date:
        """The London date of the last session: what follow-ups count from."""
        return london_day(self.ends_at)

    @property
    def places_left(self) -> int:
        """Places to be had at once. Needs `with_counts`; a queue means none, whatever the count."""
        return 0 if self.queued else max(0, self.capacity - self.booked)

    def move_to(self, state: str) -> None:
        """Change state by the table NEXT, if nobody else was first. Raises WrongState."""
        allowed = [old for old, after in self.NEXT.items() if state in after]
        if not Run.objects.filter(pk=self.pk, state__in=allowed).update(state=state):
            raise WrongState(f"This run is {self.get_state_display().lower()}; it cannot become {state}.")
        self.state = state


class Session(models.Model):
    """One date and time slot of a run, in a venue or online."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="sessions")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    venue = models.CharField(max_length=200, help_text="a room, or 'Online'")

    class Meta:
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="a_session_ends_after_it_starts"),
            models.UniqueConstraint(fields=["run", "starts_at"], name="a_run_has_one_session_at_a_time"),
        ]

    def __str__(self) -> str:
        return f"{self.venue}, {london_day(self.starts_at)}"
