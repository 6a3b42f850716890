"""The people one answers for, and those among them who need a look."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet

from academy.lib.dates import end_of_day, start_of_day
from courses.models import Booking
from partners.models import Employment, Person

WEEK = timedelta(days=6)  # today is the first of its seven days
MONTH = timedelta(days=30)


def people_of(viewer: Person, on: date) -> QuerySet[Person]:
    """Those whom `viewer` manages, coordinates or leads. Who was erased is counted in figures, and listed nowhere."""
    return Person.objects.visible_to(viewer, on).exclude(pk=viewer.pk).filter(erasure=None)


def _refused(people: QuerySet[Person], viewer: Person, on: date) -> QuerySet[Person]:
    return people.mail_refused()


def _without_address(people: QuerySet[Person], viewer: Person, on: date) -> QuerySet[Person]:
    return people.employed(on).filter(email="")


def _leaving(people: QuerySet[Person], viewer: Person, on: date) -> QuerySet[Person]:
    """By posts that `viewer` keeps: a coordinator does not learn here of somebody's second job elsewhere."""
    posts = Employment.objects.in_post(on).kept_by(viewer, on).filter(versions__end_date__lte=on + MONTH)
    return people.filter(pk__in=posts.values("person"))


def _on_training(people: QuerySet[Person], viewer: Person, on: date) -> QuerySet[Person]:
    days = (start_of_day(on), end_of_day(on + WEEK))
    booked = Booking.objects.booked().filter(run__state="published", run__sessions__starts_at__range=days)
    return people.filter(pk__in=booked.values("person"))


@dataclass(frozen=True)
class Some:
    """Some of the people one answers for, asked for by that name in the address of their page."""

    name: str
    words: str  # after 'people': '3 people whose mail is refused'
    among: Callable[[QuerySet[Person], Person, date], QuerySet[Person]]
    why: str = ""


SOME = {
    some.name: some
    for some in (
        Some("training", "on training in the next 7 days", _on_training),
        Some("refused", "whose mail is refused", _refused),
        Some("no_address", "without an e-mail address", _without_address, "They hear nothing from the academy"),
        Some("leaving", "with their last day in the next 30 days", _leaving),
    )
}
