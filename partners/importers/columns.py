"""The columns of a file of people, the words by which other systems call them, and how a file is read."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from functools import cached_property
from typing import Any, Self

from academy.lib import rows
from academy.lib.rows import plain
from academy.lib.sheets import Sheet, read_sheet
from partners.models import EmploymentVersion


@dataclass(frozen=True)
class Column:
    """One thing that a line can say. `words` are what HR systems call it, beside our own key and label."""

    key: str
    label: str
    words: str = ""
    hint: str = ""

    @cached_property
    def names(self) -> frozenset[str]:
        return frozenset(plain(word) for word in (self.key, self.label, *self.words.split(", ")) if word)


# Moodle's bulk-user files say username, firstname, lastname, email, idnumber, institution and department.
PEOPLE = [
    Column(
        "employee_number",
        "Employee number",
        "employee no, employee id, emp no, emp id, payroll number, payroll no, staff number, staff no, staff "
        "id, assignment number, personnel number, idnumber, id number, username, employeeid, employee ref, "
        "payroll ref",
    ),
    Column(
        "given_name",
        "First name",
        "firstname, forename, forenames, first names, known as, preferred name, preferred first name, given name",
    ),
    Column(
        "family_name",
        "Last name",
        "lastname, surname, family name, legal surname",
    ),
    Column(
        "name",
        "Full name",
        "name, employee name, employee, full name, staff name",
        "Surname first, with a comma: ‘Thornhill, Adaeze’",
    ),
    Column(
        "email",
        "Work e-mail address",
        "email, e-mail, email address, e-mail address, work email, work e-mail, business email, mail, email "
        "work, primary email, work email address",
    ),
    Column(
        "agency",
        "Agency",
        "institution, organisation, organization, employer, company, school, school name, trust, organisation "
        "name, establishment",
        "Which organisation the person works for",
    ),
    Column(
        "agency_kind",
        "Kind of agency",
        "organisation type, sector, kind of organisation",
    ),
    Column(
        "team",
        "Team",
        "department, dept, team name, service, division, unit, section, org unit, cost centre name",
        "Nested teams as ‘Directorate > Service > Team’",
    ),
    Column(
        "job_role",
        "Job role",
        "job title, job, position, post, post title, position title, role title, role, title of post",
    ),
    Column(
        "dfe_role",
        "DfE role",
        "census role, dfe role code, workforce census role, role in census",
        "1 to 6 of the children’s social work workforce census; empty for every other job",
    ),
    Column(
        "career_level",
        "Career level",
        "level, grade, career stage, pay grade, band",
    ),
    Column(
        "manager_employee_number",
        "Manager’s employee number",
        "manager no, line manager number, manager id, reports to, supervisor number, line manager id, "
        "supervisor id, manager employee no, line manager employee number, reports to number, line manager "
        "payroll number",
    ),
    Column(
        "fte",
        "Full-time equivalent",
        "full time equivalent, contract fte, post fte, wte",
        "1 for full time, 0.6 for three days a week",
    ),
    Column(
        "start_date",
        "Start date",
        "start, started, date started, date joined, joined, position start date, post start date, date of joining, "
        "hire date, service start date, continuous service date, startdate, latest start date, employment "
        "start date",
    ),
    Column(
        "end_date",
        "Last day worked",
        "end, end date, leaving date, leave date, date left, termination date, last day, contract end date, "
        "left, enddate, date of leaving, last working day, position end date",
    ),
    Column(
        "leaving_reason",
        "Reason for leaving",
        "reason, leave reason, termination reason, reason left",
    ),
    Column(
        "destination",
        "Destination",
        "destination on leaving, leaving destination, where to",
    ),
    Column(
        "swe_number",
        "Social Work England number",
        "swe no, swe registration, swe reg no, social work england no, swe, registration number, social work "
        "england registration, swe registration number",
    ),
    Column(
        "worker_type",
        "Employee or agency worker",
        "employment type, contract type, staff type, worker category",
    ),
    Column(
        "recorded_on",
        "Recorded on",
        "",
        "The day on which the academy came to know it",
    ),
    Column(
        "retracted",
        "Withdrawn",
        "",
        "‘yes’ withdraws the line’s job: it was never so",
    ),
]
KEYS = [column.key for column in PEOPLE]
LABELS = {column.key: column.label for column in PEOPLE}
REQUIRED = ["agency", "employee_number", "given_name", "start_date"]
DATE_KEYS = ("start_date", "end_date", "recorded_on")
KNOWN_NAMES = frozenset(name for column in PEOPLE for name in column.names)


@dataclass(frozen=True)
class Reading:
    """What a file's columns and values mean, as a person decided it. Without decisions, nothing is guessed."""

    columns: dict[str, str] = field(default_factory=dict)  # ours: the file's name
    dates: str = ""  # a key of rows.DATES
    agency: str = ""  # whose people these are; a line that names another is wrong
    start_date: date | None = None  # for lines that have none
    joined: bool = False  # start dates are those of joining the agency, not of starting in the post
    moved_on: date | None = None  # since when people are in the posts that the file shows, where it cannot say so
    former: str = ""  # former posts that the file no longer shows are 'ended' by the new ones, or 'kept'
    swapped: str = ""  # Excel has 'swapped' day and month of some dates, or all of them are 'right' as they are
    zeros: str = ""  # leading zeros of employee numbers were 'lost', or the numbers are 'right' as they are
    number_width: int = 0  # how many digits employee numbers had before they lost zeros
    sent_by: str = ""  # somebody who answers for that 'agency' alone, or a 'lead'; neither touches what is not theirs
    leaves_out: bool = False  # lines that are wrong are left out; otherwise they keep everything from being taken in

    @property
    def read_date(self) -> Callable[[str], date]:
        return rows.DATES[self.dates]

    @property
    def required(self) -> list[str]:
        """The columns that the file must have."""
        given = {"agency": self.agency, "start_date": self.start_date, "given_name": "name" in self.columns}
        return [key for key in REQUIRED if not given.get(key)]

    def number(self, raw: str) -> str:
        """An employee number with the zeros that it lost."""
        return raw.zfill(self.number_width) if self.zeros == "lost" and raw.isdigit() else raw

    def as_json(self) -> dict[str, Any]:
        """For keeping; `from_json` reads it."""
        kept = {name: value for name, value in asdict(self).items() if value}
        return kept | {name: value.isoformat() for name, value in kept.items() if isinstance(value, date)}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """What `as_json` wrote; names that are no longer known are passed over."""
        values = {item.name: kept[item.name] for item in fields(cls) if item.name in kept}
        days = {name: date.fromisoformat(values[name]) for name in ("start_date", "moved_on") if values.get(name)}
        return cls(**values | days)


