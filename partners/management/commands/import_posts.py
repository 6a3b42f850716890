"""`manage.py import_posts FILE.csv [--dry-run]`."""

from partners.importers.command import ImportCommand
from partners.importers.established import import_posts


class Command(ImportCommand):
    help = "Take in a file of established posts: all of it, or with any row error nothing."
    take_in = staticmethod(import_posts)
