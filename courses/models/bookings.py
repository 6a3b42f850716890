"""Places on runs, and places in their queues."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q

from courses.models.states import WrongState
from partners.models import Agency, Person


class BookingQuerySet(models.QuerySet):
    def live(self) -> Self:
        """Bookings that hold a place or wait for one."""
        return self.filter(state__in=Booking.LIVE)

    def booked(self) -> Self:
        return self.filter(state=Booking.State.BOOKED)

    def waiting_in_queue(self) -> Self:
        """Those who wait, the first one first."""
        return self.filter(state=Booking.State.QUEUED).order_by("queue_position")

    def visible_to(self, person: Person, on: date) -> Self:
        """Own bookings, those of people whose record one may open, and those on runs that one teaches."""
        people = Person.objects.visible_to(person, on)
        return self.filter(Q(person__in=people) | Q(run__in=person.teaches.values("pk")))


class Booking(models.Model):
    """One person's place on one run, or place in its queue."""

    class State(models.TextChoices):
        BOOKED = "booked", "Booked"
        QUEUED = "queued", "In the queue"
        GIVEN_UP = "given_up", "Given up"
        LEFT_QUEUE = "left_queue", "Left the queue"
        NO_PLACE = "no_place", "No place came up"

    LIVE = [State.BOOKED, State.QUEUED]
    NEXT = {
        State.QUEUED: {State.BOOKED, State.LEFT_QUEUE, State.NO_PLACE},
        State.BOOKED: {State.GIVEN_UP},
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

    objects = BookingQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["person", "-asked_at"], name="bookings_of_a_person")]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "person"],
                condition=Q(state__in=["booked", "queued"]),
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
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_live(self) -> bool:
        return self.state in self.LIVE

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
