"""Who had a place, who came, and by which rates: the figures that a safeguarding partnership's annual report wants.

Definitions stand beside each figure here, in docs/glossary.md and on every page and paper that shows one. A test
rebuilds Leicester, Leicestershire and Rutland's first quarter of 2016–17 from raw records.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import accumulate

from django.db import connection

from academy.lib.dates import end_of_day, is_working_day, start_of_day
from academy.lib.figures import Share
from academy.lib.periods import quarter
from courses.models import Course, PracticeTheme
from courses.stats.within import EVERYONE, Within
from partners.models import Agency

BEGINNING = date(2010, 1, 1)  # before any record
LONGEST_RUN = timedelta(days=800)  # from when it may be given up late to its last session


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
# As Booking.is_late: fewer working days from giving up to the run than were agreed. `working` counts them up to each
# day from `calendar` on, so that a difference takes no look at days.
_LATE = """(b.free_until_days > 0 AND {ended} > %(calendar)s::date AND
    (%(working)s::int[])[run.starts_on - %(calendar)s::date] - (%(working)s::int[])[{ended} - %(calendar)s::date]
    < b.free_until_days)""".format(ended="(b.ended_at AT TIME ZONE 'Europe/London')::date")
_CELLS = """
WITH {held}, cell AS MATERIALIZED (
    SELECT run_id, agency_id, {outcomes}
    FROM (SELECT run_id, agency_id, outcome, count(*) AS n FROM held GROUP BY run_id, agency_id, outcome) AS came_to
    GROUP BY run_id, agency_id
)
"""
_RUNS = "WITH {held}, cell AS (SELECT id AS run_id, NULL::bigint AS agency_id, capacity FROM run WHERE {seen})"
_BY = "SELECT '{kind}', {keys}, count(*), sum(run.sessions), {sums} FROM cell c JOIN run ON run.id = c.run_id{themes}"
_THEMES = " JOIN courses_course_themes t ON t.course_id = run.course_id"
_KEYS = {
    "total": [],
    "course": ["run.course_id"],
    "agency": ["c.agency_id"],
    "theme": ["t.practicetheme_id"],
    "quarter": ["run.quarter"],
    "course_agency": ["run.course_id", "c.agency_id"],
}
_KEPT = {"run.course_id": "bigint", "c.agency_id": "bigint", "t.practicetheme_id": "bigint", "run.quarter": "date"}
EVERYTHING = ("course", "agency", "theme", "quarter", "course_agency")
_OUTCOMES = ("in_time", "late", "no_show", "excused", "not_marked", "came", "walk_in")


def _by(kind: str, sums: str) -> str:
    """Cells or runs summed by what that kind of row is about."""
    keys = ", ".join(column if column in _KEYS[kind] else f"NULL::{type_}" for column, type_ in _KEPT.items())
    themes = _THEMES if kind == "theme" else ""
    select = _BY.format(kind=kind, keys=keys, sums=sums, themes=themes)
    return f"{select} GROUP BY {', '.join(_KEYS[kind]) or '()'}"


def statement(asked: Asked, only: Sequence[int] | None = None) -> tuple[str, dict[str, object]]:
    """The CTEs `run`, `marked` and `held` for these figures, and their values; of some of the runs, by id, `only`."""
    own, values = asked.within.sql("b")
    runs, bookings = "" if only is None else " AND r.id = ANY(%(only)s)", f" AND {own}"
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
    values |= {"course": asked.course, "theme": asked.theme, "agency": asked.agency, "only": only}
    calendar = start - LONGEST_RUN
    values |= {"calendar": calendar, "working": _working_days(calendar, asked.end)}
    return HELD.format(runs=runs, bookings=bookings, late=_LATE), values


def _working_days(first: date, last: date) -> list[int]:
    """How many days from `first` on England works, up to each day and itself."""
    days = (first + timedelta(days=n) for n in range(max(1, (last - first).days + 1)))
    return list(accumulate(int(is_working_day(day)) for day in days))


def attendance(asked: Asked, by: Sequence[str] = EVERYTHING) -> Attendance:
    """The figures in total, and by what is asked for. Five queries, however many rows there are."""
    found: dict[str, dict[object, Row]] = defaultdict(dict)
    for kind, key, runs, sessions, *counts in _cells(asked, by):
        found[kind][key] = Row(key, "", Counter(dict(zip(_OUTCOMES, map(int, counts), strict=True))), runs, sessions)
    for kind, key, runs, sessions, capacity in _runs(asked, by):
        row = found[kind].setdefault(key, Row(key, ""))
        row.runs, row.sessions = runs, sessions
        row.capacity = None if asked.is_narrow else int(capacity)
    return _named(asked, found)


def _cells(asked: Asked, by: Sequence[str]) -> Iterator[tuple]:
    """What came of bookings: kind of row, key, runs, sessions, and how many for each of _OUTCOMES."""
    held, values = statement(asked)
    outcomes = ", ".join(f"coalesce(sum(n) FILTER (WHERE outcome = '{name}'), 0) AS {name}" for name in _OUTCOMES)
    sums = ", ".join(f"sum(c.{name})" for name in _OUTCOMES)
    return _rows(_CELLS.format(held=held, outcomes=outcomes), ("total", *by), sums, values)


def _runs(asked: Asked, by: Sequence[str]) -> Iterator[tuple]:
    """Runs, sessions and places: of all runs; or, where only some people are counted, of runs that any of them had."""
    held, values = statement(asked)
    seen = "EXISTS (SELECT FROM held WHERE held.run_id = run.id)" if asked.is_narrow else "TRUE"
    kinds = ["total", *(kind for kind in by if "agency" not in kind)]
    return _rows(_RUNS.format(held=held, seen=seen), kinds, "sum(c.capacity)", values)


def _rows(sql: str, kinds: Sequence[str], sums: str, values: dict[str, object]) -> Iterator[tuple]:
    """Kind, key, runs, sessions and sums; nothing for a total of nothing."""
    selects = " UNION ALL ".join(_by(kind, sums) for kind in kinds)
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} {selects}", values)
        rows = cursor.fetchall()
    for kind, course, agency, theme, quarter_of, runs, sessions, *counts in rows:
        if runs:
            yield kind, _key(kind, course, agency, theme, quarter_of), runs, int(sessions), *counts


def _key(kind: str, course: int, agency: int | None, theme: int, quarter_of: date) -> object:
    return {
        "total": None,
        "course": course,
        "agency": agency,
        "theme": theme,
        "quarter": quarter_of,
        "course_agency": (course, agency),
    }[kind]


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
