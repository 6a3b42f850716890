"""The next steps of imports, by a worker of their own: `python -m bench.importing` prints what it took as JSON."""

import json
import time
from pathlib import Path


def main() -> None:
    """Do what waits, as a tick would."""
    import django

    django.setup()
    from academy import celery  # noqa: F401  (it weighs what a worker weighs)
    from academy.lib import clock
    from partners.importers import loads

    begun, before = time.perf_counter(), time.process_time()
    loads.do_waiting(clock.now())
    seconds, busy = time.perf_counter() - begun, time.process_time() - before
    print(json.dumps({"seconds": seconds, "busy_seconds": busy, "peak_mb": _peak_mb()}))


def _peak_mb() -> float:
    """The most memory that this process has had. Linux only."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1000


if __name__ == "__main__":
    main()
