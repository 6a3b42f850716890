"""Arithmetic of figures: rounding and intervals."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from math import sqrt

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
