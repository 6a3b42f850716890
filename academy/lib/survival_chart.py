"""Geometry of `templates/charts/survival.svg`: one curve of how many stay, small enough to stand beside others.

Words and marks on the axes are placed as in `academy.lib.charts`: percent across, px down.  Lines are paths in a box
`WIDE` units wide that is stretched to the chart's width, and whose strokes are not.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil

from academy.lib.charts import Tick
from academy.lib.survival import Curve, Step
from academy.lib.text import plural

WIDE = 1000  # units across
TOP, PLOT, AXIS = 24, 150, 30  # px: room for '100%', the curve, the months
SEEN = 5  # px that the mark of someone last seen stands out above and below the line
STEPS = (1, 3, 6, 12, 24, 60, 120)  # months between marks
MOST_MARKS = 5  # after nought


@dataclass(frozen=True)
class Level:
    """A line across, and its words: 'y' in px."""

    text: str
    y: int


@dataclass(frozen=True)
class Survival:
    """One curve, ready to draw: paths in units across and px down; empty where there is nothing to draw."""

    line: str
    band: str
    seen: str
    beside: str
    ticks: Sequence[Tick]
    levels: Sequence[Level] = tuple(Level(f"{share}%", TOP + PLOT * (100 - share) // 100) for share in (0, 50, 100))
    wide: int = WIDE
    top: int = TOP
    base: int = TOP + PLOT
    height: int = TOP + PLOT + AXIS


def months_marked(end: float) -> list[int]:
    """The months to mark on an axis that ends at `end`: 0, 12, 24 …, or closer or wider so that at most six fit."""
    step = next((step for step in STEPS if end / step < MOST_MARKS + 1), STEPS[-1])
    return list(range(0, int(end) + 1, step))


def survival(curve: Curve, end: float, beside: Curve | None = None) -> Survival:
    """`curve` on an axis of months from 0 to `end` or to the next whole month, with the line of another beside it."""
    last = max(1, ceil(end))
    marks = months_marked(last)
    ticks = [Tick(_in_words(month, marks), round(month / last * 100, 2)) for month in marks]
    return Survival(
        line=_line(curve.steps, last),
        band=_band(curve.steps, last),
        seen=_seen(curve.steps, last),
        beside=_line(beside.steps, last) if beside else "",
        ticks=ticks,
    )


def _in_words(month: int, marks: Sequence[int]) -> str:
    """The first mark after nought says what is counted."""
    return plural(month, "month") if month == marks[1] else str(month)


def _line(steps: Sequence[Step], last: int) -> str:
    if not steps:
        return ""
    return "M" + " ".join(_corners(((step.months, step.share) for step in steps), last, starts_at=1))


def _band(steps: Sequence[Step], last: int) -> str:
    """Round the interval: along its upper end, and back along the lower."""
    if not steps:
        return ""
    upper = list(_corners([(step.months, step.high) for step in steps], last))
    lower = list(_corners([(step.months, step.low) for step in steps], last))
    return "M" + " ".join(upper + lower[::-1]) + "Z"


def _seen(steps: Sequence[Step], last: int) -> str:
    """An upright mark wherever someone was last seen still there."""
    marks = ((_across(step.months, last), _down(step.share)) for step in steps if step.censored)
    return "".join(f"M{x} {y - SEEN:.1f}V{y + SEEN:.1f}" for x, y in marks)


def _corners(points: Iterable[tuple[float, float]], last: int, starts_at: float | None = None) -> Iterator[str]:
    """The corners of stairs: each share holds from its month until the next."""
    before = starts_at
    for months, share in points:
        x = _across(months, last)
        if before is not None:
            yield f"{x} {_down(before):.1f}"
        if share != before:
            yield f"{x} {_down(share):.1f}"
        before = share


def _across(months: float, last: int) -> float:
    return round(months / last * WIDE, 1)


def _down(share: float) -> float:
    return round(TOP + PLOT * (1 - share), 1)
