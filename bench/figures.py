"""What a measurement says, and how it is shown."""

import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Line:
    """One row of the results. `worst` is the 95th percentile where there are many readings."""

    what: str
    value: float
    unit: str
    bar: str = ""
    holds: bool | None = None
    worst: float | None = None
    baseline: float | None = None
    baseline_is: str = ""
    notes: str = ""

    @property
    def ratio(self) -> float | None:
        """Value to baseline; None without one."""
        return self.value / self.baseline if self.baseline else None


@dataclass
class Readings:
    """Durations in milliseconds."""

    values: list[float] = field(default_factory=list)

    def take(self, work: Callable[[], object]) -> None:
        """Do `work`, and remember how long it took."""
        begun = time.perf_counter()
        work()
        self.values.append((time.perf_counter() - begun) * 1000)

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def p95(self) -> float:
        return percentile(self.values, 95)


def percentile(values: Sequence[float], per_cent: float) -> float:
    """The smallest value that at least so many per cent of them do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * per_cent / 100))]


def in_turns(works: Sequence[Callable[[], object]], rounds: int) -> list[Readings]:
    """Readings of each of `works`, taken in turns so that the machine's moods fall on all of them alike."""
    readings = [Readings() for _ in works]
    for work in works:
        work()  # once to warm up
    for _ in range(rounds):
        for each, work in zip(readings, works, strict=True):
            each.take(work)
    return readings


def memory_mb(pids: Iterable[int]) -> float:
    """Memory of these processes in MB: proportional set size, so that what they share counts once. Linux only."""
    return sum(_pss_kb(pid) for pid in pids) / 1000


def _pss_kb(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def table(lines: Iterable[Line]) -> str:
    """The lines as a Markdown table."""
    head = ["what", "measured", "95 % within", "bar", "holds", "baseline", "ratio", "notes"]
    rows = [head, ["---", "--:", "--:", "---", "---", "---", "--:", "---"], *map(_cells, lines)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _cells(line: Line) -> list[str]:
    return [
        line.what,
        f"{_number(line.value)} {line.unit}",
        f"{_number(line.worst)} {line.unit}" if line.worst is not None else "",
        line.bar,
        {True: "yes", False: "**no**", None: ""}[line.holds],
        f"{_number(line.baseline)} {line.unit}: {line.baseline_is}" if line.baseline else "",
        f"{line.ratio:.2f}" if line.ratio else "",
        line.notes,
    ]


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 1 else f"{value:.3f}"
