"""What privacy adds to 'your list'."""

from collections.abc import Iterator
from datetime import date

from django.urls import reverse

from academy.lib import registry
from academy.lib.registry import Todo
from academy.lib.text import plural
from academy.privacy.models import Hold
from partners.models import Person
from partners.permissions import AccessRole


@registry.todo(AccessRole.ADMINISTRATOR)
def holds_to_review(person: Person, on: date) -> Iterator[Todo]:
    """For administrators: legal holds whose day for another look has come."""
    days = list(Hold.objects.to_review(on).values_list("review_on", flat=True))
    if days:
        yield Todo(
            text=f"Look whether {plural(len(days), 'legal hold is', 'legal holds are')} still needed",
            url=reverse("privacy_desk"),
            due=min(days),
        )
