"""`manage.py import_cohorts FILE.csv [--dry-run]`."""

from cohorts.importers.cohorts import import_cohorts
from partners.importers.command import ImportCommand


class Command(ImportCommand):
    help = "Take in a file of cohort members: all of it, or with any row error nothing."
    take_in = staticmethod(import_cohorts)
