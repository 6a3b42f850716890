"""Who had a place, who came, and by which rates: the figures that a safeguarding partnership's annual report wants.

Definitions stand beside each figure here, in docs/glossary.md and on every page and paper that shows one. A test
rebuilds Leicester, Leicestershire and Rutland's first quarter of 2016–17 from raw records.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import connection

from academy.lib.dates import end_of_day, is_working_day, start_of_day
from academy.lib.figures import Share
from academy.lib.periods import quarter
from courses.models import Course, PracticeTheme
from courses.stats.within import EVERYONE, Within
from partners.models import Agency

BEGINNING = date(2010, 1, 1)  # before any record


@dataclass(frozen=True)
class Figure:
    """One count: what bookings came to that are counted in it, and how it is worked out."""

    label: str
    outcomes: tuple[str, ...]
    definition: str


FIGURES = {
    "booked": Figure(
        "Booked",
        ("in_time", "late", "no_show", "excused", "not_marked", "came"),
        "People who had a place on the run, whatever became of it. A place handed on is counted once, for the "
        "colleague. Waiting in a queue, an offer nobody took and a place that was not approved are not bookings.",
    ),
    "in_time": Figure(
        "Cancelled in time", ("in_time",), "Booked, and given up by the last day on which that cost nothing."
    ),
    "late": Figure(
        "Cancelled late",
        ("late",),
        "Booked, and given up after that day, as agreed with the agency when the place was booked.",
    ),
    "no_show": Figure(
        "Did not come",
        ("no_show", "excused"),
        "Booked, kept the place, and marked absent or excused at every session that was marked; or late, where it was "
        "agreed that late is absent.",
    ),
    "excused": Figure("of them excused", ("excused",), "Did not come, and sent word: marked excused at a session."),
    "not_marked": Figure("Not marked", ("not_marked",), "Booked, and nobody has marked them in a register yet."),
    "walk_in": Figure("Came unbooked", ("walk_in",), "People who came on the day without a booking (walk-ins)."),
    "booked_attended": Figure(
        "Booked and attended",
        ("came",),
        "Booked, and marked present, late or there for part of it at a session or more.",
    ),
    "attended": Figure(
        "Attended",
        ("came", "walk_in"),
        "Everyone who was there: booked and attended, or came unbooked. So attended = booked − cancelled − did not "
        "come − not marked + came unbooked.",
    ),
}


@dataclass(frozen=True)
class Rate:
    """One count divided by another, or by the places there were."""

    label: str
    part: str
    whole: str
    definition: str


RATES = {
    "attended_of_booked": Rate(
        "Attended ÷ booked",
        "attended",
        "booked",
        "Everyone who was there, walk-ins included, out of everyone who was booked. Over 100% where more came unbooked "
        "than stayed away.",
    ),
    "attended_of_capacity": Rate(
        "Attended ÷ capacity",
        "attended",
        "capacity",
        "Everyone who was there out of all places there were. Places belong to a whole run and not to an agency, so "
        "this is not given for one agency.",
    ),
    "booked_attended_of_booked": Rate(
        "Booked and attended ÷ booked",
        "booked_attended",
        "booked",
        "Of those who were booked, who was there. Walk-ins are left out.",
    ),
}
SCOPE = (
    "Runs whose last session ended in the period; cancelled runs are left out. Agency: the one that employed the "
    "person when the place was booked. A course with several practice themes is counted under each of them."
)


@dataclass(frozen=True)
class Asked:
    """What the figures are about: from which day to which, and what they are narrowed to. Agency 0 is 'not known'."""

    start: date | None
    end: date
    at: datetime
    agency: int | None = None
    theme: int | None = None
    course: int | None = None
    within: Within = EVERYONE

    @property
    def is_narrow(self) -> bool:
        """Whether only some of a run's people are counted, so that its places are nobody's to divide by."""
        return self.agency is not None or not self.within.everyone


@dataclass
class Row:
    """What bookings came to on some runs. `capacity` is None where only some of the runs' people are counted."""

    key: int | date | tuple | None
    label: str
    outcomes: Counter[str] = field(default_factory=Counter)
    runs: int = 0
    sessions: int = 0
    capacity: int | None = None

    def count(self, figure: str) -> int:
        return sum(self.outcomes[outcome] for outcome in FIGURES[figure].outcomes)

    def rate(self, name: str) -> Share:
        """A share of nothing where it is not to be given."""
        rate = RATES[name]
        whole = (self.capacity or 0) if rate.whole == "capacity" else self.count(rate.whole)
        return Share(self.count(rate.part), whole)


@dataclass(frozen=True)
class Attendance:
    """The whole report."""

    asked: Asked
    total: Row
    courses: list[Row]
    agencies: list[Row]
    themes: list[Row]
    quarters: list[Row]
    by_course: dict[int, list[Row]]  # the agencies of each course


