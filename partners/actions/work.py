"""Doing what is due, and keeping how it went."""

import logging
import time
from collections import Counter
from datetime import datetime

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
        counts = {name: count for name, count in item.do(at).items() if count}
    except Exception as fault:
        log.exception("%s ended in a fault", item.what)
        _note(item, at, begun, fault=type(fault).__name__)
        return {"faults": 1}
    did = {"did_at": at, "did": counts} if counts else {}
    _note(item, at, begun, fault="", **did)
    return counts


def _note(item: registry.Due, at: datetime, begun: float, **facts: object) -> None:
    facts |= {"ran_at": at, "seconds": time.monotonic() - begun}
    Work.objects.update_or_create(what=item.what, defaults=facts)
