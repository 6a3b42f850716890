"""`manage.py import_people FILE.csv [--dry-run]`."""

from partners.importers.command import ImportCommand
from partners.importers.people import import_people


class Command(ImportCommand):
    help = "Take in a file of people and their employments: all of it, or with any row error nothing."
    take_in = staticmethod(import_people)
