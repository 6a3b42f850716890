"""For administrators: what runs when, what waits, and messages that need a decision."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import Count, Min, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from academy.dashboards.todo import LATE
from academy.lib import clock, registry
from academy.lib.pages import page_of
from academy.lib.text import ago
from partners.access import requires
from partners.actions import messages as actions
from partners.models import OutboxMessage, Work
from partners.permissions import May

State = OutboxMessage.State


@dataclass(frozen=True)
class Tile:
    """One figure of the page."""

    label: str
    number: str
    detail: str


@requires(May.SEE_SYSTEM)
@require_safe
def system(request: HttpRequest) -> HttpResponse:
    """How the academy is running."""
    at = clock.now()
    notes = {note.what: note for note in Work.objects.all()}
    undecided = OutboxMessage.objects.filter(state__in=[State.FAILED, State.DOUBTFUL]).select_related("person")
    last = max((note.ran_at for note in notes.values()), default=None)
    context = {
        "tiles": [_last_look(last, at), *_messages(_outbox(at), at)],
        "work": [_row(item.what, notes.get(item.what), at) for item in registry.due_work()],
        "page": page_of(request, undecided.order_by("-due_at", "-pk"), size=25),
    }
    return render(request, "dashboards/system.html", context)


def _last_look(last: datetime | None, at: datetime) -> Tile:
    if last is None:
        return Tile("Last looked for work", "Never", "Start a worker and a scheduler.")
    late = "Late: do the worker and the scheduler run?" if last < at - LATE else "It looks every few seconds."
    return Tile("Last looked for work", ago(last, at), late)


def _messages(outbox: dict[str, Any], at: datetime) -> list[Tile]:
    oldest = f"The oldest was due {ago(outbox['oldest'], at)}." if outbox["oldest"] else "Nothing waits."
    return [
        Tile("Messages that are due", intcomma(outbox["due"]), oldest),
        Tile("Sent in the last 24 hours", intcomma(outbox["sent"]), f"{intcomma(outbox['later'])} to be sent later"),
        Tile(
            "Failed or in doubt",
            intcomma(outbox["failed"] + outbox["doubtful"]),
            f"{intcomma(outbox['failed'])} failed, {intcomma(outbox['doubtful'])} may have arrived",
        ),
    ]


def _row(what: str, note: Work | None, at: datetime) -> tuple[str, str, str, str]:
    """What it is, when it last ran, what it last did, and what went wrong."""
    if note is None:
        return (what, "Not yet", "", "")
    did = ", ".join(f"{intcomma(count)} {name.replace('_', ' ')}" for name, count in note.did.items())
    return (what, ago(note.ran_at, at), f"{did} ({ago(note.did_at, at)})" if note.did_at else "", note.fault)


def _outbox(at: datetime) -> dict[str, Any]:
    """How many messages wait and since when, and what came of those of the last day and of all."""
    due, today = Q(state__in=[State.QUEUED, State.CLAIMED, State.SENDING], due_at__lte=at), at - timedelta(days=1)
    return OutboxMessage.objects.aggregate(
        due=Count("pk", filter=due),
        oldest=Min("due_at", filter=due),
        later=Count("pk", filter=Q(state=State.QUEUED, due_at__gt=at)),
        sent=Count("pk", filter=Q(state=State.SENT, sent_at__gt=today)),
        failed=Count("pk", filter=Q(state=State.FAILED)),
        doubtful=Count("pk", filter=Q(state=State.DOUBTFUL)),
    )


@requires(May.SEE_SYSTEM)
@require_POST
def send_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Put one message back into the outbox."""
    message = get_object_or_404(OutboxMessage, pk=pk)
    try:
        actions.send_again(message=message, by=request.viewer.person, at=clock.now())
        messages.success(request, "The message will be sent again within a few seconds.")
    except actions.NotWaiting as refusal:
        messages.error(request, str(refusal))
    return redirect("system")
