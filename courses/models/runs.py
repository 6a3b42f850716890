"""Bookable occurrences of a course, and their sessions."""

from datetime import date, datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Count, F, Q

from academy.lib.dates import london_day
from academy.lib.of_row import OfRow
from academy.lib.text import day, within
from courses.models import sight
from courses.models.bookings import Booking
from courses.models.states import WrongState
from partners.models import Agency, AgencyKind, Grant, Person


def _count(states: list[str]) -> OfRow:
    """How many bookings of a run are in those states, apart from people who came unbooked."""
    count = "(SELECT count(*) FROM courses_booking b WHERE b.run_id = {row}.id AND b.state = ANY(%s) AND NOT walk_in)"
    return OfRow(count, [states], models.IntegerField())


_SEEN = """(
    EXISTS (
        SELECT FROM courses_course c WHERE c.id = {{row}}.course_id
            AND ({{row}}.state <> 'draft' AND {open} OR {kept})
    )
    OR EXISTS (SELECT FROM courses_booking b WHERE b.run_id = {{row}}.id AND b.person_id = %s)
    OR EXISTS (SELECT FROM courses_run_trainers t WHERE t.run_id = {{row}}.id AND t.person_id = %s)
)"""


def _seen(person: Person, on: date) -> sight.Sql:
    (open_sql, open_values), (kept_sql, kept_values) = (
        sight.is_open("c", person, on),
        sight.is_kept("c", person, on),
    )
    return _SEEN.format(open=open_sql, kept=kept_sql), [*open_values, *kept_values, person.pk, person.pk]


