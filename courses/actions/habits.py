"""Where and on which days somebody learns best."""

from collections.abc import Sequence

from courses.models import Habits
from partners.models import Person


def remember(*, person: Person, days: Sequence[int], areas: Sequence[str]) -> Habits:
    """What the catalogue starts from for this person, until they say otherwise."""
    return Habits.objects.update_or_create(person=person, defaults={"days": list(days), "areas": list(areas)})[0]
