"""Who waits against what is to come; and what places cost."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import connection

from academy.lib.dates import london_day
from academy.lib.figures import half_up
from courses.stats.attendance import Asked, statement
from courses.stats.within import EVERYONE, Within
from partners.models import Employment


@dataclass(frozen=True)
class Demand:
    """One course: people who wait in queues of its runs, who wait for a date, and both, each person once; and the runs
    to come with their places."""

    course: int
    title: str
    in_queues: int
    for_a_date: int
    people: int
    runs: int
    places: int
    left: int

    @property
    def short(self) -> int:
        """Places that are missing: people who wait, less places that are still to be had."""
        return max(0, self.people - self.left)


_DEMAND = """
WITH coming AS (
    SELECT r.id, r.course_id, r.capacity, (
        SELECT count(*) FROM courses_booking b
        WHERE b.run_id = r.id AND b.state IN ('booked', 'offered') AND NOT b.walk_in
    ) AS held
    FROM courses_run r WHERE r.state = 'published' AND r.starts_at > %(at)s
), supply AS (
    SELECT course_id, count(*) AS runs, sum(capacity) AS places, sum(greatest(capacity - held, 0))::int AS left
    FROM coming GROUP BY course_id
), waiting AS (
    SELECT coming.course_id, b.person_id, TRUE AS in_queue
    FROM coming JOIN courses_booking b ON b.run_id = coming.id WHERE b.state = 'queued' AND {queued}
    UNION
    SELECT i.course_id, i.person_id, FALSE FROM courses_interest i WHERE i.state = 'waiting' AND {interested}
), demand AS (
    SELECT course_id, count(*) FILTER (WHERE in_queue) AS in_queues, count(*) FILTER (WHERE NOT in_queue) AS for_a_date,
        count(DISTINCT person_id) AS people
    FROM waiting GROUP BY course_id
)
SELECT c.id, c.title, coalesce(d.in_queues, 0), coalesce(d.for_a_date, 0), coalesce(d.people, 0), coalesce(s.runs, 0),
    coalesce(s.places, 0), coalesce(s.left, 0)
FROM demand d FULL JOIN supply s USING (course_id) JOIN courses_course c ON c.id = course_id
WHERE %(theme)s::int IS NULL
    OR EXISTS (SELECT FROM courses_course_themes t WHERE t.course_id = c.id AND t.practicetheme_id = %(theme)s)
"""


def demand(at: datetime, within: Within = EVERYONE, theme: int | None = None) -> list[Demand]:
    """Every course that anybody waits for or that has a run to come; where most places are missing first.

    Within an agency only its own people's waiting counts; places to come are everybody's.
    """
    queued, interested, values = _whose(at, within)
    with connection.cursor() as cursor:
        cursor.execute(_DEMAND.format(queued=queued, interested=interested), values | {"theme": theme})
        found = [Demand(*row) for row in cursor]
    return sorted(found, key=lambda course: (-course.short, -course.people, course.title.casefold()))


@dataclass(frozen=True)
class Waiting:
    """Somebody who waits for a course, and since when: in the queues of runs that start at those moments, for a date
    (perhaps for the next place), on those days of the week and in those areas; none named: any."""

    person: int
    name: str
    since: datetime
    queues: list[datetime]
    for_a_date: bool
    wants_place: bool
    days: list[int]
    areas: list[str]


_WAITING = """
WITH queued AS (
    SELECT b.person_id, min(b.asked_at) AS since, array_agg(r.starts_at ORDER BY r.starts_at) AS runs
    FROM courses_run r JOIN courses_booking b ON b.run_id = r.id
    WHERE r.course_id = %(course)s AND r.state = 'published' AND r.starts_at > %(at)s
        AND b.state = 'queued' AND {queued}
    GROUP BY b.person_id
), interested AS (
    SELECT i.* FROM courses_interest i WHERE i.course_id = %(course)s AND i.state = 'waiting' AND {interested}
)
SELECT p.id, concat_ws(' ', p.given_name, nullif(p.family_name, '')), least(q.since, i.asked_at) AS since,
    coalesce(q.runs, '{{}}'), i.id IS NOT NULL, coalesce(i.wants_place, FALSE), coalesce(i.days, '{{}}'),
    coalesce(i.areas, '{{}}')
FROM queued q FULL JOIN interested i USING (person_id) JOIN partners_person p ON p.id = person_id
ORDER BY since, p.id
"""


def who_waits(course: int, at: datetime, within: Within = EVERYONE) -> list[Waiting]:
    """The people behind `Demand.people` of a course, by id: as many, who has waited longest first."""
    queued, interested, values = _whose(at, within)
    with connection.cursor() as cursor:
        cursor.execute(_WAITING.format(queued=queued, interested=interested), values | {"course": course})
        return [Waiting(*row) for row in cursor]


def _whose(at: datetime, within: Within) -> tuple[str, str, dict[str, object]]:
    """Whose queueing and whose interest count, as conditions on `b` and `i`, with their values."""
    queued, values = within.sql("b")
    interested = "TRUE" if within.everyone else "i.person_id = ANY(%(own)s)"
    return queued, interested, values | {"at": at, "own": _people(within, london_day(at))}


def _people(within: Within, on: date) -> list[int]:
    """Who works for the agencies, or in the teams, on a day."""
    if within.everyone:
        return []
    employed = Employment.objects.in_post(on).filter(agency__in=within.agencies).values_list("person", flat=True)
    return [*employed, *(person for _, person in within.people)]


@dataclass(frozen=True)
class Cost:
    """What a course's runs cost, those whose cost is known; and their places and who came."""

    title: str
    runs: int
    known: int
    pounds: Decimal
    places: int
    attended: int

    @property
    def a_place(self) -> Decimal | None:
        """Pounds, in whole pence; None where no cost is known."""
        return half_up(self.pounds / self.places, 2) if self.known and self.places else None

    @property
    def an_attended_place(self) -> Decimal | None:
        return half_up(self.pounds / self.attended, 2) if self.known and self.attended else None


_COST = """
WITH {held}, came AS (
    SELECT run_id, count(*) AS attended FROM held WHERE outcome IN ('came', 'walk_in') GROUP BY run_id
)
SELECT c.title, count(*), count(r.cost), coalesce(sum(r.cost), 0),
    coalesce(sum(r.capacity) FILTER (WHERE r.cost IS NOT NULL), 0),
    coalesce(sum(came.attended) FILTER (WHERE r.cost IS NOT NULL), 0)
FROM run JOIN courses_run r ON r.id = run.id JOIN courses_course c ON c.id = r.course_id
LEFT JOIN came ON came.run_id = run.id
GROUP BY c.id ORDER BY c.title, c.id
"""


def costs(asked: Asked) -> list[Cost]:
    """By course, of runs that ended in the period."""
    held, values = statement(asked)
    with connection.cursor() as cursor:
        cursor.execute(_COST.format(held=held), values)
        return [
            Cost(title, runs, known, pounds, int(places), int(came))
            for title, runs, known, pounds, places, came in cursor
        ]
