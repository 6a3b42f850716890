"""The academy's settings, with the linter that looks for migrations an old worker could not live with."""

from academy.settings import *  # noqa: F403
from academy.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "django_migration_linter"]
