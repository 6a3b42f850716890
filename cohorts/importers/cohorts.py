"""`cohorts.csv`: one statement about one membership a line (format: docs/operations.md)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from academy.lib import rows
from academy.lib.dates import london_day
from academy.lib.rows import Outcome as Result
from academy.lib.rows import Row
from academy.lib.sheets import read_sheet
from academy.lib.text import plural, sort_key
from cohorts.models import Cohort, EntryRoute, Member, MemberVersion, Outcome, Programme
from partners import audit
from partners.importers.files import take_in
from partners.importers.statements import Statement, news
from partners.models import Agency, Employment, Person
from partners.models.versions import mark_current

REQUIRED = ["programme", "cohort", "agency", "employee_number", "start_date"]
COLUMNS = [
    *REQUIRED,
    *("entry_route", "practice_lead_employee_number", "mentor_employee_number"),
    *("completed_on", "outcome", "outcome_on", "recorded_on", "retracted"),
]

ROUTE_WORDS = (("approach", "frontline"), ("degree apprenticeship", "apprenticeship"), ("international", "overseas"))

CohortKey = tuple[str, str]
MemberKey = tuple[CohortKey, int]


@dataclass
class Line:
    """One line, read and checked on its own."""

    row: Row
    programme: str
    cohort: str
    agency: str
    number: str
    practice_lead: str
    mentor: str
    recorded_on: date | None
    facts: dict[str, object]

    @property
    def cohort_key(self) -> CohortKey:
        return sort_key(self.programme), sort_key(self.cohort)


def import_cohorts(
    source: Path | bytes, *, by: Person | None, at: datetime, name: str, dry_run: bool = False
) -> Result:
    """Take in a file of memberships. All or nothing: with any row error, or in a dry run, nothing is written.

    Makes cohorts that are new; programmes and people must be known. Raises rows.FileRefused when the file cannot be
    read at all.
    """

    def work(found: list[Row], result: Result) -> None:
        lines = [_read(row, at) for row in found]
        known = Known({sort_key(line.agency) for line in lines})
        _check(lines, known)
        if result.ok:
            _write(lines, known, result, by=by, at=at, source=name)

    return take_in(read_sheet(source), COLUMNS, REQUIRED, work, dry_run=dry_run)


class Known:
    """Programmes, agencies and people by the names that files use."""

    def __init__(self, agency_keys: set[str]) -> None:
        self.programmes = {programme.name_key: programme for programme in Programme.objects.all()}
        self.agencies = {agency.name_key: agency for agency in Agency.objects.filter(name_key__in=agency_keys)}
        spells = Employment.objects.filter(agency__in=self.agencies.values()).select_related("agency")
        self.people = {(spell.agency.name_key, spell.employee_number): spell.person_id for spell in spells}
        self.loaded = set(
            Member.objects.filter(agency__in=self.agencies.values()).values_list("agency_id", flat=True).distinct()
        )
        self.cohorts = {
            (cohort.version.programme.name_key, cohort.name_key): cohort
            for cohort in Cohort.objects.select_related("version__programme")
        }

    def person(self, line: Line, number: str) -> int | None:
        """The id of whoever has that number at the line's agency."""
        return self.people.get((sort_key(line.agency), number))

    def cohort(self, line: Line) -> Cohort:
        """The line's cohort, made of the programme's current version where it is new."""
        if line.cohort_key not in self.cohorts:
            version = self.programmes[line.cohort_key[0]].current_version()
            self.cohorts[line.cohort_key] = Cohort.objects.create(version=version, name=line.cohort)
        return self.cohorts[line.cohort_key]


def _read(row: Row, at: datetime) -> Line:
    line = Line(
        row=row,
        programme=row.take("programme", required=True, default=""),
        cohort=row.take("cohort", rows.short(100), required=True, default="") or "",
        agency=row.take("agency", required=True, default=""),
        number=row.take("employee_number", rows.number, required=True) or "",
        practice_lead=row.take("practice_lead_employee_number", rows.number) or "",
        mentor=row.take("mentor_employee_number", rows.number) or "",
        recorded_on=row.take("recorded_on", rows.iso_date),
        facts={
            "start_date": row.take("start_date", rows.iso_date, required=True),
            "entry_route": row.take("entry_route", rows.choice(EntryRoute, ROUTE_WORDS), default=""),
            "completed_on": row.take("completed_on", rows.iso_date),
            "outcome": row.take("outcome", rows.choice(Outcome), default=""),
            "outcome_on": row.take("outcome_on", rows.iso_date),
            "retracted": row.take("retracted", rows.yes_no, default=False),
        },
    )
    _check_dates(line, london_day(at))
    return line


