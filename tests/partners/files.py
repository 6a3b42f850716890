"""Files as agencies send them."""

import csv
import io
from collections.abc import Iterable
from datetime import datetime

from academy.lib.rows import Outcome
from cohorts.importers.cohorts import import_cohorts
from cohorts.models import Cohort, Member, MemberVersion
from partners.importers.people import import_people
from partners.models import Agency, AuditEvent, Employment, EmploymentVersion, JobRole, Person, Team, User
from tests.factories import NOW

Line = dict[str, str]
TABLES = [Agency, Team, JobRole, Person, User, Employment, EmploymentVersion, Cohort, Member, MemberVersion, AuditEvent]

ADA = {
    "agency": "Larkshire",
    "agency_kind": "council",
    "employee_number": "0017",
    "given_name": "Adaeze",
    "family_name": "Thornhill",
    "email": "adaeze.thornhill@larkshire.example",
    "job_role": "Social worker",
    "dfe_role": "5",
    "start_date": "2019-09-02",
}


def a_line(**values: str) -> Line:
    """A line that is taken as it is; `values` change it."""
    return ADA | values


def bo(**values: str) -> Line:
    """Another person at the same agency."""
    other = {
        "employee_number": "0018",
        "given_name": "Bo",
        "family_name": "Lindqvist",
        "email": "bo@larkshire.example",
    }
    return ADA | other | values


def text_of(lines: Iterable[Line], columns: list[str] | None = None) -> str:
    """These lines as CSV under every column that any of them has."""
    lines = list(lines)
    columns = columns or list(dict.fromkeys(name for line in lines for name in line))
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="")
    writer.writeheader()
    writer.writerows(lines)
    return out.getvalue()


def take_in(*lines: Line, at: datetime = NOW, columns: list[str] | None = None, **options) -> Outcome:
    """Import lines of people.csv, whose columns are those that any line has, or `columns`."""
    return import_people(text_of(lines, columns).encode(), by=None, at=at, name="people.csv", **options)


def take_in_cohorts(*lines: Line, at: datetime = NOW, **options) -> Outcome:
    """Import lines of cohorts.csv."""
    return import_cohorts(text_of(lines).encode(), by=None, at=at, name="cohorts.csv", **options)


def taken(outcome: Outcome) -> Outcome:
    """The outcome, which must be without errors."""
    assert outcome.ok, [str(error) for error in outcome.errors]
    return outcome


def everything() -> dict[str, list[dict]]:
    """Every row that an import could write, to see whether one did."""
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in TABLES}


def current_facts() -> set[tuple]:
    """What is known now of every spell, without when it came to be known."""
    facts = ["fte", "end_date", "leaving_reason", "destination", "dfe_role", "worker_type", "retracted"]
    key = ["employee_number", "team__name", "job_role__name", "start_date", "person__family_name"]
    current = EmploymentVersion.objects.filter(is_current=True)
    return set(current.values_list(*(f"identity__{name}" for name in key), *facts))


def spell(number: str = ADA["employee_number"]) -> Employment:
    """The only spell under that number."""
    return Employment.objects.get(employee_number=number)


def faults(outcome: Outcome) -> list[tuple[int, str]]:
    """(line, column) of every error."""
    return [(error.line, error.column) for error in outcome.errors]
