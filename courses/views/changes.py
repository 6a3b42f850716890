"""What becomes of a booking: given up, swapped for another date, handed to a colleague, an offer answered."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from academy.lib import clock
from courses.actions import bookings as actions
from courses.actions import offers
from courses.forms import HandOverForm, SwapForm
from courses.models import Booking, Run
from courses.models.states import WrongState
from partners.access import Proxy, requires, visible_or_404
from partners.models import Employment, Person
from partners.permissions import May

REFUSALS = (actions.TooLate, actions.NotEligible, offers.OfferGone, offers.Clash, WrongState)


def _kept(request: HttpRequest, reference: str) -> Booking:
    """One's own booking, or that of somebody for whom one may book."""
    viewer = request.viewer
    kept = Booking.objects.kept_by(viewer.person, viewer.today).select_related("run__course", "person", "agency")
    return visible_or_404(request, kept, reference=reference)


def _about(request: HttpRequest, booking: Booking, **more: object) -> dict[str, object]:
    is_own = booking.person_id == request.viewer.person.pk
    return {"booking": booking, "run": booking.run, "course": booking.run.course, "is_own": is_own, **more}


@requires(May.USE_OWN_RECORD, proxy=Proxy.DO)
@require_http_methods(["GET", "HEAD", "POST"])
def give_up(request: HttpRequest, reference: str) -> HttpResponse:
    """Say what giving up means and what it costs, then give the place up."""
    found = _kept(request, reference)
    if request.method == "POST":
        try:
            left = actions.give_up(booking=found, by=request.viewer.person, at=clock.now())
            messages.success(request, _given_up(left, own=left.person_id == request.viewer.person.pk))
        except REFUSALS as refusal:
            messages.error(request, str(refusal))
        return redirect("booking", reference)
    if not found.is_live:
        return redirect("booking", reference)
    waiting = found.run.bookings.waiting_in_queue().count()
    costs = found.late_charge if found.state == Booking.State.BOOKED and found.is_late(clock.now()) else None
    return render(request, "courses/give_up.html", _about(request, found, waiting=waiting, costs=costs))


def _given_up(booking: Booking, *, own: bool) -> str:
    """What one is told of it."""
    who = "You have" if own else f"For {booking.person.name}, you have"
    if booking.state == Booking.State.LEFT_QUEUE:
        return f"{who} left the queue for {booking.run.course.title}."
    return f"{who} given up {'your' if own else 'the'} place on {booking.run.course.title}."


@requires(May.USE_OWN_RECORD, proxy=Proxy.DO)
@require_http_methods(["GET", "HEAD", "POST"])
def swap(request: HttpRequest, reference: str) -> HttpResponse:
    """Choose another date of the same course."""
    found = _kept(request, reference)
    if found.state != Booking.State.BOOKED or found.run.has_started(clock.now()):
        return redirect("booking", reference)
    visible = Run.objects.visible_to(found.person, request.viewer.today).bookable(clock.now())
    dates = visible.filter(course=found.run.course_id).exclude(pk=found.run_id).with_counts()
    form = SwapForm(
        request.POST or None, runs=dates.prefetch_related("sessions"), initial={"run": request.GET.get("to")}
    )
    if request.method == "POST" and form.is_valid():
        try:
            by = request.viewer.person
            made = actions.swap(booking=found, run=form.cleaned_data["run"], by=by, at=clock.now())
            return redirect("booking", made.reference)
        except REFUSALS as refusal:
            form.add_error("run", str(refusal))
    costs = found.late_charge if found.is_late(clock.now()) else None
    return render(request, "courses/swap.html", _about(request, found, form=form, dates=dates.exists(), costs=costs))


@requires(May.USE_OWN_RECORD, proxy=Proxy.NEVER)
@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: HttpRequest, reference: str) -> HttpResponse:
    """Give the place to a colleague of the same agency."""
    found = _kept(request, reference)
    if found.state != Booking.State.BOOKED or found.run.has_started(clock.now()):
        return redirect("booking", reference)
    form = HandOverForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        colleague = _colleague(found, form.cleaned_data["email"], request)
        if colleague is None:
            agency = found.agency or "your agency"
            form.add_error("email", f"We found nobody with that address at {agency}. Ask your coordinator to add them.")
        else:
            try:
                actions.hand_over(booking=found, to=colleague, by=request.viewer.person, at=clock.now())
                messages.success(request, f"{colleague.name} has the place now, and is told by e-mail.")
                return redirect("booking", reference)
            except actions.NotEligible as refusal:
                form.add_error("email", str(refusal))
            except REFUSALS as refusal:
                messages.error(request, str(refusal))
                return redirect("booking", reference)
    return render(request, "courses/hand_over.html", _about(request, found, form=form))


def _colleague(booking: Booking, email: str, request: HttpRequest) -> Person | None:
    """Whoever has that address and works at the agency of the place."""
    at_work = Employment.objects.in_post(request.viewer.today).filter(agency=booking.agency_id).values("person")
    found = Person.objects.filter(pk__in=at_work, email__iexact=email, merged_into=None)
    return found.exclude(pk=booking.person_id).first()


@requires(May.USE_OWN_RECORD, proxy=Proxy.DO)
@require_POST
def answer_offer(request: HttpRequest, reference: str) -> HttpResponse:
    """Take the place that was offered, or decline it."""
    found, by = _kept(request, reference), request.viewer.person
    try:
        if request.POST.get("answer") == "take":
            offers.take_offer(booking=found, by=by, at=clock.now())
        elif request.POST.get("answer") == "decline":
            offers.decline_offer(booking=found, by=by, at=clock.now())
            messages.success(request, "The place goes to the next person. Thank you for telling us.")
    except REFUSALS as refusal:
        messages.error(request, str(refusal))
    return redirect("booking", reference)


@requires(May.USE_OWN_RECORD, proxy=Proxy.DO)
@require_POST
def take_free(request: HttpRequest, reference: str) -> HttpResponse:
    """Just before a run, take a free place for which one waits."""
    found = _kept(request, reference)
    try:
        made = actions.book(run=found.run, person=found.person, by=request.viewer.person, at=clock.now())
        if made.state != Booking.State.BOOKED:
            messages.error(request, "Somebody else took the place a moment ago.")
    except actions.NotEligible as refusal:
        messages.error(request, str(refusal))
    return redirect("booking", reference)
