"""The bookings behind a figure of attendance: as many as it counts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from courses.stats.attendance import FIGURES, Asked, statement

OUTCOMES = {
    "in_time": "Cancelled in time",
    "late": "Cancelled late",
    "no_show": "Did not come",
    "excused": "Excused",
    "not_marked": "Not marked",
    "came": "Booked and attended",
    "walk_in": "Came unbooked",
}


@dataclass(frozen=True)
class Attendee:
    """One booking, with what came of it."""

    person: int
    name: str
    agency: str
    course: str
    ended_at: datetime
    outcome: str

    @property
    def came_to(self) -> str:
        return OUTCOMES[self.outcome]


_COUNT = "WITH {held} SELECT count(*) FROM held WHERE {counted}"
# The page is cut before names are looked up: sorting by run needs no look at people.
_ATTENDEES = """
WITH {held}
SELECT p.id, concat_ws(' ', p.given_name, nullif(p.family_name, '')), coalesce(a.name, 'Agency not known'), c.title,
    chosen.ends_at, chosen.outcome
FROM (SELECT * FROM held WHERE {counted} ORDER BY ends_at DESC, run_id, id {part}) AS chosen
JOIN partners_person p ON p.id = chosen.person_id
JOIN courses_course c ON c.id = chosen.course_id
LEFT JOIN partners_agency a ON a.id = chosen.agency_id
ORDER BY chosen.ends_at DESC, chosen.run_id, chosen.id
"""


def _sql(asked: Asked, figure: str, template: str, part: str = "") -> tuple[str, dict[str, object]]:
    held, values = statement(asked)
    everything = figure == "booked"  # then nobody's marks need be looked at
    counted = "NOT walk_in" if everything else "outcome = ANY(%(outcomes)s)"
    values["outcomes"] = list(FIGURES[figure].outcomes)
    return template.format(held=held, counted=counted, part=part), values


def count(asked: Asked, figure: str) -> int:
    """How many bookings a figure counts."""
    with connection.cursor() as cursor:
        cursor.execute(*_sql(asked, figure, _COUNT))
        return cursor.fetchone()[0]


def some(asked: Asked, figure: str, *, first: int, most: int) -> list[Attendee]:
    """A page of them, newest runs first: at most so many, from the one at `first` on, which is 0 for the first."""
    sql, values = _sql(asked, figure, _ATTENDEES, "LIMIT %(most)s OFFSET %(first)s")
    with connection.cursor() as cursor:
        cursor.execute(sql, values | {"most": most, "first": first})
        return [Attendee(*row) for row in cursor]


def each(asked: Asked, figure: str) -> Iterator[Attendee]:
    """All of them, with no more than a few thousand in memory at once."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(*_sql(asked, figure, _ATTENDEES))
        while rows := cursor.fetchmany(CHUNK):
            yield from (Attendee(*row) for row in rows)


CHUNK = 2000
