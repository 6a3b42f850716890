"""What cohorts add to 'your list'."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.urls import reverse

from academy.lib import registry
from academy.lib.dates import add_months
from academy.lib.registry import Todo
from academy.lib.text import plural
from cohorts.stats import under_way
from partners.models import Person
from partners.permissions import AccessRole

AHEAD = timedelta(days=30)


@registry.todo(AccessRole.PRACTICE_LEAD)
def reviews_coming_up(person: Person, on: date) -> Iterator[Todo]:
    """For practice leads: stages that their members reach within 30 days."""
    versions = (
        under_way(on)
        .filter(practice_lead=person)
        .select_related("identity__person", "identity__cohort")
        .prefetch_related("identity__cohort__version__stages")
    )
    coming: dict[tuple, int] = {}
    for version in versions:
        for stage in version.identity.cohort.version.stages.all():
            due = add_months(version.start_date, stage.month)
            if stage.required and on <= due <= on + AHEAD:
                key = (stage.name, version.identity.cohort, due)
                coming[key] = coming.get(key, 0) + 1
    for (stage, cohort, due), count in coming.items():
        text = f"{stage} for {plural(count, 'member', 'members')} of {cohort.name}"
        yield Todo(text=text, url=reverse("cohort", args=[cohort.pk]), due=due)
