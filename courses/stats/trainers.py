"""What trainers gave: how much each teaches, and what their agencies gave against what they took."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from academy.lib.dates import start_of_day
from courses.stats.attendance import Asked, Row, attendance, statement
from partners.models import Agency
from partners.models.people import MAIN_AGENCY


@dataclass(frozen=True)
class Load:
    """One trainer: days on which they taught and will teach, and on how many runs."""

    person: int
    name: str
    days: int
    runs: int
    days_to_come: int
    runs_to_come: int


_TAUGHT = """taught AS (
    SELECT DISTINCT t.person_id, s.run_id, (s.starts_at AT TIME ZONE 'Europe/London')::date AS day,
        s.starts_at > %(at)s AS coming
    FROM courses_session s JOIN courses_run r ON r.id = s.run_id JOIN courses_run_trainers t ON t.run_id = r.id
    WHERE r.state IN ('published', 'completed') AND s.starts_at >= %(start)s{until}
)"""
_LOADS = """
WITH {taught}
SELECT p.id, concat_ws(' ', p.given_name, nullif(p.family_name, '')),
    count(DISTINCT day) FILTER (WHERE NOT coming), count(DISTINCT run_id) FILTER (WHERE NOT coming),
    count(DISTINCT day) FILTER (WHERE coming), count(DISTINCT run_id) FILTER (WHERE coming)
FROM taught JOIN partners_person p ON p.id = taught.person_id GROUP BY p.id ORDER BY p.name_key, p.id
"""
_GIVEN = """
WITH {taught}, given AS (
    SELECT DISTINCT t.person_id, t.day, ({agency}) AS agency_id FROM taught t WHERE NOT coming
)
SELECT agency_id, count(*), count(DISTINCT person_id) FROM given GROUP BY agency_id
"""


def loads(start: date, at: datetime) -> list[Load]:
    """Every trainer who taught from `start` on, or will teach. A day counts once, however many sessions are on it."""
    with connection.cursor() as cursor:
        cursor.execute(_LOADS.format(taught=_TAUGHT.format(until="")), {"start": start_of_day(start), "at": at})
        return [Load(*row) for row in cursor]


def days_given(asked: Asked) -> dict[int | None, tuple[int, int]]:
    """By agency: days that its people taught in the period, and how many of them did. Whose a trainer is, is the main
    agency on the day, by what is known now; two trainers on one day give two days."""
    agency = MAIN_AGENCY % ("t.person_id", "t.day", "t.day")
    taught = _TAUGHT.format(until=" AND s.starts_at <= %(until)s")
    _, values = statement(asked)
    with connection.cursor() as cursor:
        cursor.execute(_GIVEN.format(taught=taught, agency=agency), values | {"at": asked.at})
        return {agency: (days, people) for agency, days, people in cursor}


@dataclass(frozen=True)
class Exchange:
    """What one agency gave to training, and what its people took, in a period."""

    agency: int
    name: str
    days: int
    trainers: int
    row: Row

    @property
    def took(self) -> int:
        """Places that its people used: attendances, not people."""
        return self.row.count("attended")


def exchanges(asked: Asked) -> list[Exchange]:
    """Every agency that gave a day or had a place in the period, by name."""
    given, took = days_given(asked), {row.key: row for row in attendance(asked, ["agency"]).agencies if row.key}
    agencies = asked.within.whole().filter(pk__in={*took, *filter(None, given)})
    return [_exchange(agency, given, took) for agency in agencies]


def exchange(asked: Asked, agency: Agency) -> Exchange:
    """That of one agency, though it gave and took nothing. `asked` is narrowed to it."""
    return _exchange(agency, days_given(asked), {row.key: row for row in attendance(asked, ["agency"]).agencies})


def _exchange(agency: Agency, given: dict[int | None, tuple[int, int]], took: dict[object, Row]) -> Exchange:
    row = took.get(agency.pk, Row(agency.pk, agency.name))
    return Exchange(agency.pk, agency.name, *given.get(agency.pk, (0, 0)), row)


_PEOPLE = """
WITH {held} SELECT count(DISTINCT person_id) FROM held WHERE outcome IN ('came', 'walk_in')
"""


def people_trained(asked: Asked) -> int:
    """How many people came to anything; whoever came twice is one."""
    held, values = statement(asked)
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE.format(held=held), values)
        return cursor.fetchone()[0]
