"""Geometry of the charts that `templates/charts/` draws; no drawing here, and no figures worked out.

Across, lengths are percentages of the chart's width, so that a chart fits a phone and a wide screen with
the same legible words; down, they are pixels.  Words are wrapped for a width of 300 px.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from textwrap import wrap

NARROWEST = 300  # px, a chart inside a panel on a phone 375 px wide
CHARACTER = 9  # px, a bold digit at 16 px, rounded up
LINE_CHARACTERS = 35  # that fit on a line of the narrowest chart
NAME_CHARACTERS = 24  # likewise of names, which are of any length: on a phone 320 px wide, with letters set wide apart
LINE, BAR, GAP, AXIS, CAP = 21, 30, 18, 28, 7  # px


@dataclass(frozen=True)
class Style:
    """How one key is filled: told apart by its pattern in greyscale, and by its colour."""

    fill: str
    ink: str  # words on it
    pattern: str = ""  # '', 'diagonal', 'cross', 'dots' or 'outline'
    mark: str = ""  # the pattern's colour


STYLES = (
    Style("#12436d", "#ffffff"),
    Style("#f7c6a3", "#0b0c0c", "diagonal", "#b04a12"),
    Style("#801650", "#ffffff", "cross", "#c98aae"),
    Style("#7fcdc5", "#0b0c0c", "dots", "#0b5f58"),
    Style("#ffffff", "#0b0c0c", "outline", "#3d4a4d"),
)


@dataclass(frozen=True)
class Key:
    """One entry of the legend; `number` names its pattern."""

    text: str
    number: int
    style: Style


@dataclass(frozen=True)
class Words:
    """One line of a row's label; `y` is its baseline in px."""

    text: str
    y: int


@dataclass(frozen=True)
class Segment:
    """One part of a stacked bar: `x`, `width` and `middle` in percent; `shown` where its value has room."""

    key: Key
    value: int
    x: float
    width: float
    shown: bool

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 2)


@dataclass(frozen=True)
class StackedRow:
    """One bar with its label lines and its total at the right, px down."""

    label: Sequence[Words]
    total: Words
    bar: int
    segments: Sequence[Segment]


@dataclass(frozen=True)
class Tick:
    """A mark on the axis: `x` in percent; words at either end stay inside the chart."""

    text: str
    x: float

    @property
    def anchor(self) -> str:
        return "start" if self.x == 0 else "end" if self.x == 100 else "middle"


@dataclass(frozen=True)
class Stacked:
    """Stacked horizontal bars, ready to draw."""

    rows: Sequence[StackedRow]
    keys: Sequence[Key]
    ticks: Sequence[Tick]
    height: int
    bar: int = BAR

    @property
    def base(self) -> int:
        return self.height - AXIS


@dataclass(frozen=True)
class Share:
    """A share (0 to 1) of `n` with its interval; None where it is not to be shown."""

    label: str
    share: float | None
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True)
class ShareRow:
    """One share as a bar and its interval as a whisker: percent across, px down; no bar where it is None."""

    label: Sequence[Words]
    value: Words
    bar: int
    share: float | None
    low: float | None
    high: float | None

    @property
    def middle(self) -> int:
        return self.bar + BAR // 2

    @property
    def whisker(self) -> tuple[float, ...]:
        """Both ends of the interval; empty where there is none."""
        return () if self.low is None or self.high is None else (self.low, self.high)

    @property
    def cap_top(self) -> int:
        return self.middle - CAP

    @property
    def cap_foot(self) -> int:
        return self.middle + CAP


@dataclass(frozen=True)
class Shares:
    """Shares one below the other on an axis from 0 to 100%, ready to draw."""

    rows: Sequence[ShareRow]
    height: int
    ticks: Sequence[Tick] = tuple(Tick(f"{x}%", x) for x in (0, 25, 50, 75, 100))
    bar: int = BAR

    @property
    def base(self) -> int:
        return self.height - AXIS


def stacked(rows: Iterable[tuple[str, Sequence[int]]], keys: Sequence[str]) -> Stacked:
    """Bars of counts, one row a label with a value for each key, drawn to the scale of the longest.

    Raises ValueError for more keys than there are styles, for a row without one value for each key and for
    a count below zero.
    """
    if len(keys) > len(STYLES):
        raise ValueError(f"{len(keys)} keys cannot be told apart: {len(STYLES)} is the most.")
    legend = [Key(text, number, style) for number, (text, style) in enumerate(zip(keys, STYLES, strict=False))]
    counts = [(label, tuple(values)) for label, values in rows]
    if any(len(values) != len(keys) or min(values, default=0) < 0 for _, values in counts):
        raise ValueError("Every row needs one count, 0 or more, for each key.")
    step, end = _axis(max((sum(values) for _, values in counts), default=0))
    drawn, y = [], 0
    for label, values in counts:
        words, total, bar = _place(label, str(sum(values)), y, NAME_CHARACTERS)
        drawn.append(StackedRow(words, total, bar, _segments(values, legend, end)))
        y = bar + BAR + GAP
    ticks = [Tick(str(mark), round(mark / end * 100, 2)) for mark in range(0, end + 1, step)]
    return Stacked(drawn, legend, ticks, height=y + AXIS)


def shares(rows: Iterable[Share]) -> Shares:
    """Bars from 0 to 100% with whiskers for the interval; a row without a share says why it has none."""
    drawn, y = [], 0
    for row in rows:
        words, value, bar = _place(row.label, _in_words(row), y)
        drawn.append(ShareRow(words, value, bar, *(_percent(part) for part in (row.share, row.low, row.high))))
        y = bar + BAR + GAP
    return Shares(drawn, height=y + AXIS)


def _axis(longest: int) -> tuple[int, int]:
    """A round step with at most five marks after nought, and the first multiple to hold the longest."""
    rough = max(longest, 1) / 5
    size = 10 ** math.floor(math.log10(rough)) if rough >= 1 else 1
    step = next(int(size * factor) for factor in (1, 2, 5, 10) if size * factor >= rough)
    return step, step * math.ceil(max(longest, 1) / step)


def _segments(values: Sequence[int], keys: Sequence[Key], end: int) -> list[Segment]:
    """The parts of one bar that are not empty, from the left."""
    parts, before = [], 0
    for key, value in zip(keys, values, strict=True):
        width = value / end * 100
        room = width / 100 * NARROWEST >= len(str(value)) * CHARACTER + 6
        if value:
            parts.append(Segment(key, value, round(before / end * 100, 2), round(width, 2), room))
        before += value
    return parts


def _place(label: str, value: str, y: int, most: int = LINE_CHARACTERS) -> tuple[list[Words], Words, int]:
    """A label's lines from `y` down, its value at the right of the last, and the top of the bar below."""
    beside = most - len(value) - 1
    lines = wrap(label, most) or [""]
    if len(lines[-1]) > beside:
        lines = wrap(label, beside)
    words = [Words(line, y + LINE * number - 4) for number, line in enumerate(lines, start=1)]
    return words, Words(value, words[-1].y), words[-1].y + 9


def _in_words(row: Share) -> str:
    return f"{_whole(row.share)}% of {row.n}" if row.share is not None else "Too few answers"


def _percent(part: float | None) -> float | None:
    return None if part is None else round(min(max(part, 0), 1) * 100, 2)


def _whole(share: float) -> int:
    """A share as a whole percentage, halves up, as figures are worded everywhere."""
    return math.floor(round(share * 100, 6) + 0.5)
