"""Whether the academy can serve: its database, its migrations, its broker and its worker."""

from datetime import datetime, timedelta

from celery import current_app
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Max

from partners.models import Work

WORKER_IS_LATE = timedelta(minutes=5)
BROKER_SECONDS = 2


def report(at: datetime) -> dict[str, str]:
    """Each part in a word, and `status`: well, degraded (people can book, messages wait) or down."""
    try:
        parts = {"database": "well", "migrations": _migrations(), "worker": _worker(at)}
    except Error:
        return {"status": "down", "database": "down"}
    parts["broker"] = _broker()
    return {"status": _status(parts), **parts}


def _status(parts: dict[str, str]) -> str:
    if parts["migrations"] != "well":
        return "down"
    return "well" if set(parts.values()) == {"well"} else "degraded"


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    return "missing" if executor.migration_plan(executor.loader.graph.leaf_nodes()) else "well"


def _worker(at: datetime) -> str:
    last = Work.objects.aggregate(last=Max("ran_at"))["last"]
    return "well" if last and last > at - WORKER_IS_LATE else "late"


def _broker() -> str:
    try:
        with current_app.connection_for_write(connect_timeout=BROKER_SECONDS) as broker:
            broker.ensure_connection(max_retries=1, interval_start=0, timeout=BROKER_SECONDS)
    except Exception:  # each transport raises its own
        return "down"
    return "well"
