"""Who the lines of a file are about: people found or made, and what is said of their names and addresses."""

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import Count

from academy.lib.text import sort_key
from partners.actions.people import NO_NUMBER
from partners.importers.columns import Reading
from partners.importers.directory import Directory, NumberKey
from partners.importers.lines import Line
from partners.importers.statements import Statement, news
from partners.models import Employment, Grant, Person, PersonVersion
from partners.models.versions import mark_current
from partners.permissions import ASSIGNED, AccessRole


def check_numbers(lines: list[Line], directory: Directory) -> None:
    """An employee number and a Social Work England number must not name two people."""
    owners = _owners(lines, directory)
    said: dict[NumberKey, str] = {}
    for line in lines:
        swe = line.swe_number
        if not swe:
            continue
        person, owner = directory.people.get(line.number_key), owners.get(swe)
        if said.setdefault(line.number_key, swe) != swe:
            line.row.refuse("swe_number", f"an earlier line gives this employee number {said[line.number_key]}")
        elif person and owner and person.pk != owner.pk:
            line.row.refuse("swe_number", f"{swe} belongs to another record: these may be one person")
        elif person and person.swe_number not in ("", swe):
            line.row.refuse("swe_number", f"this employee number is known with {person.swe_number}")


def check_names(lines: list[Line], directory: Directory) -> None:
    """An employee number must not name two human beings, at once or one after the other.

    Somebody may change a first or a last name. Where no word of a name stays, the number may have been given to a
    newcomer, who must not be given somebody else's record. Dated lines are somebody's own statements about the past.
    """
    named: dict[NumberKey, list[Line]] = defaultdict(list)
    for line in lines:
        if line.number and line.name and not line.recorded_on:
            named[line.number_key].append(line)
    for number, of_number in named.items():
        different = list({line.name: line for line in reversed(of_number)}.values())[-MOST_NAMES:]
        for line in of_number:
            if other := next((other for other in reversed(different) if _is_another(line.name, other.name)), None):
                line.row.refuse("employee_number", f"line {other.row.line} gives this number to {other.name}")
            elif number in directory.people and _is_another(line.name, directory.people[number].name):
                line.row.refuse("employee_number", ANOTHERS.format(directory.people[number].name))


MOST_NAMES = 50  # of one number that are compared with each other
ANOTHERS = "this is the number of {}: if it is one person with a new name, change the name by hand first"


def _is_another(name: str, other: str) -> bool:
    """Whether two names have no word in common."""
    words, others = (set(re.findall(r"\w+", sort_key(each))) for each in (name, other))
    return bool(words and others) and words.isdisjoint(others)


def adopt(lines: list[Line], directory: Directory) -> None:
    """Find people who were entered by hand without an employee number, by surname and address at the same agency."""
    waiting = {
        (agency, person.email, sort_key(person.family_name)): (agency, number)
        for (agency, number), person in directory.people.items()
        if number.startswith(NO_NUMBER) and person.email
    }
    for line in lines:
        who = (line.number_key[0], line.person["email"], sort_key(line.person["family_name"]))
        if line.number_key not in directory.people and who in waiting:
            directory.adopt(line.number_key, waiting.pop(who))


ELSEWHERE = "this number belongs to the record of somebody at another agency: ask an academy lead to take the line in"


def keep_limits(lines: list[Line], directory: Directory, how: Reading, today: date) -> list[str]:
    """What nobody can do by a file that they send in a browser: give a new address to somebody with more rights, and
    then be signed in as by whoever reads that mailbox; or, where they answer for one agency alone, open the record of
    a person whom that agency does not know. Returns a note for each address that stayed as it was.
    """
    if not how.sent_by:
        return []
    if how.sent_by == "agency":
        _refuse_strangers(lines, directory)
    held = _may_not_be_moved(directory, how, today)
    return [_kept_address(line, directory.people[line.number_key]) for line in lines if _moves(line, directory, held)]


def _refuse_strangers(lines: list[Line], directory: Directory) -> None:
    here = {person.pk for person in directory.people.values()}
    elsewhere = {swe for swe, person in _owners(lines, directory).items() if person.pk not in here}
    for line in lines:
        if line.swe_number in elsewhere and line.number_key not in directory.people:
            line.row.refuse("swe_number", ELSEWHERE)


def _may_not_be_moved(directory: Directory, how: Reading, today: date) -> set[int]:
    """By id, those of these people who hold an access role, train or assess, or work at an agency besides; for a lead,
    administrators."""
    here = {person.pk for person in directory.people.values()}
    holders = Grant.objects.not_ended(today).filter(person__in=here)
    if how.sent_by == "lead":
        return set(holders.filter(access_role=AccessRole.ADMINISTRATOR).values_list("person", flat=True))
    agencies = directory.agencies.values()
    elsewhere = Employment.objects.in_post(today).filter(person__in=here).exclude(agency__in=agencies)
    assigned = Person.objects.filter(pk__in=here).holding(ASSIGNED, today).values_list("pk", flat=True)
    return {*elsewhere.values_list("person", flat=True), *holders.values_list("person", flat=True), *assigned}


def _moves(line: Line, directory: Directory, held: set[int]) -> bool:
    """Whether a line gives a new address to somebody who may not be given one."""
    person = directory.people.get(line.number_key)
    return person is not None and person.pk in held and line.person["email"] not in ("", person.email)


def _kept_address(line: Line, person: Person) -> str:
    line.person["email"] = ""
    return f"{person.name} has rights here or works elsewhere too, so the address stays as it is."