def _check_dates(line: Line, today: date) -> None:
    start = line.facts["start_date"]
    for column in ("completed_on", "outcome_on"):
        if start and line.facts[column] and line.facts[column] < start:
            line.row.refuse(column, f"{line.facts[column]} is before the start, {start}")
    if line.facts["outcome_on"] and not line.row.values.get("outcome"):
        line.row.refuse("outcome", "there is an outcome_on without an outcome")
    if line.facts["outcome"] == Outcome.PASS and not (line.facts["completed_on"] or line.facts["outcome_on"]):
        line.row.refuse("completed_on", "a pass needs the day of completion")
    ends = (Outcome.FAIL, Outcome.WITHDRAWN, Outcome.REDEPLOYED)
    if line.facts["outcome"] in ends and not (line.facts["completed_on"] or line.facts["outcome_on"]):
        line.row.refuse("outcome_on", f"'{line.facts['outcome']}' needs the day from which it holds")
    if line.recorded_on and line.recorded_on > today:
        line.row.refuse("recorded_on", f"{line.recorded_on} has not come yet")


def _check(lines: list[Line], known: Known) -> None:
    for line in lines:
        if line.programme and sort_key(line.programme) not in known.programmes:
            names = ", ".join(programme.name for programme in known.programmes.values())
            line.row.refuse("programme", f"'{line.programme}' is not a programme here ({names})")
        for column, number in (
            ("employee_number", line.number),
            ("practice_lead_employee_number", line.practice_lead),
            ("mentor_employee_number", line.mentor),
        ):
            if number and known.person(line, number) is None:
                line.row.refuse(column, f"nobody at {line.agency} has the number {number}")


def _write(lines: list[Line], known: Known, result: Result, *, by, at: datetime, source: str) -> None:
    cohorts_before = len(known.cohorts)
    members, new = _members(lines, known)
    said: dict[Member, list[Statement]] = defaultdict(list)
    for line in lines:
        facts = line.facts | {
            "practice_lead_id": known.person(line, line.practice_lead),
            "mentor_id": known.person(line, line.mentor),
        }
        member = members[known.cohort(line).pk, known.person(line, line.number)]
        said[member].append(Statement(facts, line.recorded_on))
    appended = _versions(said, known, by=by, at=at, source=source)
    result.counts = {
        "lines": len(lines),
        "cohorts_new": len(known.cohorts) - cohorts_before,
        "members_new": new,
        "statements_new": appended,
    }
    if new or appended:
        audit.record("cohorts.imported", by=by, at=at, about=known.cohort(lines[0]), source=source, **result.counts)


@audit.named(Cohort)
def _names(ids: Iterable[int]) -> dict[int, str]:
    return {cohort.pk: cohort.name for cohort in Cohort.objects.filter(pk__in=ids)}


@audit.sentence("cohorts.imported")
def _imported(told: audit.Told) -> str:
    new = plural(told.event.details.get("members_new", 0), "new member")
    return f"imported cohorts from a file, {told.about} among them: {new}"


def _members(lines: list[Line], known: Known) -> tuple[dict[tuple[int, int], Member], int]:
    """Each line's membership by (cohort, person), made where it is new; and how many are new."""
    wanted = {(known.cohort(line).pk, known.person(line, line.number)): line for line in lines}
    cohorts = {cohort_id for cohort_id, _ in wanted}
    members = {(m.cohort_id, m.person_id): m for m in Member.objects.filter(cohort__in=cohorts)}
    new = {
        key: Member(cohort_id=key[0], person_id=key[1], agency=known.agencies[sort_key(line.agency)])
        for key, line in wanted.items()
        if key not in members
    }
    Member.objects.bulk_create(new.values(), batch_size=2000)
    return members | new, len(new)


def _versions(said: dict[Member, list[Statement]], known: Known, *, by, at: datetime, source: str) -> int:
    versions: dict[int, list[MemberVersion]] = defaultdict(list)
    for version in MemberVersion.objects.filter(identity__in=said).order_by("recorded_at", "pk"):
        versions[version.identity_id].append(version)
    appended = [
        MemberVersion(identity=member, recorded_by=by, source=source, is_current=False, **item)
        for member, statements in said.items()
        for item in news(
            statements,
            versions[member.pk],
            first_load=member.agency_id not in known.loaded,
            history=_history,
            at=at,
        )
    ]
    MemberVersion.objects.bulk_create(appended, batch_size=2000)
    mark_current(MemberVersion, list({version.identity_id for version in appended}))
    return len(appended)


def _history(facts: dict[str, object]) -> list[tuple[date, dict[str, object]]]:
    """A membership is known from its start, its completion and its outcome each from their own day."""
    completed_on = facts["completed_on"]
    outcome_on = facts["outcome_on"] or completed_on
    days = sorted({day for day in (facts["start_date"], completed_on, outcome_on) if day})
    history = []
    for day in days:
        known = dict(facts)
        if completed_on and completed_on > day:
            known["completed_on"] = None
        if outcome_on and outcome_on > day:
            known |= {"outcome": "", "outcome_on": None}
        history.append((day, known))
    return history
