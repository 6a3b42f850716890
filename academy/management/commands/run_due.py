"""`manage.py run_due [--at DATETIME]`."""

import json
from datetime import datetime

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from academy.lib import clock
from academy.lib.dates import end_of_day
from academy.lib.text import plural
from partners.actions import work


class Command(BaseCommand):
    help = "Do everything that is due by then (default: now), once; print counts as JSON."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--at", metavar="DATETIME", help="2027-02-22T09:30, London time; a date means its end")

    def handle(self, *args, at: str | None, **options) -> None:
        done = work.run_all(self._moment(at) if at else clock.now())
        self.stdout.write(json.dumps(done, sort_keys=True))
        if faults := done.get("faults"):
            raise CommandError(f"{plural(faults, 'piece')} of work ended in a fault: see the lines above.")

    def _moment(self, text: str) -> datetime:
        try:
            if day := parse_date(text):
                return end_of_day(day)
            moment = parse_datetime(text)
        except ValueError:
            moment = None
        if moment is None:
            raise CommandError(f"'{text}' is not a moment like 2027-02-22T09:30.")
        return timezone.make_aware(moment) if timezone.is_naive(moment) else moment
