"""Taking in a file, whole or not at all: the same for every kind of file."""

from collections.abc import Callable, Mapping, Sequence

from django.db import connection, models, transaction

from academy.lib import rows
from academy.lib.rows import HEADER, Outcome, Row
from academy.lib.sheets import Sheet
from partners.models.imports import wait_for_turn

MANY = 500


def take_in(
    sheet: Sheet,
    columns: Sequence[str],
    required: Sequence[str],
    work: Callable[[list[Row], Outcome], None],
    *,
    names: Mapping[str, str] | None = None,
    dry_run: bool,
) -> Outcome:
    """Do `work(rows, outcome)` with a file's rows in one transaction, under the lock that every import takes.

    `names` says what its columns are called, where that is not by our names. Whatever `work` wrote is undone where it
    noted an error, and in a dry run.
    """
    found, outcome = rows.read_rows(sheet, columns, required, names)
    if any(error.line == HEADER for error in outcome.errors):
        return outcome
    with transaction.atomic():
        wait_for_turn()
        work(found, outcome)
        if dry_run or not outcome.ok:
            transaction.set_rollback(True)
    outcome.errors.sort(key=lambda error: error.line)
    return outcome


def count_again(written: int, *tables: type[models.Model]) -> None:
    """Let PostgreSQL see how much there is now, where an import has written many rows.

    Its own count comes after the commit. Until then it plans as for what was there before: for a first list of an
    agency, as for empty tables, with one walk over all of them for each person.
    """
    if written >= MANY:
        names = ", ".join(connection.ops.quote_name(table._meta.db_table) for table in tables)
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE (SKIP_LOCKED) {names}")
