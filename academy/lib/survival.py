"""How many stay, as time goes by: Kaplan and Meier's curve with its interval. Time is in months of `MONTH` days."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

from academy.lib.figures import Z95, wilson

MONTH = 30.4375  # days: a twelfth of 365.25


@dataclass(frozen=True)
class Stay:
    """How long one person was followed, in months; and whether they left then, or were still there ('censored')."""

    months: float
    left: bool


@dataclass(frozen=True)
class Step:
    """What holds from `months` until the next step; `share`, `low` and `high` are between 0 and 1.

    `at_risk` were followed until then and had not left before; of them `left` left and `censored` were last seen then.
    """

    months: float
    at_risk: int
    left: int
    censored: int
    left_so_far: int
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Curve:
    """The share still there, from 0 months to the last observation. Nobody followed is a curve without steps."""

    steps: Sequence[Step]

    @property
    def people(self) -> int:
        return self.steps[0].at_risk if self.steps else 0

    @property
    def left(self) -> int:
        return self.steps[-1].left_so_far if self.steps else 0

    @property
    def end(self) -> float:
        """Months to the last observation, where the curve is cut off."""
        return self.steps[-1].months if self.steps else 0.0

    def at(self, months: float) -> Step | None:
        """The step that holds at `months`, with the numbers of its own month; None beyond the last observation, unless
        everyone had left by then."""
        place = bisect_right([step.months for step in self.steps], months) - 1
        if place < 0 or (months > self.end and self.steps[-1].share > 0):
            return None
        return self.steps[place]

    def at_risk(self, months: float) -> int:
        """How many were followed for that long or longer, and had not left before."""
        return next((step.at_risk for step in self.steps if step.months >= months), 0)


def kaplan_meier(stays: Iterable[Stay]) -> Curve:
    """The product-limit estimate with a pointwise 95% interval.

    E. L. Kaplan and P. Meier, 'Nonparametric estimation from incomplete observations', JASA 53 (1958). At each time t
    when d of the n at risk leave, the share is multiplied by 1 − d/n; who is last seen at t counts as at risk at t.
    The interval is that of log(−log share), with M. Greenwood's variance (1926): J. D. Kalbfleisch and R. L. Prentice,
    'The Statistical Analysis of Failure Time Data' (1980).

    Where the share is 1 or 0 there is no such interval, and Wilson's stands in: while nobody has left, of the people
    who are followed beyond t (or to t, where that is the end); once everyone has, of the leavers.
    """
    stays = list(stays)
    left = Counter(stay.months for stay in stays if stay.left)
    seen = Counter(stay.months for stay in stays)
    return Curve(list(_steps(left, seen)))


def _steps(left: Counter[float], seen: Counter[float]) -> Iterator[Step]:
    at_risk, so_far, share, spread = seen.total(), 0, 1.0, 0.0
    for months in sorted({0.0, *seen} if seen else ()):
        d = left[months]
        so_far += d
        share *= 1 - d / at_risk
        if d < at_risk:
            spread += d / (at_risk * (at_risk - d))  # Greenwood's sum: the variance of log share
        beyond = at_risk - seen[months]
        low, high = _interval(share, spread, beyond or at_risk, so_far)
        yield Step(months, at_risk, d, seen[months] - d, so_far, share, low, high)
        at_risk = beyond


def _interval(share: float, spread: float, followed: int, left: int) -> tuple[float, float]:
    if share == 1:
        return wilson(followed, followed)
    if share == 0:
        return wilson(0, left)
    reach = exp(Z95 * sqrt(spread) / -log(share))
    return share**reach, share ** (1 / reach)
