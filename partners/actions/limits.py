"""Counts of tries at signing in, which the database keeps for all web processes."""

from django.conf import settings
from django.db import connection
from django.utils import timezone


def forget_lapsed() -> None:
    """Delete what has lapsed by now. Django itself would only once there are a million."""
    table = connection.ops.quote_name(settings.CACHES["default"]["LOCATION"])
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE expires < %s", [timezone.now()])  # noqa: S608  (a setting of ours)
