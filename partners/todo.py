"""What WHO adds to 'your list'."""

from collections.abc import Iterator
from datetime import date

from django.urls import reverse

from academy.lib import registry
from academy.lib.registry import Todo
from academy.lib.text import plural
from partners.models import Employment, Grant, Person
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
