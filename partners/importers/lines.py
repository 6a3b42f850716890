"""A line of a file of people: read and checked on its own."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from academy.lib import rows
from academy.lib.rows import Row
from academy.lib.text import sort_key
from partners.importers.columns import Reading
from partners.importers.directory import NumberKey, SpellKey
from partners.importers.words import AGENCY_WORDS
from partners.models import AgencyKind, Destination, DfeRole, LeavingReason, WorkerType

DEEPEST_TEAM = 20  # levels


@dataclass(eq=False)
class Line:
    """One line: who, in which post from when, and what is said of it."""

    row: Row
    agency: str
    agency_kind: str | None
    team: list[str]
    number: str
    person: dict[str, str]
    swe_number: str
    job_role: str
    manager: str
    start: date
    recorded_on: date | None
    facts: dict[str, object] = field(default_factory=dict)
    former: SpellKey | None = None  # set where the line speaks of a former post that the file does not show

    @property
    def number_key(self) -> NumberKey:
        """What names the person."""
        return sort_key(self.agency), self.number

    @property
    def spell_key(self) -> SpellKey:
        """What names the spell."""
        return self.former or (*self.number_key, *self.post_key, self.start)

    @property
    def post_key(self) -> tuple[str, tuple[str, ...]]:
        """Job role and team, as names are matched."""
        return sort_key(self.job_role), tuple(map(sort_key, self.team))

    @property
    def order(self) -> tuple[date, int]:
        """Later knowledge counts; undated lines say what is true today."""
        return self.recorded_on or date.max, self.row.line

    @property
    def name(self) -> str:
        """The person as the line calls them."""
        return f"{self.person['given_name']} {self.person['family_name']}".strip()


def read(row: Row, how: Reading, today: date) -> Line:
    """Read one row; faults are noted in it."""
    line = Line(
        row=row,
        agency=_agency(row, how),
        agency_kind=row.take("agency_kind", rows.choice(AgencyKind, AGENCY_WORDS)),
        team=row.take("team", nested_team, default=[]) or [],
        number=how.number(row.take("employee_number", rows.number, required=True) or ""),
        person=_name(row) | {"email": row.take("email", rows.email) or ""},
        swe_number=row.take("swe_number", lambda raw: rows.short(20)(raw.upper())) or "",
        job_role=row.take("job_role", rows.short(200)) or "",
        manager=how.number(row.take("manager_employee_number", rows.number) or ""),
        start=row.take("start_date", how.read_date, required=not how.start_date, default=how.start_date),
        recorded_on=row.take("recorded_on", how.read_date),
        facts=_facts(row, how),
    )
    _check_dates(line, today)
    return line


def _agency(row: Row, how: Reading) -> str:
    agency = row.take("agency", rows.short(200), required=not how.agency, default=how.agency) or ""
    if how.agency and sort_key(agency) != sort_key(how.agency):
        row.refuse("agency", f"this import is for {how.agency} alone, and the line names {agency}")
    return how.agency or agency  # so that nothing is looked up at an agency that this import is not for


def _name(row: Row) -> dict[str, str]:
    if whole := row.take("name", _surname_first):
        return whole
    given = row.take("given_name", rows.short(100), required="name" not in row.values) or ""
    return {"given_name": given, "family_name": row.take("family_name", rows.short(100)) or ""}


def _surname_first(raw: str) -> dict[str, str]:
    """'Thornhill, Adaeze'."""
    family, comma, given = (part.strip() for part in raw.partition(","))
    if not (comma and family and given):
        raise rows.BadValue(f"'{raw}' is not a surname, a comma and a first name")
    return {"given_name": rows.short(100)(given), "family_name": rows.short(100)(family)}


def nested_team(raw: str) -> list[str]:
    """'A > B > C' from the top."""
    parts = [rows.short(200)(part.strip()) for part in raw.split(">")]
    if len(parts) > DEEPEST_TEAM:
        raise rows.BadValue(f"this is {len(parts)} levels deep; {DEEPEST_TEAM} is the most")
    return [part for part in parts if part]


def _facts(row: Row, how: Reading) -> dict[str, object]:
    return {
        "fte": row.take("fte", rows.fte, default=Decimal(1)),
        "end_date": row.take("end_date", rows.open_ended(how.read_date)),
        "leaving_reason": row.take("leaving_reason", rows.choice(LeavingReason)),
        "destination": row.take("destination", rows.choice(Destination)),
        "dfe_role": row.take("dfe_role", rows.choice(DfeRole)),
        "worker_type": row.take("worker_type", rows.choice(WorkerType), default=WorkerType.EMPLOYEE.value),
        "career_level": row.take("career_level", rows.short(60)) or "",
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
