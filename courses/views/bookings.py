"""Booking a place, giving it up, and one's own training."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from academy.lib import clock
from academy.lib.pages import page_of
from courses import eligibility
from courses.actions import bookings as actions
from courses.forms import BookForm
from courses.models import Achievement, Booking, Run
from courses.models.states import WrongState
from partners.access import Proxy, requires, visible_or_404
from partners.actions import people
from partners.permissions import May


@requires(May.USE_OWN_RECORD, proxy=Proxy.DO)
@require_http_methods(["GET", "HEAD", "POST"])
def book(request: HttpRequest, pk: int) -> HttpResponse:
    """Check what one is about to book, then book it or join the queue."""
    person = request.viewer.person
    visible = Run.objects.visible_to(person, request.viewer.today)
    if request.method != "POST":
        return _ask(request, visible.with_counts(), pk, BookForm(initial={"access_needs": person.access_needs}))
    form = BookForm(request.POST)
    if not form.is_valid():
        return _ask(request, visible.with_counts(), pk, form)
    try:  # named, not fetched: it is read once it is locked, and what may not be booked need not be visible either
        made = actions.book(run=Run(pk=pk), person=person, by=person, at=clock.now())
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
    reasons = eligibility.why_not(eligibility.asking(run, person, clock.now()))
    context = {"run": run, "course": run.course, "sessions": run.sessions.all(), "form": form, "reasons": reasons}
    return render(request, "courses/book.html", context)


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


def _visible(request: HttpRequest, reference: str) -> Booking:
    visible = Booking.objects.visible_to(request.viewer.person, request.viewer.today)
    return visible_or_404(request, visible.select_related("run__course", "person"), reference=reference)


@requires(May.USE_OWN_RECORD)
@require_safe
def booking(request: HttpRequest, reference: str) -> HttpResponse:
    """One booking: what, when, where, and what can be done about it."""
    found = _visible(request, reference)
    at = clock.now()
    context = {
        "booking": found,
        "run": found.run,
        "course": found.run.course,
        "sessions": found.run.sessions.all(),
        "place_in_queue": found.place_in_queue(),
        "is_own": found.person_id == request.viewer.person.pk,
        "is_to_come": not found.run.has_started(at),
    }
    return render(request, "courses/booking.html", context)


@requires(May.USE_OWN_RECORD, proxy=Proxy.DO)
@require_http_methods(["GET", "HEAD", "POST"])
def give_up(request: HttpRequest, reference: str) -> HttpResponse:
    """Say what giving up means, then give the place up."""
    person = request.viewer.person
    own_bookings = Booking.objects.filter(person=person).select_related("run__course")
    found = visible_or_404(request, own_bookings, reference=reference)
    if request.method == "POST":
        try:
            left = actions.give_up(booking=found, by=person, at=clock.now())
            done = "left the queue for" if left.state == Booking.State.LEFT_QUEUE else "given up your place on"
            messages.success(request, f"You have {done} {left.run.course.title}.")
        except (actions.TooLate, WrongState) as refusal:
            messages.error(request, str(refusal))
        return redirect("booking", reference)
    if not found.is_live:
        return redirect("booking", reference)
    waiting = found.run.bookings.waiting_in_queue().count()
    context = {"booking": found, "run": found.run, "course": found.run.course, "waiting": waiting}
    return render(request, "courses/give_up.html", context)
