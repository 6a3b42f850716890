"""What WHO adds to 'your list'."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.conf import settings
from django.db.models import Count, Min, QuerySet
from django.urls import reverse

from academy.lib import registry
from academy.lib.dates import london_day
from academy.lib.registry import Todo
from academy.lib.text import day, plural
from partners.models import Employment, Grant, Import, Person, SignUp
from partners.models.merges import count_possible_duplicates
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


@registry.todo(AccessRole.COORDINATOR, AccessRole.LEAD)
def imports_to_decide(person: Person, on: date) -> Iterator[Todo]:
    """For coordinators and leads: files of people that wait until somebody says what they mean or takes them in."""
    waiting = Import.objects.visible_to(person, on).filter(state__in=[Import.State.MATCHING, Import.State.CHECKED])
    found = waiting.aggregate(count=Count("pk"), first=Min("pk"), since=Min("at"))
    if count := found["count"]:
        sent = day(london_day(found["since"]))
        yield Todo(
            text=f"Decide about {plural(count, 'file', 'files')} of people",
            url=reverse("import", args=[found["first"]]) if count == 1 else reverse("imports"),
            detail=f"Sent on {sent}" if count == 1 else f"The first was sent on {sent}",
        )


DUPLICATES = 50


@registry.todo(AccessRole.LEAD)
def duplicates_to_look_at(person: Person, on: date) -> Iterator[Todo]:
    """For academy leads: pairs of records that may be one person."""
    if count := count_possible_duplicates(DUPLICATES):
        more = " or more" if count == DUPLICATES else ""
        pairs = plural(count, "pair of records is one person", f"pairs of records{more} are one person each")
        yield Todo(text=f"Look whether {pairs}", url=reverse("duplicates"))


@registry.todo(AccessRole.ADMINISTRATOR)
def access_roles_that_end(person: Person, on: date) -> Iterator[Todo]:
    """For administrators: access roles that end within 30 days, before somebody finds a door shut."""
    found = Grant.objects.ending(on).aggregate(count=Count("pk"), first=Min("pk"), soonest=Min("to_date"))
    if count := found["count"]:
        yield Todo(
            text=f"Decide about {plural(count, 'access role that ends', 'access roles that end')} soon",
            url=reverse("access_role", args=[found["first"]]) if count == 1 else reverse("access_roles") + "?ending=1",
            due=found["soonest"],
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
