"""The part of the retention page on how long people stay: a small chart for each cohort, and its tables."""

from dataclasses import dataclass
from math import ceil

from academy.lib.figures import half_up
from academy.lib.survival import Curve
from academy.lib.survival_chart import Survival, months_marked, survival
from academy.lib.text import plural
from evaluation.reports import CURVE_NOTES
from evaluation.stats.retention import Retention
from evaluation.stats.staying import CohortCurve, Moved, Staying, staying

YEARS = (12, 24, 36)  # months
MOST_CHARTS = 9
FEW = 5  # the page names n where it is smaller than this


@dataclass(frozen=True)
class Panel:
    """One small chart and what it says, in words."""

    name: str
    detail: str
    desc: str
    chart: Survival


@dataclass(frozen=True)
class Section:
    """All that the template needs."""

    moved: Moved
    other: Moved
    panels: list[Panel]
    begun: list[str]  # cohorts without a chart, since there is nothing to draw yet
    older: list[str]  # and those for which there is no room
    unknown: int
    shares: list[tuple[CohortCurve, list[tuple[str, str]]]]
    at_risk: dict[str, list]
    notes: list[str]


def section(found: Retention, moved: Moved) -> Section:
    """The curves of the newest cohorts, the tables of all, by one reading of moves within the council."""
    read = staying(found)[moved]
    lasting = [row for row in read.rows if row.curve.end >= 1]
    older, drawn = lasting[:-MOST_CHARTS], lasting[-MOST_CHARTS:]
    rows = [*read.rows, read.overall] if len(read.rows) > 1 else read.rows
    return Section(
        moved=moved,
        other=next(other for other in Moved if other != moved),
        panels=_panels(drawn, read),
        begun=[row.name for row in read.rows if row not in lasting],
        older=[row.name for row in older],
        unknown=read.overall.unknown,
        shares=[(row, [(f"{months} months", _share(row.curve, months)) for months in YEARS]) for row in rows],
        at_risk=_at_risk(rows, read.overall.curve.end),
        notes=CURVE_NOTES,
    )


def _panels(drawn: list[CohortCurve], read: Staying) -> list[Panel]:
    end = max((row.curve.end for row in drawn), default=0)
    beside = read.overall.curve if len(read.rows) > 1 else None
    return [Panel(row.name, _detail(row.curve), _desc(row), survival(row.curve, end, beside)) for row in drawn]


def _detail(curve: Curve) -> str:
    leavers, months = plural(curve.left, "leaver"), plural(int(curve.end), "month")
    return f"{plural(curve.people, 'member')}, {leavers}, {months}"


def _desc(row: CohortCurve) -> str:
    shares = [f"after {months} months {_share(row.curve, months)}" for months in YEARS if row.curve.at(months)]
    return f"{_detail(row.curve)}. Still there: {', '.join(shares) or 'not yet followed for 12 months'}."


def _share(curve: Curve, months: int) -> str:
    """'83% (48% to 96%)', with n where it is small; 'not yet' beyond the last observation."""
    step = curve.at(months)
    if step is None:
        return "not yet"
    share, low, high = (half_up(100 * value) for value in (step.share, step.low, step.high))
    n = curve.at_risk(months) or curve.people
    return f"{share}% ({low}% to {high}%){f' (n = {n})' if n < FEW else ''}"


def _at_risk(rows: list[CohortCurve], end: float) -> dict[str, list]:
    marks = months_marked(ceil(end))
    return {
        "columns": ["Cohort", *map(str, marks)],
        "rows": [[row.name, *(row.curve.at_risk(month) for month in marks)] for row in rows],
    }
