"""Memory of the idle academy: web, worker and scheduler, once each has done a little."""

import time
from collections.abc import Iterator
from urllib.request import urlopen

from bench.figures import Line, memory_mb
from bench.ground import family_of, served, tell

SETTLE_SECONDS = 20
BAR_MB = 300
PROCESSES = ("web server", "worker", "scheduler")


def measure() -> Iterator[Line]:
    """Proportional set size of each process with its children, after some pages and some ticks."""
    tell("idle memory")
    with served(*PROCESSES) as (port, pids):
        for _ in range(20):
            urlopen(f"http://localhost:{port}/try-out/").read()
        time.sleep(SETTLE_SECONDS)
        parts = {name: memory_mb(family_of(pids[name])) for name in PROCESSES}
    total = sum(parts.values())
    notes = ", ".join(f"{name} {value:.0f}" for name, value in parts.items())
    yield Line("idle memory: web, worker and scheduler", total, "MB", f"≤ {BAR_MB} MB", total <= BAR_MB, notes=notes)
