"""What cohorts show practice leads and mentors in the morning."""

from collections import defaultdict
from datetime import date

from django.db.models import Q
from django.urls import reverse

from academy.lib import registry
from academy.lib.dates import add_months
from academy.lib.registry import Line, Section
from academy.lib.text import day, in_words
from cohorts.models import Cohort, MemberVersion
from cohorts.stats import under_way
from partners.models import Person
from partners.permissions import AccessRole

MOST = 6


@registry.section(50, AccessRole.PRACTICE_LEAD, AccessRole.MENTOR)
def next_stages(person: Person, on: date) -> Section:
    """For practice leads and mentors: which stage comes next for which of their members, soonest first."""
    versions = (
        under_way(on)
        .filter(Q(practice_lead=person) | Q(mentor=person))
        .select_related("identity__person", "identity__cohort")
        .prefetch_related("identity__cohort__version__stages")
        .order_by("identity__person__name_key")
    )
    ahead: dict[tuple[date, str, Cohort], list[str]] = defaultdict(list)
    for version in versions:
        ahead[_next_stage(version, on)].append(version.identity.person.name)
    soonest = sorted(ahead.items(), key=lambda item: (item[0][0], item[0][2].name_key))
    lines = [_line(*stage, names) for stage, names in soonest[:MOST]]
    nothing = "None of your members is on the programme at the moment."
    return Section("Your members’ next stages", lines, nothing=nothing, more=(reverse("cohorts"), "All your cohorts"))


def _next_stage(version: MemberVersion, on: date) -> tuple[date, str, Cohort]:
    """When a member's next required stage is due, its name, and whose; 'panel' on the last of all days where none is
    left."""
    cohort = version.identity.cohort
    stages = [stage for stage in cohort.version.stages.all() if stage.required]
    due = [(add_months(version.start_date, stage.month), stage.name, cohort) for stage in stages]
    return next((item for item in due if item[0] >= on), (date.max, "Panel", cohort))


def _line(due: date, stage: str, cohort: Cohort, names: list[str]) -> Line:
    when = stage if due == date.max else f"{stage}, {day(due)}"
    return Line(f"{when}: {cohort.name}", reverse("cohort", args=[cohort.pk]), in_words(names))
