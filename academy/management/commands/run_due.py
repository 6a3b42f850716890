"""`manage.py run_due [--at DATETIME]`."""

import json

from django.core.management.base import BaseCommand, CommandError

from academy.lib import clock, dates
from academy.lib.text import plural
from partners.actions import work


class Command(BaseCommand):
    help = "Do everything that is due by then (default: now), once; print counts as JSON."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--at", metavar="DATETIME", help="2027-02-22T09:30, London time; a date means its end")

    def handle(self, *args, at: str | None, **options) -> None:
        try:
            moment = dates.moment(at) if at else clock.now()
        except ValueError as problem:
            raise CommandError(str(problem)) from problem
        done = work.run_all(moment)
        self.stdout.write(json.dumps(done, sort_keys=True))
        if faults := done.get("faults"):
            raise CommandError(f"{plural(faults, 'piece')} of work ended in a fault: see the lines above.")
