"""The multi-agency report: who had a place, who came, and by which rates."""

from collections.abc import Iterator
from datetime import date

from academy.lib import clock, registry
from academy.lib.registry import Report
from courses.stats.attendance import FIGURES, RATES, SCOPE, Asked, Attendance, Row, attendance

COUNTS = ("booked", "in_time", "late", "no_show", "excused", "not_marked", "walk_in", "booked_attended", "attended")
COLUMNS = [
    *("Counted by", "Which", "Agency", "Runs", "Sessions", "Capacity"),
    *(FIGURES[name].label for name in COUNTS),
    *(f"{rate.label}, %" for rate in RATES.values()),
    *("From", "As at"),
]
NOTES = [
    SCOPE,
    *(f"{figure.label}: {figure.definition}" for figure in FIGURES.values()),
    *(f"{rate.label}: {rate.definition}" for rate in RATES.values()),
    "Percentages are rounded half up to whole numbers. Bookings are counted as they are known now, whatever the day.",
]


@registry.report("multi-agency")
def multi_agency_report(start: date | None, as_at: date, known_at: date) -> Report:
    """Bookings on runs that ended from `start`, or ever, to `as_at`. `known_at` is not used: what a booking came to is
    not dated twice."""
    return report_of(attendance(Asked(start, as_at, clock.now())))


def report_of(found: Attendance) -> Report:
    """The same figures as rows, the total first."""
    asked = found.asked
    return Report(
        title="Training by course and agency",
        columns=COLUMNS,
        rows=[
            [
                *which,
                row.runs,
                row.sessions,
                row.capacity,
                *map(row.count, COUNTS),
                *_percents(row),
                asked.start,
                asked.end,
            ]
            for which, row in _lines(found)
        ],
        data=_data(found),
        notes=NOTES,
    )


def _lines(found: Attendance) -> Iterator[tuple[tuple[str, str, str], Row]]:
    yield ("Everything", "", ""), found.total
    for row in found.courses:
        yield ("Course", row.label, ""), row
        for part in found.by_course.get(row.key, []):
            yield ("Course and agency", row.label, part.label), part
    for row in found.agencies:
        yield ("Agency", "", row.label), row
    for what, rows in (("Practice theme", found.themes), ("Quarter", found.quarters)):
        for row in rows:
            yield (what, row.label, ""), row


def _percents(row: Row) -> list[int | None]:
    return [row.rate(name).percent for name in RATES]


def _data(found: Attendance) -> dict[str, object]:
    return {
        "from": found.asked.start,
        "as_at": found.asked.end,
        "total": _figures(found.total),
        "courses": [
            {"course": row.label, **_figures(row), "agencies": _named("agency", found.by_course.get(row.key, []))}
            for row in found.courses
        ],
        "agencies": _named("agency", found.agencies),
        "themes": _named("theme", found.themes),
        "quarters": [{"quarter": row.label, "starts_on": row.key, **_figures(row)} for row in found.quarters],
        "definitions": {name: each.definition for name, each in (FIGURES | RATES).items()},
    }


def _named(what: str, rows: list[Row]) -> list[dict[str, object]]:
    return [{what: row.label, **_figures(row)} for row in rows]


def _figures(row: Row) -> dict[str, object]:
    return {
        **{name: getattr(row, name) for name in ("runs", "sessions", "capacity")},
        **{name: row.count(name) for name in COUNTS},
        "cancelled": row.count("in_time") + row.count("late"),
        **{f"{name}_pct": row.rate(name).percent for name in RATES},
    }