def _owners(lines: list[Line], directory: Directory) -> dict[str, Person]:
    """Whom each Social Work England number in the file names: who has it, or is about to be given it."""
    numbers = {line.swe_number for line in lines} - {""}
    here = {person.pk: person for person in directory.people.values()}
    known = Person.objects.filter(swe_number__in=numbers)
    owners = {person.swe_number: here.get(person.pk, person) for person in known}
    for line in lines:
        person = directory.people.get(line.number_key)
        if line.swe_number and person:
            owners.setdefault(line.swe_number, person)
    return owners


def write(
    lines: list[Line], directory: Directory, *, at: datetime, said: dict[str, object]
) -> tuple[list[Person], int]:
    """Make who is new, and append what is newly said of names and addresses. Returns the new, and how many others
    changed."""
    new = _find_or_make(lines, directory, at)
    appended = _versions(lines, directory, at, said)
    mark_current(PersonVersion, list({version.identity_id for version in appended}))
    made = {person.pk for person in new}
    changed = bring_up_to_date(version.identity for version in appended)
    return new, sum(person.pk not in made for person in changed)


def _find_or_make(lines: list[Line], directory: Directory, at: datetime) -> list[Person]:
    owners = _owners(lines, directory)
    swe_of = {line.number_key: line.swe_number for line in lines if line.swe_number}
    new, numbered = [], []
    for line in sorted(lines, key=lambda line: line.order):
        swe = swe_of.get(line.number_key, "")
        person = directory.people.get(line.number_key) or owners.get(swe)
        if person is None:
            person = Person(created_at=at, swe_number=swe, **line.person)
            new.append(person.set_name_key())
        elif swe and not person.swe_number:
            person.swe_number = swe
            if person.pk:
                numbered.append(person)
        directory.people[line.number_key] = person
        if swe:
            owners[swe] = person
    Person.objects.bulk_create(new, batch_size=2000)
    Person.objects.bulk_update(numbered, ["swe_number"], batch_size=500)
    return new


def _versions(lines: list[Line], directory: Directory, at: datetime, said: dict[str, object]) -> list[PersonVersion]:
    """What is said here of each person's name and address and was not known, written.

    Each agency's undated lines are compared with what that agency said last: somebody with two employers keeps the
    name and the address that were changed last, whichever file comes last.
    """
    people = {directory.people[line.number_key].pk: directory.people[line.number_key] for line in lines}
    elsewhere = PersonVersion.objects.filter(identity__in=people.keys() - directory.names.keys())
    for version in elsewhere.order_by("recorded_at", "pk"):  # known by a Social Work England number alone
        directory.names[version.identity_id].append(version)
    appended = [
        PersonVersion(identity=people[pk], agency_id=agency, is_current=False, **said, **item)
        for (pk, agency), items in _statements(lines, directory).items()
        for item in news(items, _said_by(agency, directory.names[pk]), at=at)
    ]
    return PersonVersion.objects.bulk_create(appended, batch_size=2000)


def _statements(lines: list[Line], directory: Directory) -> dict[tuple[int, int], list[Statement]]:
    """What the lines say, by person and agency: one statement for each day on which it became known.

    An empty value says nothing, so that it takes nothing away from another line of the same day.
    """
    said: dict[tuple[int, int], dict[date | None, dict[str, object]]] = defaultdict(dict)
    for line in sorted(lines, key=lambda line: line.order):
        key = directory.people[line.number_key].pk, directory.agencies[line.number_key[0]].pk
        facts = said[key].setdefault(line.recorded_on, dict.fromkeys(PersonVersion.FACTS, "") | {"retracted": False})
        facts |= {name: value for name, value in line.person.items() if value}
    return {key: [Statement(facts, day) for day, facts in days.items()] for key, days in said.items()}


def is_news(line: Line, directory: Directory, at: datetime) -> bool:
    """Whether a line says something of a known person that this agency had not said before."""
    person, agency = directory.people[line.number_key], directory.agencies[line.number_key[0]]
    known = _said_by(agency.pk, directory.names[person.pk])
    said = {name: value or (getattr(known[-1], name) if known else "") for name, value in line.person.items()}
    statement = Statement(said | {"retracted": False}, line.recorded_on)
    return bool(news([statement], known, at=at))


def _said_by(agency: int, known: list[PersonVersion]) -> list[PersonVersion]:
    """What one agency said; what nobody in particular said counts for every agency."""
    return [version for version in known if version.agency_id in (agency, None)]


def bring_up_to_date(people: Iterable[Person], *, afresh: bool = False) -> list[Person]:
    """Give people the names and addresses that were said of them last. Returns those whom that changed.

    `afresh`: what they have now does not count, so that an address of which nothing is said any more goes.
    """
    those = {person.pk: person for person in people}
    before = {pk: _shown(person) for pk, person in those.items()}
    for person in those.values() if afresh else ():
        person.family_name = person.email = ""
    for version in PersonVersion.objects.filter(identity__in=those).order_by("recorded_at", "pk"):
        person = those[version.identity_id]
        for name in PersonVersion.FACTS:
            setattr(person, name, getattr(version, name) or getattr(person, name))
    changed = [person.set_name_key() for pk, person in those.items() if _shown(person) != before[pk]]
    Person.objects.bulk_update(changed, [*PersonVersion.FACTS, "name_key"], batch_size=500)
    return changed


def _shown(person: Person) -> tuple[str, ...]:
    return tuple(getattr(person, name) for name in PersonVersion.FACTS)


def possible_duplicates(new: list[Person]) -> list[str]:
    """Names that a new person shares with someone else: a person decides, not the import."""
    shared = Person.objects.filter(name_key__in={person.name_key for person in new}).values("name_key")
    repeated = set(shared.annotate(n=Count("pk")).filter(n__gt=1).values_list("name_key", flat=True).order_by())
    named = sorted({person.name for person in new if person.name_key in repeated})
    return [f"Possible duplicate: {name} is the name of more than one person." for name in named]
