"""`manage.py report NAME --as-at DATE [--from DATE] [--known-at DATE] --format json|csv|xlsx|pdf [--output FILE]`."""

import sys
from datetime import date
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from academy.lib import clock, registry, tables
from academy.lib.rows import iso_date


def day(text: str) -> date:
    """A command line's date; argparse tells of a bad or unlikely one."""
    return iso_date(text)


class Command(BaseCommand):
    help = "Make a report as at a day, as known at a day (both default to today)."

    def add_arguments(self, parser) -> None:
        parser.add_argument("name", nargs="?", help="which report; --list names them")
        parser.add_argument("--list", action="store_true", help="name the reports there are")
        parser.add_argument("--as-at", type=day, metavar="DATE")
        parser.add_argument("--from", type=day, metavar="DATE", dest="start")
        parser.add_argument("--known-at", type=day, metavar="DATE")
        parser.add_argument("--format", choices=list(tables.FORMATS), default="json")
        parser.add_argument("--output", type=Path, metavar="FILE")

    def handle(self, *args, name, start, as_at, known_at, format, output, **options) -> None:
        if options["list"]:
            self.stdout.write("\n".join(sorted(registry.reports)))
            return
        if name not in registry.reports:
            known = ", ".join(sorted(registry.reports))
            raise CommandError(f"There is no report '{name or ''}'. There are: {known}.")
        today = clock.today()
        made = registry.reports[name](start, as_at or today, known_at or today)
        data = tables.render(made, format)
        if output:
            try:
                output.write_bytes(data)
            except OSError as problem:
                raise CommandError(f"{output} cannot be written: {problem.strerror}.") from problem
        else:
            getattr(self.stdout._out, "buffer", sys.stdout.buffer).write(data) if format in (
                "xlsx",
                "pdf",
            ) else self.stdout.write(data.decode("utf-8-sig"))
