"""The bookings behind a figure of attendance: as many as it counts."""

from collections.abc import Iterator, Mapping, Sequence
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


_PER_RUN = """
WITH {held}
SELECT run_id, count(*) FROM held WHERE {counted} GROUP BY run_id, ends_at ORDER BY ends_at DESC, run_id
"""
_ATTENDEES = """
WITH {held}
SELECT p.id, concat_ws(' ', p.given_name, nullif(p.family_name, '')), coalesce(a.name, 'Agency not known'), c.title,
    held.ends_at, held.outcome
FROM held
JOIN partners_person p ON p.id = held.person_id
JOIN courses_course c ON c.id = held.course_id
LEFT JOIN partners_agency a ON a.id = held.agency_id
WHERE {counted}
ORDER BY held.ends_at DESC, held.run_id, held.id {part}
"""


def _sql(
    asked: Asked, figure: str, template: str, part: str = "", only: Sequence[int] | None = None
) -> tuple[str, dict[str, object]]:
    held, values = statement(asked, only)
    everything = figure == "booked"  # then nobody's marks need be looked at
    counted = "NOT walk_in" if everything else "outcome = ANY(%(outcomes)s)"
    values["outcomes"] = list(FIGURES[figure].outcomes)
    return template.format(held=held, counted=counted, part=part), values


def per_run(asked: Asked, figure: str) -> dict[int, int]:
    """How many bookings a figure counts on each run, by the run's id, newest first."""
    with connection.cursor() as cursor:
        cursor.execute(*_sql(asked, figure, _PER_RUN))
        return dict(cursor.fetchall())


def some(asked: Asked, figure: str, runs: Mapping[int, int], *, first: int, most: int) -> list[Attendee]:
    """Part of them, newest runs first: at most so many, from the one at `first` on, which is 0 for the first.

    `runs` is what `per_run` said: only the bookings of runs that have a line in this part are looked at.
    """
    only, before, so_far = [], 0, 0
    for run, count in runs.items():
        if so_far + count <= first:
            before += count
        elif so_far < first + most:
            only.append(run)
        so_far += count
    sql, values = _sql(asked, figure, _ATTENDEES, "LIMIT %(most)s OFFSET %(first)s", only)
    with connection.cursor() as cursor:
        cursor.execute(sql, values | {"most": most, "first": first - before})
        return [Attendee(*row) for row in cursor]


def each(asked: Asked, figure: str) -> Iterator[Attendee]:
    """All of them, with no more than a few thousand in memory at once."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(*_sql(asked, figure, _ATTENDEES))
        while rows := cursor.fetchmany(CHUNK):
            yield from (Attendee(*row) for row in rows)


CHUNK = 2000
