"""Taking in a file, whole or not at all: the same for every kind of file."""

from collections.abc import Callable, Sequence
from pathlib import Path

from django.db import connection, transaction

from academy.lib import rows
from academy.lib.rows import Outcome, Row

_LOCK = 7_201  # one import at a time, whoever starts it


def take_in(
    source: Path | bytes,
    columns: Sequence[str],
    required: Sequence[str],
    work: Callable[[list[Row], Outcome], None],
    *,
    dry_run: bool,
) -> Outcome:
    """Read a CSV and do `work(rows, outcome)` in one transaction, under the lock that every import takes.

    Whatever `work` wrote is undone where it noted an error, and in a dry run. Raises rows.FileRefused when the file
    cannot be read at all.
    """
    found, outcome = rows.read_csv(source, columns, required)
    if not outcome.ok:
        return outcome
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        work(found, outcome)
        if dry_run or not outcome.ok:
            transaction.set_rollback(True)
    outcome.errors.sort(key=lambda error: error.line)
    return outcome
