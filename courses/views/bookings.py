"""Booking a place, and one's own training."""

from datetime import datetime

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from academy.lib import clock
from academy.lib.pages import page_of
from courses import eligibility
from courses.actions import bookings as actions
from courses.forms import BookForm
from courses.models import Achievement, Booking, BookingQuestion, Run, Session
from partners.access import Proxy, requires, visible_or_404
from partners.actions import people
from partners.models import Person
from partners.permissions import May


@requires(May.USE_OWN_RECORD, proxy=Proxy.DO)
@require_http_methods(["GET", "HEAD", "POST"])
def book(request: HttpRequest, pk: int) -> HttpResponse:
    """Check what one is about to book, then book it or join the queue."""
    person = request.viewer.person
    visible = Run.objects.visible_to(person, request.viewer.today)
    questions = list(BookingQuestion.objects.filter(course__runs=pk))
    if request.method != "POST":
        form = BookForm(initial={"access_needs": person.access_needs}, questions=questions)
        return _ask(request, visible.with_counts(), pk, form)
    form = BookForm(request.POST, questions=questions)
    if not form.is_valid():
        return _ask(request, visible.with_counts(), pk, form)
    try:  # named, not fetched: it is read once it is locked, and what may not be booked need not be visible either
        made = actions.book(run=Run(pk=pk), person=person, by=person, at=clock.now(), answers=form.answers)
    except (actions.NotEligible, Run.DoesNotExist):
        return _ask(request, visible.with_counts(), pk, form)
    needs = form.cleaned_data["access_needs"]
    people.remember_access_needs(person=person, needs=needs, by=person, at=clock.now())
    return redirect("booking", made.reference)


def _ask(request: HttpRequest, visible: QuerySet[Run], pk: int, form: BookForm) -> HttpResponse:
    """The page with the form, or with the reasons why there is none; for those who have a booking, that."""
    run, person = visible_or_404(request, visible.select_related("course"), pk=pk), request.viewer.person
    if held := run.bookings.live().filter(person=person).first():
        return redirect("booking", held.reference)
    asking = eligibility.asking(run, person, clock.now())
    context = {
        "run": run,
        "course": run.course,
        "sessions": run.sessions.all(),
        "form": form,
        "reasons": eligibility.why_not(asking),
        "asking": asking,
        "swap_from": _other_date(run, person) if asking.twice else None,
    }
    return render(request, "courses/book.html", context)


def _other_date(run: Run, person: Person) -> Booking | None:
    """The place on another date of the course that somebody could swap."""
    others = Booking.objects.booked().filter(person=person, run__course=run.course_id)
    return others.filter(run__starts_at__gt=clock.now()).exclude(run=run).first()


@requires(May.USE_OWN_RECORD)
@require_safe
def own(request: HttpRequest) -> HttpResponse:
    """My training: what is coming, what was completed, and what was."""
    person = request.viewer.person
    bookings = Booking.objects.filter(person=person).select_related("run__course")
    coming = list(bookings.live().filter(run__ends_at__gt=clock.now()).order_by("run__starts_at"))
    earlier = bookings.exclude(pk__in=[booking.pk for booking in coming]).select_related("achievement")
    context = {
        "coming": coming,
        "achievements": Achievement.objects.standing().filter(person=person).select_related("course", "certificate"),
        "page": page_of(request, earlier.order_by("-run__starts_at", "-pk")),
    }
    return render(request, "courses/own.html", context)


@requires(May.USE_OWN_RECORD)
@require_safe
def booking(request: HttpRequest, reference: str) -> HttpResponse:
    """One booking: what, when, where, and what can be done about it."""
    viewer, at = request.viewer, clock.now()
    visible = (
        Booking.objects.visible_to(viewer.person, viewer.today)
        .with_unanswered()
        .select_related("run__course", "person", "booked_by", "replaces__run")
    )
    found = visible_or_404(request, visible.prefetch_related("approvals"), reference=reference)
    is_own = found.person_id == viewer.person.pk
    context = {
        "booking": found,
        "run": found.run,
        "course": found.run.course,
        "sessions": _sessions(found, at, joins=found.state == "booked" and is_own),
        "place_in_queue": found.place_in_queue(),
        "is_own": is_own,
        "may_change": is_own or Booking.objects.kept_by(viewer.person, viewer.today).filter(pk=found.pk).exists(),
        "is_to_come": not found.run.has_started(at),
        "may_take_free": found.state == "queued" and _is_free(found, at),
        "is_too_near": eligibility.way(found.run, at) == eligibility.Way.NOTHING,
    }
    return render(request, "courses/booking.html", context)


def _sessions(booking: Booking, at: datetime, *, joins: bool) -> list[Session]:
    """The run's sessions, each with the joining `link` where whoever looks may have it now."""
    sessions = list(booking.run.sessions.select_related("room"))
    for session in sessions:
        session.link = session.link_at(at) if joins else ""
    return sessions


def _is_free(booking: Booking, at: datetime) -> bool:
    """Whether who waits could have a place at once: just before the run nobody is given any."""
    run = booking.run
    if eligibility.way(run, at) != eligibility.Way.NOTHING or run.has_started(at):
        return False
    return eligibility.Seats.of(run, at).free_for_booking(booking) > 0
