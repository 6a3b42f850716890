"""Standing in for a manager."""

from datetime import date, datetime, timedelta

from django.db import transaction

from academy.lib.dates import london_day
from partners import audit, emails
from partners.models import Deputy, Person


@audit.sentence("deputy.named", manager=Person)
def _named(told: audit.Told) -> str:
    return f"named {told.person} as a deputy of {told.detail('manager')}"


@audit.sentence("deputy.ended", manager=Person)
def _ended(told: audit.Told) -> str:
    return f"ended what {told.person} did as a deputy of {told.detail('manager')}"


@transaction.atomic
def name(*, manager: Person, deputy: Person, from_date: date, until: date, by: Person, at: datetime) -> Deputy:
    """Let `deputy` do what `manager` may from a first day until a last, and tell them. Audited."""
    named = Deputy.objects.create(
        manager=manager, deputy=deputy, from_date=from_date, until=until, named_by=by, named_at=at
    )
    audit.record("deputy.named", by=by, at=at, about=named, person=deputy, manager=manager.pk)
    emails.deputy_named(named, at)
    return named


@transaction.atomic
def end(*, deputy: Deputy, by: Person, at: datetime) -> None:
    """End it today: what has not begun is taken back, what has keeps its days until yesterday. Audited."""
    today = london_day(at)
    audit.record("deputy.ended", by=by, at=at, about=deputy, person=deputy.deputy, manager=deputy.manager_id)
    if deputy.from_date >= today:
        deputy.delete()
    else:
        deputy.until = today - timedelta(days=1)
        deputy.save(update_fields=["until"])
