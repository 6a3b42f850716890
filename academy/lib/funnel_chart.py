"""Geometry of `templates/charts/funnel.svg`: a point for each unit's share against how many it is of, between limits.

A comparison that does not rank: D. J. Spiegelhalter, 'Funnel plots for comparing institutional performance', 2005.
Across, places are percentages of the chart's width; down, pixels, as in `academy.lib.charts`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, sqrt

from academy.lib.charts import Tick
from academy.lib.figures import Share, binomial_limits

WIDE = 1000  # units across
TOP, PLOT, AXIS = 14, 260, 44  # px: room for half a word, the plot, the axis and its name
STEPS = 60  # points of a limit's line
NEAR_END = 0.7  # of the way, in people: words beyond would touch the last mark's
USUAL, RARE = 0.025, 0.001  # of units no different from the rest, how many lie beyond each limit: 1 in 40, 1 in 1,000


@dataclass(frozen=True)
class Unit:
    """Something compared: its name, and its share."""

    name: str
    share: Share


@dataclass(frozen=True)
class Point:
    """Where a unit is drawn: percent across, px down; and whether it lies outside the outer limits, or the inner."""

    unit: Unit
    x: float
    y: float
    outside: str  # '', 'usual' or 'rare'

    @property
    def in_words(self) -> str:
        """As the table tells it."""
        return {"": "within", "usual": "outside the inner limits", "rare": "outside the outer limits"}[self.outside]


@dataclass(frozen=True)
class Level:
    """A line across and its words."""

    text: str
    y: int


@dataclass(frozen=True)
class Funnel:
    """Ready to draw."""

    points: Sequence[Point]
    inner: Sequence[str]
    outer: Sequence[str]
    centre: float
    ticks: Sequence[Tick]
    levels: Sequence[Level]
    all_together: Share
    wide: int = WIDE
    base: int = TOP + PLOT
    height: int = TOP + PLOT + AXIS


def funnel(units: Iterable[Unit]) -> Funnel | None:
    """Units on the square root of how many they are of, so that small ones are told apart; None for fewer than 3."""
    shown = [unit for unit in units if unit.share.whole]
    if len(shown) < 3:
        return None
    together = Share(sum(unit.share.part for unit in shown), sum(unit.share.whole for unit in shown))
    most = max(unit.share.whole for unit in shown)
    rate = float(together.value)
    sizes = sorted({max(1, round(most * (step / STEPS) ** 2)) for step in range(1, STEPS + 1)})
    lines = {tail: [(n, *binomial_limits(rate, n, tail)) for n in sizes] for tail in (USUAL, RARE)}
    return Funnel(
        [_point(unit, rate, most) for unit in shown],
        *(_lines(lines[tail], most) for tail in (USUAL, RARE)),
        centre=_down(rate),
        ticks=_ticks(most),
        levels=[Level(f"{share}%", round(_down(share / 100))) for share in (0, 25, 50, 75, 100)],
        all_together=together,
    )


def outside(share: Share, rate: float) -> str:
    """Beyond which limits of `rate` a share lies: '' for none, 'usual' or 'rare'."""
    for tail, words in ((RARE, "rare"), (USUAL, "usual")):
        low, high = binomial_limits(rate, share.whole, tail)
        if not low <= float(share.value) <= high:
            return words
    return ""


def _point(unit: Unit, rate: float, most: int) -> Point:
    share = unit.share
    return Point(unit, round(100 * sqrt(share.whole / most), 2), _down(float(share.value)), outside(share, rate))


def _lines(limits: Sequence[tuple[int, float, float]], most: int) -> list[str]:
    """The lower and the upper limit as paths."""
    return [
        "M" + " ".join(f"{WIDE * sqrt(limit[0] / most):.1f} {_down(limit[side]):.1f}" for limit in limits)
        for side in (1, 2)
    ]


def _ticks(most: int) -> list[Tick]:
    """Round numbers at about a quarter, a half and the whole of the way across."""
    marks = {_round(most * part**2) for part in (0.25, 0.5, 0.75)}
    ticks = [Tick(f"{mark:,}", round(100 * sqrt(mark / most), 2)) for mark in sorted(marks) if mark < NEAR_END * most]
    return [Tick("0", 0), *ticks, Tick(f"{most:,}", 100)]


def _round(number: float) -> int:
    """One figure and noughts."""
    size = 10 ** (len(str(int(number))) - 1)
    return ceil(number / size) * size


def _down(share: float) -> float:
    return round(TOP + PLOT * (1 - share), 1)