def match(header: Iterable[str]) -> dict[str, str]:
    """{column of ours: the file's name for it}, for every column that the file plainly has. Our own words go first."""
    names = {plain(name): name for name in header if name}
    found: dict[str, str] = {}
    for keys in (
        {column.key: [column.key] for column in PEOPLE},
        {column.key: sorted(column.names) for column in PEOPLE},
    ):
        for key, words in keys.items():
            free = [word for word in words if word in names and names[word] not in found.values()]
            if key not in found and free:
                found[key] = names[free[0]]
    return found


def silent(how: Reading) -> list[str]:
    """The facts of a spell of which a file says nothing, since it has no column for them."""
    return [fact for fact in EmploymentVersion.FACTS if _COLUMN_OF.get(fact, fact) not in how.columns]


_COLUMN_OF = {"manager_id": "manager_employee_number"}


def read_file(source: Any) -> Sheet:
    """The sheet in a file of people, whose header may stand below a title."""
    return read_sheet(source, knows=lambda name: plain(name) in KNOWN_NAMES)


def date_habits(sheet: Sheet, columns: Mapping[str, str]) -> Counter[str]:
    """How dates are written: counts of 'numbers', 'slashed', 'day_first' and 'month_first'.

    The last two count dates that can be read in one way only. Looks at the columns of dates, and at slashed dates in
    those of which nothing is known yet, since somebody may say that one of them has dates.
    """
    dated = {plain(columns[key]) for key in DATE_KEYS if key in columns}
    known = {plain(name) for name in columns.values()}
    found: Counter[str] = Counter()
    for place, name in enumerate(map(plain, sheet.header)):
        values = (cells[place] for _, cells in sheet.lines if place < len(cells) and cells[place])
        if name in dated:
            found.update(habit for value in values for habit in _habits(value))
        elif name not in known:
            found.update(habit for value in values if _SLASHED.match(value) for habit in _habits(value))
    return found


_SLASHED = re.compile(r"\d{1,2}[-/. ]\d{1,2}[-/. ]\d{4}")


def _habits(value: str) -> Iterable[str]:
    if rows.is_day_number(value):
        yield "numbers"
    readable = [name for name in ("day_first", "month_first") if _reads(rows.DATES[name], value)]
    if readable and not _reads(rows.iso_date, value):
        yield "slashed"
        if len(readable) == 1:
            yield readable[0]


def _reads(read: Callable[[str], date], value: str) -> bool:
    try:
        read(value)
    except rows.BadValue:
        return False
    return True
