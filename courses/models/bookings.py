"""Places on runs, and places in their queues."""

from datetime import date, datetime
from typing import Self

from django.db import models
from django.db.models import Q

from academy.lib.dates import london_day, working_days_before
from academy.lib.of_row import OfRow
from courses.models.states import WrongState
from partners.models import Agency, Person

_UNANSWERED = """EXISTS (
    SELECT FROM courses_bookingquestion q JOIN courses_run r ON r.course_id = q.course_id
    WHERE r.id = {row}.run_id AND q.required AND NOT {row}.answers ? q.id::text
)"""


class BookingQuerySet(models.QuerySet):
    def live(self) -> Self:
        """Bookings that hold a place or wait for one."""
        return self.filter(state__in=Booking.LIVE)

    def booked(self) -> Self:
        return self.filter(state=Booking.State.BOOKED)

    def holding(self) -> Self:
        """Bookings that count against a run's places: places, and offers of one until they run out. Whoever came
        unbooked takes the seat of somebody who did not come."""
        return self.filter(state__in=Booking.HOLDING, walk_in=False)

    def waiting_in_queue(self) -> Self:
        """Those who wait, the first one first."""
        return self.filter(state=Booking.State.QUEUED).order_by("queue_position")

    def with_unanswered(self) -> Self:
        """Adds `unanswered`: whether there is no answer to something that the course must know."""
        return self.annotate(unanswered=OfRow(_UNANSWERED, []))

    def visible_to(self, person: Person, on: date) -> Self:
        """Own bookings, those of people whose record one may open, and those on runs that one teaches."""
        people = Person.objects.visible_to(person, on)
        return self.filter(Q(person__in=people) | Q(run__in=person.teaches.values("pk")))

    def kept_by(self, person: Person, on: date) -> Self:
        """Bookings that `person` may change: the own, and those of people for whom they may book."""
        return self.filter(person__in=Person.objects.visible_to(person, on))


