"""Why someone may open a person's record: the rules of `Person.objects.visible_to`, each in a sentence.

A rule that is added there is added here too; the test that compares both over many people fails until it is.
"""

from collections.abc import Iterator
from datetime import date

from academy.lib import registry
from academy.lib.text import day, in_words
from partners.models import Deputy, Employment, EmploymentVersion, Grant, Person
from partners.permissions import AccessRole

RECORD = "The record"


def held(grant: Grant) -> str:
    """'since 3 May 2026, given by Jo Bell because “…”', to stand in brackets."""
    by = f"given by {grant.given_by.name} " if grant.given_by else "given "
    return f"since {day(grant.from_date)}, {by}because “{grant.reason}”"


@registry.reason(Person, RECORD)
def it_is_ones_own(viewer: Person, person: Person, on: date) -> Iterator[str]:
    if viewer.pk == person.pk:
        yield f"It is {viewer.name}’s own record."


@registry.reason(Person, RECORD)
def leads_open_every_record(viewer: Person, person: Person, on: date) -> Iterator[str]:
    grants = Grant.objects.held_by(viewer, on).filter(access_role=AccessRole.LEAD, agency=None, team=None)
    for grant in grants.select_related("given_by"):
        yield f"{viewer.name} is an academy lead ({held(grant)}), and leads open every record."


@registry.reason(Person, RECORD)
def coordinators_open_their_agencys(viewer: Person, person: Person, on: date) -> Iterator[str]:
    grants = Grant.objects.held_by(viewer, on).filter(access_role=AccessRole.COORDINATOR, team=None)
    agencies = Employment.objects.in_post(on).filter(person=person).values("agency")
    for grant in grants.filter(agency__in=agencies).select_related("agency", "given_by"):
        yield f"{viewer.name} coordinates {grant.agency} ({held(grant)}), where {person.name} works."


@registry.reason(Person, RECORD)
def coordinators_open_their_teams(viewer: Person, person: Person, on: date) -> Iterator[str]:
    grants = Grant.objects.held_by(viewer, on).filter(access_role=AccessRole.COORDINATOR).exclude(team=None)
    spells = Employment.objects.in_post(on).filter(person=person)
    for grant in grants.select_related("team", "agency", "given_by"):
        if spells.filter(team__path__startswith=grant.team.path).exists():
            place = f"{grant.team} of {grant.agency}"
            yield f"{viewer.name} coordinates {place} ({held(grant)}), where {person.name} works."


@registry.reason(Person, RECORD)
def deputies_open_what_the_manager_may(viewer: Person, person: Person, on: date) -> Iterator[str]:
    if not Employment.objects.in_post(on).filter(person=viewer).exists():
        return
    for one in Deputy.objects.in_force(on).filter(deputy=viewer).select_related("manager"):
        between = between_manager_and(one.manager, person, on)
        if between is not None:
            through = f" through {in_words([each.name for each in between])}" if between else ""
            until = day(one.until)
            yield f"{viewer.name} stands in until {until} for {one.manager.name}, who manages {person.name}{through}."


@registry.reason(Person, RECORD)
def managers_open_those_below(viewer: Person, person: Person, on: date) -> Iterator[str]:
    between = between_manager_and(viewer, person, on)
    if between is not None and viewer.pk != person.pk:
        through = f" through {in_words([each.name for each in between])}" if between else ""
        yield f"{viewer.name} manages {person.name}{through}."


def between_manager_and(manager: Person, person: Person, on: date) -> list[Person] | None:
    """Those through whom `manager` manages `person` that day, from the top: none for the direct manager.

    None where they do not. Of several ways the shortest.
    """
    if not Employment.objects.in_post(on).filter(person=manager).exists():
        return None  # who is not at work manages nobody, whatever the records still say
    below: dict[int, int | None] = {person.pk: None}
    level = {person.pk}
    while level:
        above = _managers_of(level, on)
        level = {boss for _, boss in above} - below.keys()
        for employee, boss in above:
            below.setdefault(boss, employee)
        if manager.pk in level:
            return _way_down(below, below[manager.pk])
    return None


def _managers_of(people: set[int], on: date) -> list[tuple[int, int]]:
    """(employee, manager) of every spell that runs that day."""
    spells = Employment.objects.in_post(on).filter(person__in=people)
    said = EmploymentVersion.objects.current().filter(identity__in=spells).exclude(manager=None)
    return list(said.order_by("pk").values_list("identity__person", "manager"))


def _way_down(below: dict[int, int | None], start: int | None) -> list[Person]:
    """From that person down to the last one above whom the way was begun from."""
    way = []
    while start is not None and below[start] is not None:
        way.append(start)
        start = below[start]
    named = Person.objects.in_bulk(way)
    return [named[pk] for pk in way]
