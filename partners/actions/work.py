"""Doing what is due, and keeping how it went."""

import logging
import time
from collections import Counter
from datetime import datetime

from celery.exceptions import SoftTimeLimitExceeded

from academy.lib import registry
from partners.models import Work

log = logging.getLogger(__name__)


def run_all(at: datetime) -> dict[str, int]:
    """Do everything that is due by `at`, in order. Returns counts by name, `faults` among them.

    What ends in a fault is written down and logged, and keeps nothing else from being done; the next tick tries again.
    """
    done: Counter[str] = Counter()
    for item in registry.due_work():
        done.update(_run(item, at))
    return dict(done)


def _run(item: registry.Due, at: datetime) -> dict[str, int]:
    begun = time.monotonic()
    try:
        counts = dict(item.do(at))
    except SoftTimeLimitExceeded:  # no time is left for the rest: the next tick goes on from here
        raise
    except Exception as fault:
        log.exception("%s ended in a fault", item.what)
        _note(item, at, begun, fault=type(fault).__name__)
        return {"faults": 1}
    did = {name: count for name, count in counts.items() if count}
    _note(item, at, begun, fault="", **({"did_at": at, "did": did} if did else {}))
    return counts


def _note(item: registry.Due, at: datetime, begun: float, **facts: object) -> None:
    facts |= {"ran_at": at, "seconds": time.monotonic() - begun}
    Work.objects.update_or_create(what=item.what, defaults=facts)
