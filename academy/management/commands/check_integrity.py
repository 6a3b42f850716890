"""`manage.py check_integrity`."""

from django.core.management.base import BaseCommand, CommandError

from academy.lib import registry


class Command(BaseCommand):
    help = "Look for broken invariants; exit 1 if there are any."

    def handle(self, *args, **options) -> None:
        problems = registry.broken_invariants()
        for problem in problems:
            self.stdout.write(problem)
        if problems:
            raise CommandError(f"{len(problems)} broken invariants.")
        self.stdout.write("No broken invariants.")
