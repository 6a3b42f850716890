"""Messages to send, and what became of them."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from academy.lib.dates import add_months
from courses.models import Achievement, Booking
from evaluation.actions import follow_ups
from partners import outbox
from partners.models import OutboxMessage
from tests.factories import CourseFactory, crowd, planned_run
from tests.outbox.sink import Sink, accept

State = OutboxMessage.State
ABOUT_PRACTICE = {"evaluation.follow_up", "evaluation.reminder"}


@dataclass
class Post:
    """The messages of one test, seen from both ends."""

    sink: Sink
    after: int  # the last message that was there before

    @property
    def messages(self) -> QuerySet[OutboxMessage]:
        return OutboxMessage.objects.filter(pk__gt=self.after)

    def waits(self) -> bool:
        """Whether any is still to be taken by a sender."""
        return self.messages.filter(state=State.QUEUED).exists()

    def states(self) -> Counter[str]:
        return Counter(self.messages.values_list("state", flat=True))

    def came(self, *, surveys: bool) -> dict[str, list[str]]:
        """The Message-IDs that came to each address that was to get a survey, or else any other message."""
        wanted = (
            self.messages.filter(kind__in=ABOUT_PRACTICE) if surveys else self.messages.exclude(kind__in=ABOUT_PRACTICE)
        )
        came: dict[str, list[str]] = {address: [] for address in wanted.values_list("person__email", flat=True)}
        for mail in self.sink.mail:
            if mail["To"] in came:
                came[mail["To"]].append(mail["Message-ID"])
        return came


def begin(sink: Sink, on_data: Callable[[int, str], str] = accept, seconds: float = 0) -> Post:
    """From here on the server keeps mail anew, and behaves as told."""
    latest = OutboxMessage.objects.order_by("pk").last()
    sink.mail.clear()
    sink.received = sink.most_at_once = 0
    sink.on_data, sink.seconds = on_data, seconds
    return Post(sink, latest.pk if latest else 0)


def letters(count: int, at: datetime) -> None:
    """Queue letters to so many people who hold a place."""
    run = planned_run(starts_at=at + timedelta(days=30), capacity=count)
    held = Booking.objects.bulk_create(
        Booking(run=run, person=person, reference=f"F-{person.pk}", state="booked", asked_at=at, booked_at=at)
        for person in crowd(count)
    )
    outbox.queue(
        *(
            outbox.new("courses.place_booked", key=str(one.pk), person=one.person_id, at=at, booking=one.pk)
            for one in held
        )
    )


def achievements(count: int, at: datetime) -> None:
    """So many people whose first follow-up fell due a week ago and is not planned yet."""
    course, day = CourseFactory(), add_months((at - timedelta(days=10)).date(), -3)
    Achievement.objects.bulk_create(
        Achievement(person=person, course=course, completed_on=day, recorded_at=at) for person in crowd(count)
    )


def shuffled(count: int, at: datetime, chance: random.Random) -> None:
    """Queue so many letters, and half as many surveys among them, all at once."""
    with transaction.atomic():
        letters(count - count // 3, at)
        achievements(count // 3, at)
        follow_ups.plan(at)
        follow_ups.send_due(at)
        waiting = list(OutboxMessage.objects.filter(created_at=at))
        chance.shuffle(waiting)
        for number, message in enumerate(waiting):
            message.due_at = at - timedelta(hours=1) + timedelta(milliseconds=number)
        OutboxMessage.objects.bulk_update(waiting, ["due_at"], batch_size=2000)
