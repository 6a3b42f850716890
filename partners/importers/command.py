"""What every import command says and returns."""

from collections.abc import Callable
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from academy.lib import clock
from academy.lib.rows import FileRefused, Outcome
from academy.lib.text import plural


class ImportCommand(BaseCommand):
    """Exit 0 when taken in; 1 with each row error (line, column, reason) and nothing written."""

    take_in: Callable[..., Outcome]

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="say what would happen and write nothing")

    def handle(self, *args, file: Path, dry_run: bool, **options) -> None:
        try:
            outcome = self.take_in(file, by=None, at=clock.now(), name=file.name, dry_run=dry_run)
        except FileRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        for note in outcome.notes:
            self.stderr.write(note)
        if not outcome.ok:
            for error in outcome.errors:
                self.stderr.write(str(error))
            raise CommandError(f"{plural(len(outcome.errors), 'error')}; nothing was written.")
        counts = ", ".join(f"{name.replace('_', ' ')}: {count}" for name, count in outcome.counts.items())
        self.stdout.write(f"{'Dry run, nothing written' if dry_run else 'Done'}. {counts}")