class RunQuerySet(models.QuerySet):
    def bookable(self, at: datetime) -> Self:
        """Runs that are published and have not started."""
        return self.filter(state=Run.State.PUBLISHED, starts_at__gt=at)

    def with_counts(self) -> Self:
        """Adds `booked` and `queued`: how many hold a place, or an offer of one, and how many wait for one.

        SQL, because every page of runs counts: building the same from querysets took 3 ms of Python a page.
        """
        return self.annotate(booked=_count(Booking.HOLDING), queued=_count([Booking.State.QUEUED]))

    def with_places(self, at: datetime) -> Self:
        """Bookable runs with a place to be had at once."""
        taken = Booking.objects.live().filter(run__state=Run.State.PUBLISHED, run__starts_at__gt=at).values("run")
        booked = Count("pk", filter=Q(state__in=Booking.HOLDING, walk_in=False))
        queued = Count("pk", filter=Q(state=Booking.State.QUEUED))
        full = taken.annotate(booked=booked, queued=queued).filter(Q(booked__gte=F("run__capacity")) | Q(queued__gt=0))
        return self.bookable(at).exclude(pk__in=full.values("run"))

    def taught_by(self, person: Person) -> Self:
        return self.filter(trainers=person)

    def visible_to(self, person: Person, on: date) -> Self:
        """Published and past runs of courses that are for one's agency, and those on which one was booked; drafts are
        for their trainers and for those who keep the course. SQL, as `with_counts`."""
        return self.filter(OfRow(*_seen(person, on)))

    def kept_by(self, person: Person, on: date) -> Self:
        """Runs whose register and results `person` may see: those they teach, and those of courses that they keep."""
        duties = Grant.objects.duties_of(person, on)
        if duties.leads:
            return self
        taught = Q(pk__in=person.teaches.values("pk"))
        return self.filter(taught | Q(course__owner__in=duties.agencies))

    def planned_by(self, person: Person, on: date) -> Self:
        """Runs that `person` may plan, change and cancel: those of courses that they keep."""
        duties = Grant.objects.duties_of(person, on)
        return self if duties.leads else self.filter(course__owner__in=duties.agencies)


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
    minimum = models.PositiveIntegerField(
        db_default=0, default=0, help_text="with fewer people it is not worth holding; leads are warned"
    )
    books_from = models.DateTimeField(null=True, blank=True, help_text="when booking opens; empty: once published")
    books_until = models.DateTimeField(null=True, blank=True, help_text="when it closes; empty: as the run starts")
    cost = models.DecimalField(
        max_digits=9, decimal_places=2, null=True, blank=True, help_text="pounds that holding it costs the academy"
    )
    joining = models.TextField(
        "joining instructions", blank=True, db_default="", default="", help_text="what to bring or to read before"
    )
    recording_url = models.URLField(
        "link to the recording", blank=True, db_default="", default="", help_text="shown afterwards to those booked"
    )
    notes = models.TextField(
        "trainer’s notes", blank=True, db_default="", default="", help_text="for the academy; never about a person"
    )
    cancel_reason = models.CharField(max_length=300, blank=True, db_default="", default="", help_text="told to people")

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "pk"]
        indexes = [
            models.Index(fields=["course", "starts_at"], condition=Q(state="published"), name="runs_to_come"),
            models.Index(fields=["starts_at"], name="runs_by_start"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="a_run_ends_after_it_starts"),
            models.CheckConstraint(
                condition=Q(books_from=None) | Q(books_until=None) | Q(books_until__gt=F("books_from")),
                name="booking_closes_after_it_opens",
            ),
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


class KeptPlaces(models.Model):
    """Places of a run that only people of one agency, or of one kind of agency, may have until a moment."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="kept_places")
    agency = models.ForeignKey(Agency, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    agency_kind = models.CharField(max_length=20, choices=AgencyKind, blank=True)
    places = models.PositiveIntegerField()
    until = models.DateTimeField(help_text="then they are anybody's")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(agency__isnull=False, agency_kind="") | Q(agency__isnull=True) & ~Q(agency_kind=""),
                name="places_are_kept_for_an_agency_or_for_a_kind",
            ),
            models.UniqueConstraint(
                fields=["run", "agency", "agency_kind"], nulls_distinct=False, name="places_are_kept_once_for_each"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.places} for {self.agency or within(self.get_agency_kind_display())}"


class Room(models.Model):
    """Where sessions are held."""

    name = models.CharField(max_length=200, unique=True, help_text="as people find it: The Old Mill, Weir room")
    area = models.CharField(max_length=100, blank=True, help_text="the town or district: by this people look near them")
    address = models.CharField(max_length=300, blank=True)
    seats = models.PositiveIntegerField()
    directions = models.TextField(blank=True, help_text="how to get there, parking, step-free access, hearing loop")
    in_use = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class SessionQuerySet(models.QuerySet):
    def joinable_by(self, person: Person, on: date) -> Self:
        """Sessions of runs on which `person` has a place, and of those whose register they keep."""
        booked = Booking.objects.booked().filter(person=person).values("run")
        return self.filter(Q(run__in=booked) | Q(run__in=Run.objects.kept_by(person, on).values("pk")))


class Session(models.Model):
    """One date and time slot of a run, in a venue or online."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="sessions")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    venue = models.CharField(max_length=200, help_text="a room, or 'Online'; as people read it")
    room = models.ForeignKey(Room, null=True, blank=True, on_delete=models.PROTECT, related_name="sessions")
    join_url = models.URLField(
        "joining link", blank=True, db_default="", default="", help_text="shown near the start to those booked"
    )

    objects = SessionQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "pk"]
        indexes = [models.Index(fields=["room", "starts_at"], name="sessions_in_a_room")]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="a_session_ends_after_it_starts"),
            models.UniqueConstraint(fields=["run", "starts_at"], name="a_run_has_one_session_at_a_time"),
        ]

    def __str__(self) -> str:
        return f"{self.venue}, {london_day(self.starts_at)}"

    @property
    def link_opens(self) -> datetime:
        """When the joining link is shown: a day before the session."""
        return self.starts_at - timedelta(hours=settings.JOINING_LINK_SHOWN_HOURS)

    def link_at(self, at: datetime) -> str:
        """The joining link, from a day before the session until it ends; else nothing."""
        return self.join_url if self.link_opens <= at < self.ends_at else ""