# Every booking that counts, with what came of it. A run's days are London's.
HELD = """
run AS (
    SELECT r.id, r.course_id, r.capacity, r.ends_at,
        (r.starts_at AT TIME ZONE 'Europe/London')::date AS starts_on,
        date_trunc('quarter', r.ends_at AT TIME ZONE 'Europe/London')::date AS quarter,
        (SELECT count(*) FROM courses_session s WHERE s.run_id = r.id) AS sessions
    FROM courses_run r
    WHERE r.state IN ('published', 'completed') AND r.ends_at >= %(start)s AND r.ends_at <= %(until)s{runs}
), marked AS (
    SELECT a.booking_id, bool_or(a.mark IN ('present', 'part')) AS there, bool_or(a.mark = 'late') AS late,
        bool_or(a.mark = 'excused') AS excused
    FROM run JOIN courses_session s ON s.run_id = run.id JOIN courses_attendance a ON a.session_id = s.id
    GROUP BY a.booking_id
), held AS (
    SELECT b.id, b.run_id, b.person_id, b.agency_id, b.walk_in, run.course_id, run.ends_at, CASE
        WHEN b.state = 'given_up' THEN CASE WHEN {late} THEN 'late' ELSE 'in_time' END
        WHEN m.there OR m.late AND NOT b.late_is_absent THEN CASE WHEN b.walk_in THEN 'walk_in' ELSE 'came' END
        WHEN b.walk_in THEN CASE WHEN m.booking_id IS NULL THEN 'walk_in' END
        WHEN m.booking_id IS NULL THEN 'not_marked'
        WHEN m.excused THEN 'excused'
        ELSE 'no_show' END AS outcome
    FROM run JOIN courses_booking b ON b.run_id = run.id LEFT JOIN marked m ON m.booking_id = b.id
    WHERE b.state IN ('booked', 'given_up'){bookings}
)"""
# As Booking.is_late: fewer working days before the run than were agreed. Long before, nobody need count them.
_LATE = """(b.free_until_days > 0
    AND run.starts_on - (b.ended_at AT TIME ZONE 'Europe/London')::date <= 2 * b.free_until_days + 14
    AND (
        SELECT count(*) FROM generate_series(
            (b.ended_at AT TIME ZONE 'Europe/London')::date, run.starts_on - 1, interval '1 day'
        ) AS d WHERE extract(isodow FROM d) < 6 AND NOT d::date = ANY(%(holidays)s::date[])
    ) < b.free_until_days)"""
_CELLS = """
WITH {held}, cell AS MATERIALIZED (
    SELECT held.run_id, held.course_id, held.agency_id, {outcomes}
    FROM held GROUP BY held.run_id, held.course_id, held.agency_id
)
SELECT {kind}, c.course_id, c.agency_id, run.quarter, NULL, count(*), sum(run.sessions), {sums}
FROM cell c JOIN run ON run.id = c.run_id
GROUP BY GROUPING SETS ((), (c.course_id), (c.agency_id), (run.quarter), (c.course_id, c.agency_id))
UNION ALL
SELECT 'theme', NULL, NULL, NULL, t.practicetheme_id, count(*), sum(run.sessions), {sums}
FROM cell c JOIN run ON run.id = c.run_id JOIN courses_course_themes t ON t.course_id = c.course_id
GROUP BY t.practicetheme_id
"""
_RUNS = """
WITH {held}
SELECT {kind}, run.course_id, NULL, run.quarter, NULL, count(*), sum(run.sessions), sum(run.capacity)
FROM run WHERE {seen} GROUP BY GROUPING SETS ((), (run.course_id), (run.quarter))
UNION ALL
SELECT 'theme', NULL, NULL, NULL, t.practicetheme_id, count(*), sum(run.sessions), sum(run.capacity)
FROM run JOIN courses_course_themes t ON t.course_id = run.course_id WHERE {seen} GROUP BY t.practicetheme_id
"""
_OUTCOMES = ("in_time", "late", "no_show", "excused", "not_marked", "came", "walk_in")


def statement(asked: Asked) -> tuple[str, dict[str, object]]:
    """The CTEs `run`, `marked` and `held` for these figures, and their values."""
    own, values = asked.within.sql("b")
    runs, bookings = "", f" AND {own}"
    if asked.course is not None:
        runs += " AND r.course_id = %(course)s"
    if asked.theme is not None:
        runs += (
            " AND EXISTS (SELECT FROM courses_course_themes t"
            " WHERE t.course_id = r.course_id AND t.practicetheme_id = %(theme)s)"
        )
    if asked.agency is not None:
        bookings += " AND b.agency_id = %(agency)s" if asked.agency else " AND b.agency_id IS NULL"
    start = asked.start or BEGINNING
    values |= {"start": start_of_day(start), "until": min(end_of_day(asked.end), asked.at)}
    values |= {"course": asked.course, "theme": asked.theme, "agency": asked.agency}
    values["holidays"] = _holidays(start, asked.end)
    return HELD.format(runs=runs, bookings=bookings, late=_LATE), values


