"""`manage.py retention [--dry-run] [--at DATETIME]`."""

from datetime import datetime

from django.core.management.base import BaseCommand, CommandError

from academy.lib import clock, dates
from academy.privacy import erasing, ledger, retention


class Command(BaseCommand):
    help = "Erase what has been kept long enough by then (default: now), and whoever a restored backup brought back."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what each rule would take")
        parser.add_argument("--at", metavar="DATETIME", help="2027-02-22T09:30, London time; a date means its end")

    def handle(self, *args, dry_run: bool, at: str | None, **options) -> None:
        try:
            moment = dates.moment(at) if at else clock.now()
        except ValueError as problem:
            raise CommandError(str(problem)) from problem
        counts = retention.would_do(moment) if dry_run else self._do(moment)
        for what, count in counts.items():
            self.stdout.write(f"{count:>7}  {what}")
        self.stdout.write("Nothing was changed." if dry_run else "Done.")

    def _do(self, at: datetime) -> dict[str, int]:
        try:
            again = erasing.compare_with_ledger(at).get("people_erased_again", 0)
        except ledger.CannotWrite as problem:
            raise CommandError(str(problem)) from problem
        done = retention.run(at)
        every = {step.what: done[step.what] for step in retention.steps()}
        return {"People: erased again, after a backup was restored": again} | every
