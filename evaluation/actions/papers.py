"""The monthly paper: made once for each month, however many schedulers run, and told to directors."""

from datetime import date, datetime, timedelta

from django.db import transaction

from academy.lib.dates import london_day
from cohorts.models import Member
from evaluation import emails, reports
from evaluation.models import Paper
from partners.models import Grant
from partners.permissions import AccessRole

NAME = "retention"


def month_before(on: date) -> tuple[date, date]:
    """The first and the last day of the month before the one that `on` is in."""
    last = on.replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last


def make_due(at: datetime) -> int:
    """Make last month's paper, if nobody has, and tell directors. Returns how many were made.

    After a pause only the last month's is made: every earlier one can be run again from what was known then.
    """
    period, as_at = month_before(london_day(at))
    if Paper.objects.filter(name=NAME, period=period).exists() or not Member.objects.exists():
        return 0
    pdf = reports.retention_paper(as_at)
    with transaction.atomic():
        paper, made = Paper.objects.get_or_create(
            name=NAME, period=period, defaults={"as_at": as_at, "made_at": at, "pdf": pdf}
        )
        if made:
            emails.paper_made(paper, _directors(london_day(at)), at)
    return int(made)


def _directors(on: date) -> list[int]:
    held = Grant.objects.in_force(on).filter(access_role=AccessRole.DIRECTOR)
    return list(held.values_list("person", flat=True).distinct())
