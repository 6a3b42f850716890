"""`people.csv`: one statement about one spell a line (format: docs/operations.md)."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from django.db.models import Count

from academy.lib import rows
from academy.lib.dates import london_day
from academy.lib.rows import Outcome, Row
from academy.lib.text import sort_key
from partners import audit
from partners.actions import accounts
from partners.importers.directory import Directory, NumberKey, SpellKey
from partners.importers.files import take_in
from partners.importers.statements import Statement, news
from partners.importers.words import AGENCY_WORDS
from partners.models import (
    AgencyKind,
    Destination,
    DfeRole,
    Employment,
    EmploymentVersion,
    LeavingReason,
    Person,
    User,
    WorkerType,
)
from partners.models.versions import mark_current

REQUIRED = ["agency", "employee_number", "given_name", "start_date"]
COLUMNS = [
    *("agency", "agency_kind", "team", "employee_number", "given_name", "family_name", "email", "job_role"),
    *("dfe_role", "manager_employee_number", "fte", "start_date", "end_date", "leaving_reason", "destination"),
    *("swe_number", "worker_type", "recorded_on", "retracted"),
]
SAID_OF_A_PERSON = ["given_name", "family_name", "email", "swe_number"]
DEEPEST_TEAM = 20  # levels


@dataclass
class Line:
    """One line, read and checked on its own."""

    row: Row
    agency: str
    agency_kind: str | None
    team: list[str]
    number: str
    person: dict[str, str]
    job_role: str
    manager: str
    start: date
    recorded_on: date | None
    facts: dict[str, object] = field(default_factory=dict)

    @property
    def number_key(self) -> NumberKey:
        """What names the person."""
        return sort_key(self.agency), self.number

    @property
    def spell_key(self) -> SpellKey:
        """What names the spell."""
        return *self.number_key, sort_key(self.job_role), tuple(map(sort_key, self.team)), self.start

    @property
    def order(self) -> tuple[date, int]:
        """Later knowledge counts; undated lines say what is true today."""
        return self.recorded_on or date.max, self.row.line


def import_people(
    source: Path | bytes, *, by: Person | None, at: datetime, name: str, dry_run: bool = False
) -> Outcome:
    """Take in a file of people. All or nothing: with any row error, or in a dry run, nothing is written.

    Makes agencies, teams, job roles, people and accounts that are new; never ends anyone for being absent.
    Raises rows.FileRefused when the file cannot be read at all.
    """

    def work(found: list[Row], outcome: Outcome) -> None:
        lines = [_read(row, at) for row in found]
        directory = Directory({sort_key(line.agency) for line in lines})
        _check_numbers(lines, directory)
        _check_managers(lines, directory)
        if outcome.ok:
            _write(lines, directory, outcome, by=by, at=at, source=name)

    return take_in(source, COLUMNS, REQUIRED, work, dry_run=dry_run)


def _read(row: Row, at: datetime) -> Line:
    line = Line(
        row=row,
        agency=row.take("agency", rows.short(200), required=True, default=""),
        agency_kind=row.take("agency_kind", rows.choice(AgencyKind, AGENCY_WORDS)),
        team=_team(row),
        number=row.take("employee_number", rows.short(40), required=True, default=""),
        person={
            "given_name": row.take("given_name", rows.short(100), required=True) or "",
            "family_name": row.take("family_name", rows.short(100)) or "",
            "email": row.take("email", rows.email) or "",
            "swe_number": row.take("swe_number", lambda raw: rows.short(20)(raw.upper())) or "",
        },
        job_role=row.take("job_role", rows.short(200)) or "",
        manager=row.take("manager_employee_number", rows.short(40)) or "",
        start=row.take("start_date", rows.iso_date, required=True),
        recorded_on=row.take("recorded_on", rows.iso_date),
        facts=_facts(row),
    )
    _check_dates(line, london_day(at))
    return line


def _team(row: Row) -> list[str]:
    return row.take("team", _nested, default=[]) or []


def _nested(raw: str) -> list[str]:
    """'A > B > C' from the top."""
    parts = [rows.short(200)(part.strip()) for part in raw.split(">")]
    if len(parts) > DEEPEST_TEAM:
        raise rows.BadValue(f"this is {len(parts)} levels deep; {DEEPEST_TEAM} is the most")
    return [part for part in parts if part]


def _facts(row: Row) -> dict[str, object]:
    return {
        "fte": row.take("fte", rows.fte, default=Decimal("1.000")),
        "end_date": row.take("end_date", rows.iso_date),
        "leaving_reason": row.take("leaving_reason", rows.choice(LeavingReason)),
        "destination": row.take("destination", rows.choice(Destination)),
        "dfe_role": row.take("dfe_role", rows.choice(DfeRole)),
        "worker_type": row.take("worker_type", rows.choice(WorkerType), default=WorkerType.EMPLOYEE.value),
        "retracted": row.take("retracted", rows.yes_no, default=False),
    }


def _check_dates(line: Line, today: date) -> None:
    end = line.facts["end_date"]
    if line.start and end and end < line.start:
        line.row.refuse("end_date", f"{end} is before the start, {line.start}")
    if line.recorded_on and line.recorded_on > today:
        line.row.refuse("recorded_on", f"{line.recorded_on} has not come yet")
    for column in ("leaving_reason", "destination"):
        if line.facts[column] and not line.row.values.get("end_date"):
            line.row.refuse(column, "there is no end_date that it belongs to")


def _check_numbers(lines: list[Line], directory: Directory) -> None:
    """An employee number and a Social Work England number must not name two people."""
    owners = _owners(lines, directory)
    said: dict[NumberKey, str] = {}
    for line in lines:
        swe = line.person["swe_number"]
        if not swe:
            continue
        person, owner = directory.people.get(line.number_key), owners.get(swe)
        if said.setdefault(line.number_key, swe) != swe:
            line.row.refuse("swe_number", f"an earlier line gives this employee number {said[line.number_key]}")
        elif person and owner and person.pk != owner.pk:
            line.row.refuse("swe_number", f"{swe} belongs to another record: these may be one person")
        elif person and person.swe_number not in ("", swe):
            line.row.refuse("swe_number", f"this employee number is known with {person.swe_number}")


@audit.sentence("people.imported")
def _imported(told: audit.Told) -> str:
    counts = told.event.details
    new, changed = counts.get("people_new", 0), counts.get("people_changed", 0)
    return f"imported people of {told.about} from a file: {new:,} new, {changed:,} changed"


def _owners(lines: list[Line], directory: Directory) -> dict[str, Person]:
    """Whom each Social Work England number in the file names: who has it, or is about to be given it."""
    numbers = {line.person["swe_number"] for line in lines} - {""}
    here = {person.pk: person for person in directory.people.values()}
    known = Person.objects.filter(swe_number__in=numbers)
    owners = {person.swe_number: here.get(person.pk, person) for person in known}
    for line in lines:
        swe, person = line.person["swe_number"], directory.people.get(line.number_key)
        if swe and person:
            owners.setdefault(swe, person)
    return owners


def _check_managers(lines: list[Line], directory: Directory) -> None:
    known = {line.number_key for line in lines} | set(directory.people)
    for line in lines:
        if line.manager and (sort_key(line.agency), line.manager) not in known:
            line.row.refuse("manager_employee_number", f"nobody at {line.agency} has the number {line.manager}")


def _write(lines: list[Line], directory: Directory, outcome: Outcome, *, by, at: datetime, source: str) -> None:
    for line in lines:
        directory.make(line.agency, line.agency_kind, line.team, line.job_role)
    new, changed = _write_people(lines, directory, at)
    spells = _write_employments(lines, directory)
    versions = _write_versions(lines, directory, by=by, at=at, source=source)
    outcome.counts = {
        "lines": len(lines),
        "people_new": len(new),
        "people_changed": changed,
        "employments_new": spells,
        "statements_new": versions,
    }
    people = list(dict.fromkeys(directory.people[line.number_key] for line in lines))
    outcome.notes += accounts.open_accounts(people, at=at) + _possible_duplicates(new)
    if new or changed or spells or versions:
        agency = directory.agencies[lines[0].number_key[0]]
        audit.record("people.imported", by=by, at=at, about=agency, source=source, **outcome.counts)


def _write_people(lines: list[Line], directory: Directory, at: datetime) -> tuple[list[Person], int]:
    """Make who is new; bring names, addresses and numbers up to the latest line. Returns the new, and how many
    others changed."""
    owners = _owners(lines, directory)
    swe_of = {line.number_key: line.person["swe_number"] for line in lines if line.person["swe_number"]}
    passed_on = _addresses_passed_on(lines, at)
    new: list[Person] = []
    before: dict[Person, dict[str, str]] = {}
    for line in sorted(lines, key=lambda line: line.order):
        swe = swe_of.get(line.number_key, "")
        person = directory.people.get(line.number_key) or owners.get(swe)
        if person is None:
            person = Person(created_at=at, swe_number=swe)
            new.append(person)
        elif person.pk:
            before.setdefault(person, _said_of(person))
        said = line.person
        if passed_on.get(line.row.line, person.pk) != person.pk:
            said = said | {"email": ""}
        _update(person, said)
        directory.people[line.number_key] = person
        if swe:
            owners[swe] = person
    Person.objects.bulk_create([person.set_name_key() for person in new], batch_size=2000)
    changed = [person.set_name_key() for person, was in before.items() if _said_of(person) != was]
    Person.objects.bulk_update(changed, [*SAID_OF_A_PERSON, "name_key"], batch_size=500)
    return new, len(changed)


def _addresses_passed_on(lines: list[Line], at: datetime) -> dict[int, int]:
    """By line of an ended spell: whose account has its address now."""
    today = london_day(at)
    ended = [line for line in lines if line.person["email"] and (line.facts["end_date"] or date.max) <= today]
    accounts = User.objects.filter(email__in={line.person["email"] for line in ended})
    holders = dict(accounts.values_list("email", "person"))
    return {line.row.line: holders[line.person["email"]] for line in ended if line.person["email"] in holders}


def _said_of(person: Person) -> dict[str, str]:
    return {name: getattr(person, name) for name in SAID_OF_A_PERSON}


def _update(person: Person, said: dict[str, str]) -> None:
    """Take over what a line says; an empty value says nothing."""
    for name, value in said.items():
        setattr(person, name, value or getattr(person, name))


def _write_employments(lines: list[Line], directory: Directory) -> int:
    new = {key: directory.employment(key) for key in (line.spell_key for line in lines) if key not in directory.spells}
    Employment.objects.bulk_create(new.values(), batch_size=2000)
    directory.spells |= new
    return len(new)


def _write_versions(lines: list[Line], directory: Directory, *, by, at: datetime, source: str) -> int:
    """Append what is new to what is known of each spell. Returns how many statements that is."""
    said: dict[SpellKey, list[Statement]] = defaultdict(list)
    for line in lines:
        manager = directory.people.get((sort_key(line.agency), line.manager))
        facts = line.facts | {"manager_id": manager.pk if manager else None}
        said[line.spell_key].append(Statement(facts, line.recorded_on))
    appended = [
        EmploymentVersion(identity=directory.spells[key], recorded_by=by, source=source, is_current=False, **item)
        for key, statements in said.items()
        for item in _news(directory, key, statements, at)
    ]
    EmploymentVersion.objects.bulk_create(appended, batch_size=2000)
    mark_current(EmploymentVersion, list({version.identity_id for version in appended}))
    return len(appended)


def _news(directory: Directory, key: SpellKey, statements: list[Statement], at: datetime) -> list[dict[str, object]]:
    spell = directory.spells[key]
    first_load = directory.is_first_load(spell.agency)
    known = directory.versions[spell.pk]
    return news(statements, known, first_load=first_load, history=lambda facts: _history(facts, key[-1]), at=at)


def _history(facts: dict[str, object], start: date) -> list[tuple[date, dict[str, object]]]:
    """A spell is known to run from its start, and known to have ended from its last day."""
    if not facts["end_date"]:
        return [(start, facts)]
    running = {**facts, "end_date": None, "leaving_reason": None, "destination": None}
    return [(start, running), (facts["end_date"], facts)]


def _possible_duplicates(new: list[Person]) -> list[str]:
    """Names that a new person shares with someone else: a person decides, not the import."""
    shared = Person.objects.filter(name_key__in={person.name_key for person in new}).values("name_key")
    repeated = set(shared.annotate(n=Count("pk")).filter(n__gt=1).values_list("name_key", flat=True).order_by())
    names = sorted({person.name for person in new if person.name_key in repeated})
    return [f"Possible duplicate: {name} is the name of more than one person." for name in names]
