"""What anyone may read: the privacy notice, how long things are kept, and cookies."""

from itertools import groupby

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from academy.privacy import schedule
from academy.privacy.cookies import cookies
from partners.access import public, without_second_factor


@public
@without_second_factor
@require_safe
def notice(request: HttpRequest) -> HttpResponse:
    """The privacy notice."""
    periods = {record.model: record.kept for record in schedule.load().records if record.kept}
    context = {
        "leaver": periods["partners.Person"],
        "messages_kept": periods["partners.OutboxMessage"],
        "audit_kept": periods["partners.AuditEvent"],
        "needs": schedule.of("partners.Person").fields["access_needs"].period,
        "needs_shown_days": settings.ACCESS_NEEDS_SHOWN_DAYS,
        "bases": {name: words for name, words in schedule.load().bases.items() if name != "nobody"}.values(),
    }
    return render(request, "pages/privacy.html", context)


@public
@without_second_factor
@require_safe
def how_long(request: HttpRequest) -> HttpResponse:
    """The retention schedule, as the software keeps it."""
    plan = schedule.load()
    shown = [record for record in plan.in_use if record.part != schedule.NOBODYS]
    parts = [(part, list(records)) for part, records in groupby(shown, key=lambda record: record.part)]
    nobodys = [record for record in plan.in_use if record.part == schedule.NOBODYS]
    context = {
        "schedule": plan,
        "parts": [(part, [(record, _bases(plan, record)) for record in records]) for part, records in parts],
        "nobodys": nobodys,
        "leaver": schedule.of("partners.Person").kept,
    }
    return render(request, "privacy/how_long.html", context)


def _bases(plan: schedule.Schedule, record: schedule.Record) -> list[str]:
    """In words: its own, then those of single fields."""
    own = [plan.bases[record.basis]]
    return own + [f"For {name.lower()}: {plan.bases[rule.basis]}" for name, rule in record.named_fields if rule.basis]


@public
@without_second_factor
@require_safe
def cookie_page(request: HttpRequest) -> HttpResponse:
    """Which cookies, why, and how long."""
    return render(request, "privacy/cookies.html", {"cookies": cookies()})