class Booking(models.Model):
    """One person's place on one run, or place in its queue."""

    class State(models.TextChoices):
        BOOKED = "booked", "Booked"
        QUEUED = "queued", "In the queue"
        OFFERED = "offered", "Place offered"
        GIVEN_UP = "given_up", "Given up"
        HANDED_ON = "handed_on", "Handed to a colleague"
        LEFT_QUEUE = "left_queue", "Left the queue"
        NO_PLACE = "no_place", "No place came up"
        DECLINED = "declined", "Offer declined"
        LAPSED = "lapsed", "Offer ran out"
        REFUSED = "refused", "Not approved"
        CANCELLED = "cancelled", "Run cancelled"

    S = State
    LIVE = [S.BOOKED, S.QUEUED, S.OFFERED]
    HOLDING = [S.BOOKED, S.OFFERED]
    NEXT = {
        S.QUEUED: {S.BOOKED, S.OFFERED, S.LEFT_QUEUE, S.NO_PLACE, S.REFUSED, S.CANCELLED},
        S.OFFERED: {S.BOOKED, S.DECLINED, S.LAPSED, S.REFUSED, S.CANCELLED},
        S.BOOKED: {S.GIVEN_UP, S.HANDED_ON, S.REFUSED, S.CANCELLED},
    }

    run = models.ForeignKey("courses.Run", on_delete=models.PROTECT, related_name="bookings")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="bookings")
    agency = models.ForeignKey(
        Agency, null=True, on_delete=models.PROTECT, related_name="bookings", help_text="whose place it was, then"
    )
    reference = models.CharField(max_length=20, unique=True)
    state = models.CharField(max_length=10, choices=State)
    queue_position = models.PositiveIntegerField(null=True, blank=True)
    asked_at = models.DateTimeField()
    booked_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    offer_until = models.DateTimeField(null=True, blank=True, help_text="when an offer runs out")
    booked_by = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", help_text="who asked for it"
    )
    replaces = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="replaced_by",
        help_text="another date of the course, given up once this one has a place",
    )
    handed_from = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="handed_to",
        help_text="whose place it was",
    )
    walk_in = models.BooleanField(db_default=False, default=False, help_text="came unbooked, on the day")
    answers = models.JSONField(
        db_default=models.Value({}, models.JSONField()),
        default=dict,
        help_text="to the course's questions, by their id",
    )
    # What was agreed when it was made, whatever becomes of the policy.
    fee = models.DecimalField(max_digits=8, decimal_places=2, db_default=0, default=0, help_text="pounds")
    free_until_days = models.PositiveSmallIntegerField(
        db_default=0, default=0, help_text="working days before the run until which giving up costs nothing"
    )
    late_charge = models.DecimalField(max_digits=8, decimal_places=2, db_default=0, default=0, help_text="pounds")
    no_show_charge = models.DecimalField(max_digits=8, decimal_places=2, db_default=0, default=0, help_text="pounds")
    late_is_absent = models.BooleanField(db_default=False, default=False, help_text="who comes late was not there")
    calendar_sequence = models.PositiveIntegerField(
        db_default=0, default=0, help_text="rises with each change that a calendar must show"
    )

    objects = BookingQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["person", "-asked_at"], name="bookings_of_a_person"),
            models.Index(fields=["offer_until"], condition=Q(state="offered"), name="offers_that_run_out"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "person"],
                condition=Q(state__in=["booked", "queued", "offered"]),
                name="one_live_booking_per_person_and_run",
            ),
            models.UniqueConstraint(
                fields=["run", "queue_position"],
                condition=Q(state="queued"),
                name="one_person_at_each_place_in_a_queue",
            ),
            models.CheckConstraint(
                condition=Q(state="queued", queue_position__isnull=False)
                | ~Q(state="queued") & Q(queue_position__isnull=True),
                name="only_those_who_wait_have_a_place_in_the_queue",
            ),
            models.CheckConstraint(
                condition=~Q(state="offered") | Q(offer_until__isnull=False), name="an_offer_runs_out_some_time"
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_live(self) -> bool:
        return self.state in self.LIVE

    @property
    def waits_for_approval(self) -> bool:
        """Whether somebody has still to say that it may stand."""
        return any(approval.state == "waiting" for approval in self.approvals.all())

    @property
    def free_until(self) -> date:
        """The last day on which giving it up costs nothing. Needs the run."""
        return working_days_before(london_day(self.run.starts_at), self.free_until_days)

    def is_late(self, at: datetime) -> bool:
        """Whether giving it up at `at` comes later than was agreed. Needs the run."""
        return bool(self.free_until_days) and london_day(at) > self.free_until

    @property
    def result(self) -> str:
        """What came of it once the run is over, as its owner would say it. Needs the run and its achievement."""
        if self.state != self.State.BOOKED:
            return self.get_state_display()
        if hasattr(self, "achievement") and self.achievement.revoked_at is None:
            return "Completed"
        return "Not completed" if self.run.state == "completed" else "Register still open"

    def move_to(self, state: str, **fields: object) -> None:
        """Change state by the table NEXT, if nobody else was first. Raises WrongState."""
        if state not in self.NEXT.get(self.state, set()):
            raise WrongState(f"This booking is {self.get_state_display().lower()}.")
        fields |= {"state": state, "queue_position": None}
        if not Booking.objects.filter(pk=self.pk, state=self.state).update(**fields):
            raise WrongState("Someone else changed this booking a moment ago. Look at it again.")
        for name, value in fields.items():
            setattr(self, name, value)

    def place_in_queue(self) -> int | None:
        """1 for the next in line; None for those who do not wait."""
        if self.queue_position is None:
            return None
        ahead = Booking.objects.filter(run=self.run_id, queue_position__lte=self.queue_position)
        return ahead.waiting_in_queue().count()
