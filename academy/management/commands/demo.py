"""`manage.py demo [--if-empty] [--who] [--seed N] [--scale academy|county]`."""

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from academy.lib import clock
from partners.models import Person

SEED = 20191007


class Command(BaseCommand):
    help = "Load the demo academy into an empty database."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="do nothing where there are people already")
        parser.add_argument("--who", action="store_true", help="only say who can sign in")
        parser.add_argument("--seed", type=int, default=SEED, help="another seed, another county")
        parser.add_argument(
            "--scale",
            choices=["academy", "county"],
            default="academy",
            help="county: with 50,000 people, 5,000 runs and 500,000 bookings around it, in a few minutes",
        )

    def handle(self, *args, if_empty: bool, who: bool, seed: int, scale: str, **options) -> None:
        if not settings.TRY_OUT:
            raise CommandError("The demo academy is for the try-out alone: set TRY_OUT=1 on a machine of your own.")
        call_command("migrate", verbosity=0)
        if who:
            self._say_who()
        elif not Person.objects.exists():
            self._load(seed, scale)
        elif not if_empty:
            raise CommandError("There are people in this database already, so the demo academy was not loaded.")

    def _load(self, seed: int, scale: str) -> None:
        from academy.demo import county
        from academy.demo.load import load
        from academy.tryout import clock as movable_clock

        self.stdout.write("Making the demo academy …")
        movable_clock.reset()  # an earlier try-out may have moved it on
        with transaction.atomic():
            load(seed=seed, at=clock.now())
            if scale == "county":
                self.stdout.write("Making the county around it …")
                made = county.grow(clock.now())
        if scale == "county":
            county.analyse()
            self.stdout.write(", ".join(f"{rows:,} {what}" for what, rows in made.items() if what))

    def _say_who(self) -> None:
        from academy.tryout.models import Guide

        for guide in Guide.objects.select_related("person"):
            self.stdout.write(f"{guide.what}: {guide.person.name} ({guide.person.email})")
