"""Booking for the people one answers for, many at once."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from academy.lib import clock
from academy.lib.pages import page_of
from courses.actions import bookings as actions
from courses.models import Booking, Run
from partners.access import requires, visible_or_404
from partners.models import Person
from partners.permissions import May

MOST = 100  # people at once


@dataclass(frozen=True)
class Outcome:
    """What came of booking for one person: the booking, or why there is none."""

    person: Person
    booking: Booking | None
    words: str


@requires(May.BOOK_FOR_OTHERS)
@require_http_methods(["GET", "HEAD", "POST"])
def book_for(request: HttpRequest, pk: int) -> HttpResponse:
    """Find and tick people, book for all of them, and see for each what came of it. Ticks outlive another search."""
    viewer = request.viewer
    visible = Run.objects.visible_to(viewer.person, viewer.today).with_counts().select_related("course")
    run = visible_or_404(request, visible, pk=pk)
    people = Person.objects.visible_to(viewer.person, viewer.today).exclude(pk=viewer.person.pk)
    people = people.employed(viewer.today).filter(erasure=None)
    context = {
        "run": run,
        "course": run.course,
        "sessions": run.sessions.all(),
        "open": not run.has_started(clock.now()),
    }
    ids = _ids(request.POST.getlist("person"))
    chosen = list(people.filter(pk__in=ids).order_by("name_key", "pk")[:MOST]) if ids else []
    finds = "find" in request.POST
    if request.method == "POST" and not finds:
        context["outcomes"] = [_book(run, person, viewer.person) for person in chosen]
        context["nobody"] = not chosen
        run = visible.get(pk=pk)  # its counts have changed
        context["run"] = run
    words = " ".join((request.POST if finds else request.GET).get("q", "").replace("\0", "").split())
    held = Booking.objects.live().filter(run=run, person=OuterRef("pk"))
    context |= {"finds": finds, "ticked": chosen if finds else []}
    listed = people.matching(words).exclude(pk__in=[person.pk for person in context["ticked"]])
    listed = listed.annotate(has_it=Exists(held)).order_by("name_key", "pk")
    context |= {"page": page_of(request, listed, size=50), "q": words}
    return render(request, "courses/book_for.html", context)


def _ids(values: Iterable[str]) -> list[int]:
    return [int(value) for value in values if value.isdecimal() and len(value) < 16]


def _book(run: Run, person: Person, by: Person) -> Outcome:
    try:
        made = actions.book(run=run, person=person, by=by, at=clock.now())
    except actions.NotEligible as refusal:
        return Outcome(person, None, " ".join(refusal.reasons))
    if made.state == Booking.State.QUEUED:
        return Outcome(person, made, f"In the queue, place {made.place_in_queue()}")
    waits = made.approvals.waiting().exists()
    return Outcome(person, made, "Booked, waits for approval" if waits else made.get_state_display())
