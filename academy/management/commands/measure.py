"""`manage.py measure KEY --as-at DATE [--known-at DATE] [--by …] --format json`."""

from datetime import date

from django.core.management.base import BaseCommand, CommandError

from academy.lib import clock, registry, tables
from academy.lib.registry import Figure, Measure
from academy.management.commands.report import day


class Command(BaseCommand):
    help = "Work out one measure; with --by, a list."

    def add_arguments(self, parser) -> None:
        parser.add_argument("key", choices=sorted(registry.measures))
        parser.add_argument("--as-at", type=day, metavar="DATE")
        parser.add_argument("--known-at", type=day, metavar="DATE")
        parser.add_argument("--by", choices=["team", "agency", "cohort", "job_role"])
        parser.add_argument("--format", choices=["json"], default="json")

    def handle(self, *args, key, as_at, known_at, by, **options) -> None:
        measure = registry.measures[key]
        if by and by not in measure.breakdowns:
            offered = " or ".join(measure.breakdowns) or "nothing"
            raise CommandError(f"{key} can be broken down by {offered}, not by {by}.")
        today = clock.today()
        as_at, known_at = as_at or today, known_at or today
        found = [_object(measure, figure, as_at, known_at) for figure in measure.compute(as_at, known_at, by)]
        self.stdout.write(tables.to_json(found if by else found[0]))


def _object(measure: Measure, figure: Figure, as_at: date, known_at: date) -> dict[str, object]:
    return {
        "key": measure.key,
        "version": measure.version,
        "value": figure.value,
        "unrounded": figure.unrounded,
        "numerator": figure.numerator,
        "denominator": figure.denominator,
        "as_at": as_at,
        "known_at": known_at,
        "definition": measure.definition,
        "label": figure.label,
    }
