"""`python3 run.py bench [NAME …] [--write]`."""

import argparse
import platform
import sys
from datetime import UTC, datetime
from importlib import import_module
from os import cpu_count, sysconf
from pathlib import Path

from academy.embedded import CannotStart, explained, place
from bench import figures, ground

# Modules of this folder, each with measure(); imported once Django is set up.
BENCHES = ["pages", "visit", "race", "idle", "mass", "papers", "people", "county"]
PAPER = place.ROOT / "docs" / "performance.md"
MARK = "<!-- measured -->\n"


def main() -> None:
    """Measure what is asked for, else everything; print it and, with --write, put it into docs/performance.md."""
    parser = argparse.ArgumentParser(prog="python3 run.py bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHES)}; none means all")
    parser.add_argument("--write", action="store_true", help=f"put the results into {PAPER.name}")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(BENCHES):
        parser.error(f"there is no bench called {', '.join(sorted(unknown))}")
    with ground.prepared():
        before = _processor()
        lines = [line for name in asked.names or BENCHES for line in import_module(f"bench.{name}").measure()]
    result = f"{_machine(_stolen(before, _processor()))}\n\n{figures.table(lines)}\n"
    print(result)
    if asked.write:
        words = PAPER.read_text().partition(MARK)[0]
        PAPER.write_text(f"{words}{MARK}\n{result}")


def _processor() -> list[int]:
    """The kernel's counters of processor time; empty where it keeps none."""
    try:
        return [int(number) for number in Path("/proc/stat").read_text().split("\n")[0].split()[1:9]]
    except OSError:
        return []


def _stolen(before: list[int], after: list[int]) -> str:
    """How much of the time that this machine wanted went to others on the same hardware."""
    spent = [late - early for early, late in zip(before, after, strict=True)]
    wanted = sum(spent) - spent[3] if spent else 0
    return f"; others took {100 * spent[7] / wanted:.0f} % of the time it wanted" if wanted else ""


def _machine(stolen: str) -> str:
    memory = sysconf("SC_PAGE_SIZE") * sysconf("SC_PHYS_PAGES") / 2**30
    loop = figures.Readings()
    loop.take(_ten_million)
    return (
        f"Measured on {datetime.now(UTC):%-d %B %Y}: {cpu_count()} cores, {memory:.0f} GiB, "
        f"Python {platform.python_version()}, {platform.system()}; "
        f"a loop that adds ten million numbers took {loop.median / 1000:.1f} s{stolen}."
    )


def _ten_million() -> None:
    total = 0
    for number in range(10_000_000):
        total += number


if __name__ == "__main__":
    try:
        main()
    except (CannotStart, OSError) as error:
        sys.exit(explained(error))
