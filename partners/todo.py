"""What WHO adds to 'your list'."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.conf import settings
from django.db.models import Count, Min, QuerySet
from django.urls import reverse

from academy.lib import registry
from academy.lib.dates import london_day
from academy.lib.registry import Todo
from academy.lib.text import plural
from partners.models import Employment, Grant, Person, SignUp
from partners.permissions import AccessRole


@registry.todo(AccessRole.COORDINATOR)
def addresses_to_put_right(person: Person, on: date) -> Iterator[Todo]:
    """For coordinators: people of their agencies whose mail is refused, so that they hear nothing from the academy."""
    duties = Grant.objects.duties_of(person, on)
    colleagues = Employment.objects.in_post(on).coordinated(duties).values("person")
    if count := Person.objects.mail_refused().filter(pk__in=colleagues).count():
        yield Todo(
            text=f"Put right the e-mail address of {plural(count, 'person', 'people')} whose mail is refused",
            url=reverse("people") + "?refused=1",
        )


@registry.todo(AccessRole.COORDINATOR)
def people_who_ask_to_be_added(person: Person, on: date) -> Iterator[Todo]:
    """For coordinators: who asks to be added to what they coordinate."""
    duties = Grant.objects.duties_of(person, on)
    yield from _asking(SignUp.objects.waiting().coordinated(duties), "")


@registry.todo(AccessRole.LEAD)
def people_whom_nobody_else_can_answer(person: Person, on: date) -> Iterator[Todo]:
    """For leads: who asks to be added where nobody coordinates."""
    yield from _asking(SignUp.objects.waiting().without_coordinator(on), "Where they work, nobody coordinates.")


def _asking(sign_ups: QuerySet[SignUp], detail: str) -> Iterator[Todo]:
    found = sign_ups.order_by().aggregate(count=Count("pk"), first=Min("asked_at"))
    if count := found["count"]:
        due = london_day(found["first"]) + timedelta(days=settings.SIGN_UP_WAITS_DAYS)
        who = f"{plural(count, 'person', 'people')} who {'asks' if count == 1 else 'ask'} to be added"
        yield Todo(text=f"Answer {who}", url=reverse("sign_ups"), due=due, detail=detail)
