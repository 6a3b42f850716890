"""What a trainer does on the day beside marking: who came unbooked, messages; and what a lead settles afterwards."""

from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from academy.lib import clock
from academy.lib.text import plural
from courses.actions import bookings, corrections, newcomers, run_messages
from courses.actions.bookings import NotEligible
from courses.forms.the_day import CorrectionForm, MessageForm, NewcomerForm, WalkInForm, WhoForm
from courses.models import Booking, Newcomer, Run
from courses.models.states import WrongState
from courses.views.registers import kept_run
from partners.access import Proxy, requires, visible_or_404
from partners.models import Person
from partners.permissions import May


@requires(May.TAKE_REGISTERS, proxy=Proxy.DO)
@require_http_methods(["GET", "HEAD", "POST"])
def walk_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Find somebody who came unbooked, look whether it is them, and add them."""
    run = kept_run(request, pk)
    if not run.has_started(clock.now()) or run.state != Run.State.PUBLISHED:
        messages.error(request, "People are added once the first session has started, until the run is closed.")
        return redirect("register", run.pk)
    form = WalkInForm(request.POST or None, run=run, on=request.viewer.today)
    found = form.person if request.method == "POST" and form.is_valid() else None
    if found and "confirmed" in request.POST:
        return _add(request, run, found, form.cleaned_data["instead_of"])
    return _walk_in_page(request, run, form=form, found=found)


def _walk_in_page(request: HttpRequest, run: Run, **context) -> HttpResponse:
    found, at = context.get("found"), clock.now()
    context = {"newcomer_form": NewcomerForm(run=run, at=at), "run": run, "course": run.course} | context
    context["job"] = found and found.employment(request.viewer.today)
    return render(request, "courses/walk_in.html", context)


def _add(request: HttpRequest, run: Run, person: Person, instead_of: Booking | None) -> HttpResponse:
    by, at = request.viewer.person, clock.now()
    try:
        if instead_of:
            bookings.hand_over(booking=instead_of, to=person, by=by, at=at, at_door=True)
        else:
            bookings.walk_in(run=run, person=person, by=by, at=at)
        messages.success(request, f"{person.name} is on the register. Mark them below.")
    except (NotEligible, WrongState) as refusal:
        messages.error(request, str(refusal))
    return redirect("register", run.pk)


@requires(May.TAKE_REGISTERS, proxy=Proxy.DO)
@require_http_methods(["GET", "HEAD", "POST"])
def newcomer(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down somebody who is not in the records."""
    run, at = kept_run(request, pk), clock.now()
    if request.method != "POST" or run.state != Run.State.PUBLISHED:
        return redirect("walk_in", run.pk)
    form = NewcomerForm(request.POST, run=run, at=at)
    if not form.is_valid():
        return _walk_in_page(request, run, form=WalkInForm(run=run, on=request.viewer.today), newcomer_form=form)
    newcomers.write_down(**form.cleaned_data, by=request.viewer.person, at=at)
    messages.success(request, f"{form.cleaned_data['name']} is written down. The academy will find out who they are.")
    return redirect("register", run.pk)


@requires(May.PLAN_TRAINING, proxy=Proxy.DO)
@require_http_methods(["GET", "HEAD", "POST"])
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Say who somebody was who came and was not in the records, or that it does not matter."""
    planned = Run.objects.planned_by(request.viewer.person, request.viewer.today)
    waiting = Newcomer.objects.waiting().filter(session__run__in=planned).select_related("session__run__course")
    came = visible_or_404(request, waiting, pk=pk)
    form = WhoForm(request.POST or None, on=request.viewer.today)
    if request.method == "POST" and ("nobody" in request.POST or form.is_valid()):
        return _settle(request, came, None if "nobody" in request.POST else form.person)
    run = came.session.run
    return render(request, "courses/settle.html", {"newcomer": came, "run": run, "course": run.course, "form": form})


def _settle(request: HttpRequest, came: Newcomer, person: Person | None) -> HttpResponse:
    try:
        newcomers.settle(newcomer=came, person=person, by=request.viewer.person, at=clock.now())
        done = f"{person.name} is on the register as present." if person else "The line is crossed out."
        messages.success(request, done)
    except (NotEligible, WrongState) as refusal:
        messages.error(request, str(refusal))
    return redirect("register", came.session.run_id)


@requires(May.TAKE_REGISTERS, proxy=Proxy.NEVER)
@require_http_methods(["GET", "HEAD", "POST"])
def message(request: HttpRequest, pk: int) -> HttpResponse:
    """Write to everybody who holds a place: first one sees to how many, then it is sent, once."""
    run = kept_run(request, pk)
    form = MessageForm(request.POST or None, initial={"token": uuid4()})
    checked = request.method == "POST" and form.is_valid() and "again" not in request.POST
    if checked and "confirmed" in request.POST:
        return _send(request, run, form)
    context = {
        "run": run,
        "course": run.course,
        "form": form,
        "checked": checked,
        "count": run.bookings.booked().count(),
        "sent": run.messages.select_related("sent_by"),
    }
    return render(request, "courses/run_message.html", context)


def _send(request: HttpRequest, run: Run, form: MessageForm) -> HttpResponse:
    try:
        sent = run_messages.send(run=run, by=request.viewer.person, at=clock.now(), **form.cleaned_data)
        messages.success(request, f"Your message goes to {plural(sent.recipients, 'person', 'people')}.")
    except run_messages.NobodyToTell as refusal:
        messages.error(request, str(refusal))
    return redirect("register", run.pk)


@requires(May.PLAN_TRAINING, proxy=Proxy.NEVER)
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: HttpRequest, pk: int, place: int) -> HttpResponse:
    """Put somebody's marks on a closed run right, with a reason; the certificate follows."""
    planned = Run.objects.planned_by(request.viewer.person, request.viewer.today).select_related("course")
    run = visible_or_404(request, planned, pk=pk)
    booking = visible_or_404(request, Booking.objects.booked().filter(run=run).select_related("person"), pk=place)
    if run.state != Run.State.COMPLETED:
        return redirect("register", run.pk)
    marks = dict(booking.attendances.values_list("session", "mark"))
    form = CorrectionForm(request.POST or None, sessions=list(run.sessions.all()), marks=marks)
    if request.method == "POST" and form.is_valid():
        return _correct(request, booking, form)
    return render(request, "courses/correct.html", {"run": run, "course": run.course, "booking": booking, "form": form})


def _correct(request: HttpRequest, booking: Booking, form: CorrectionForm) -> HttpResponse:
    who, reason = request.viewer.person, form.cleaned_data["reason"]
    completed = corrections.correct(booking=booking, marks=form.marks, reason=reason, by=who, at=clock.now())
    has = "has completed" if completed else "has not completed"
    messages.success(request, f"Corrected. {booking.person.name} {has} the course.")
    return redirect("register", booking.run_id)