def _holidays(start: date, end: date) -> list[date]:
    """Mondays to Fridays on which England does not work, from well before the first run."""
    first = start - timedelta(days=100)
    days = (first + timedelta(days=n) for n in range(max(0, (end - first).days)))
    return [day for day in days if day.weekday() < 5 and not is_working_day(day)]


def attendance(asked: Asked) -> Attendance:
    """The figures by course, agency, theme and quarter. Five queries, however many rows there are."""
    found: dict[str, dict[object, Row]] = defaultdict(dict)
    for kind, key, runs, sessions, outcomes in _cells(asked):
        row = found[kind][key] = Row(key, "", Counter(outcomes), runs, sessions)
        row.capacity = None
    for kind, key, runs, sessions, capacity in _runs(asked):
        row = found[kind].setdefault(key, Row(key, ""))
        row.runs, row.sessions = runs, sessions
        row.capacity = None if asked.is_narrow else capacity
    return _named(asked, found)


def _cells(asked: Asked) -> Iterator[tuple[str, object, int, int, dict[str, int]]]:
    held, values = statement(asked)
    outcomes = ", ".join(f"count(*) FILTER (WHERE outcome = '{name}') AS {name}" for name in _OUTCOMES)
    sums = ", ".join(f"coalesce(sum(c.{name}), 0)" for name in _OUTCOMES)
    kinds = _kind("c.course_id, c.agency_id, run.quarter")
    sql = _CELLS.format(held=held, outcomes=outcomes, sums=sums, kind=kinds)
    for kind, course, agency, quarter_of, theme, runs, sessions, *counts in _rows(sql, values):
        key = _key(kind, course, agency, quarter_of, theme)
        yield kind, key, runs, int(sessions or 0), dict(zip(_OUTCOMES, map(int, counts), strict=True))


def _runs(asked: Asked) -> Iterator[tuple[str, object, int, int, int]]:
    """Runs, sessions and places: of all runs; or, where only some people are counted, of runs that any of them had."""
    held, values = statement(asked)
    seen = "EXISTS (SELECT FROM held WHERE held.run_id = run.id)" if asked.is_narrow else "TRUE"
    kinds = "CASE GROUPING(run.course_id, run.quarter) WHEN 3 THEN 'total' WHEN 1 THEN 'course' ELSE 'quarter' END"
    for kind, *keys, runs, sessions, places in _rows(_RUNS.format(held=held, seen=seen, kind=kinds), values):
        yield kind, _key(kind, *keys), runs, int(sessions or 0), int(places or 0)


def _kind(columns: str) -> str:
    """The name of a grouping set, from the bits of those columns that it leaves out."""
    return (
        f"CASE GROUPING({columns}) WHEN 7 THEN 'total' WHEN 3 THEN 'course' WHEN 5 THEN 'agency' WHEN 6 THEN 'quarter'"
        " ELSE 'course_agency' END"
    )


def _key(kind: str, course: int, agency: int | None, quarter_of: date, theme: int) -> object:
    return {
        "total": None,
        "course": course,
        "agency": agency,
        "quarter": quarter_of,
        "theme": theme,
        "course_agency": (course, agency),
    }[kind]


def _rows(sql: str, values: dict[str, object]) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def _named(asked: Asked, found: dict[str, dict[object, Row]]) -> Attendance:
    """Rows with their names, in their order; those of agencies under each course too."""
    names = {
        "course": dict(Course.objects.filter(pk__in=found["course"]).values_list("pk", "title")),
        "agency": dict(Agency.objects.filter(pk__in=[k for k in found["agency"] if k]).values_list("pk", "name")),
        "theme": dict(PracticeTheme.objects.filter(pk__in=found["theme"]).values_list("pk", "name")),
    }
    for kind, known in names.items():
        for key, row in found[kind].items():
            row.label = known.get(key, "Agency not known")
    by_course = defaultdict(list)
    for (course, agency), row in found["course_agency"].items():
        row.label = names["agency"].get(agency, "Agency not known")
        by_course[course].append(row)
    for key, row in found["quarter"].items():
        row.label = quarter(key).name
    total = found["total"].get(None, Row(None, ""))
    total.label = "Total"
    return Attendance(
        asked,
        total,
        *(sorted(found[kind].values(), key=lambda row: row.label.casefold()) for kind in ("course", "agency", "theme")),
        quarters=sorted(found["quarter"].values(), key=lambda row: row.key),
        by_course={course: sorted(rows, key=lambda row: row.label.casefold()) for course, rows in by_course.items()},
    )
