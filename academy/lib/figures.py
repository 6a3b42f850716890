"""Arithmetic of figures: rounding and intervals."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from math import exp, lgamma, log, sqrt
from statistics import NormalDist

Z95 = 1.959963984540054  # the standard normal's 97.5th centile


def half_up(value: Decimal | float, places: int = 0) -> Decimal:
    """Rounded half up, as published tables are: 2.5 → 3."""
    return Decimal(str(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


@dataclass(frozen=True)
class Share:
    """`part` of `whole`, both counts. Nothing to divide by is 'not yet observable', not zero."""

    part: int
    whole: int

    @property
    def value(self) -> Decimal | None:
        """Between 0 and 1, unrounded; None when `whole` is 0."""
        return Decimal(self.part) / Decimal(self.whole) if self.whole else None

    @property
    def percent(self) -> int | None:
        """Whole per cent, rounded half up from the exact fraction; None when `whole` is 0."""
        return (200 * self.part + self.whole) // (2 * self.whole) if self.whole else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's 95% score interval (E. B. Wilson, 1927), between 0 and 1; None when `whole` is 0."""
        return wilson(self.part, self.whole) if self.whole else None

    @property
    def interval_percent(self) -> tuple[int, int] | None:
        """`interval` in whole per cent."""
        return tuple(int(half_up(100 * end)) for end in self.interval) if self.interval else None


def wilson(part: int, whole: int, z: float = Z95) -> tuple[float, float]:
    """Wilson's score interval for `part` of `whole` (> 0); exactly from 0 for none of them, and to 1 for all."""
    p = part / whole
    scale = 1 + z * z / whole
    centre = (p + z * z / (2 * whole)) / scale
    half = z * sqrt(p * (1 - p) / whole + z * z / (4 * whole * whole)) / scale
    low, high = max(0.0, centre - half), min(1.0, centre + half)
    return low if part else 0.0, high if part < whole else 1.0


EXACT_TO = 200  # beyond, the normal curve is as good as the binomial to a pixel, and takes no sum


def binomial_limits(rate: float, whole: int, tail: float) -> tuple[float, float]:
    """Between which shares of `whole` (> 0) chance alone keeps all but `tail` at either end, where the true share is
    `rate`: interpolated binomial limits, D. J. Spiegelhalter, 2005, appendix A.1.1."""
    if not 0 < rate < 1:
        return rate, rate
    if whole > EXACT_TO:
        half = NormalDist().inv_cdf(1 - tail) * sqrt(rate * (1 - rate) / whole)
        return max(0.0, rate - half), min(1.0, rate + half)
    return _quantile(rate, whole, tail), _quantile(rate, whole, 1 - tail)


def _quantile(rate: float, whole: int, up_to: float) -> float:
    """The share below which `up_to` of the binomial lies, interpolated between counts."""
    so_far = 0.0
    for count in range(whole + 1):
        chance = exp(
            lgamma(whole + 1)
            - lgamma(count + 1)
            - lgamma(whole - count + 1)
            + count * log(rate)
            + (whole - count) * log(1 - rate)
        )
        so_far += chance
        if so_far >= up_to:
            return min(1.0, max(0.0, (count - (so_far - up_to) / chance) / whole))
    return 1.0
