"""The trainer's day: the register of each session, and closing the run."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from academy.lib import clock
from academy.lib.pages import page_of
from academy.lib.text import plural
from courses.actions import registers as actions
from courses.forms import RegisterForm
from courses.models import Attendance, Booking, Mark, Run
from courses.models.states import WrongState
from partners.access import Proxy, requires, visible_or_404
from partners.permissions import AccessRole, May


def _run(request: HttpRequest, pk: int) -> Run:
    kept = Run.objects.kept_by(request.viewer.person, request.viewer.today)
    return visible_or_404(request, kept.select_related("course"), pk=pk)


@requires(May.TAKE_REGISTERS)
@require_safe
def registers(request: HttpRequest) -> HttpResponse:
    """Runs that this person keeps: those to close first, then those to come, then those done."""
    at = clock.now()
    kept = Run.objects.kept_by(request.viewer.person, request.viewer.today).with_counts().select_related("course")
    open_runs = kept.filter(state=Run.State.PUBLISHED)
    context = {
        "to_close": open_runs.filter(starts_at__lte=at).order_by("ends_at"),
        "coming": open_runs.filter(starts_at__gt=at).order_by("starts_at")[:50],
        "page": page_of(request, kept.filter(state=Run.State.COMPLETED).order_by("-ends_at")),
    }
    return render(request, "courses/registers.html", context)


def _held(run: Run):
    return Booking.objects.booked().filter(run=run).select_related("person", "agency").order_by("person__name_key")


def _may_see_needs(request: HttpRequest, run: Run) -> bool:
    """Trainers while they must arrange something; leads, who answer for it, as long as the run is open."""
    return run.is_near(clock.now()) or AccessRole.LEAD in request.viewer.roles


@requires(May.TAKE_REGISTERS)
@require_safe
def register(request: HttpRequest, pk: int) -> HttpResponse:
    """Who is expected, session by session, with the marks made so far."""
    run = _run(request, pk)
    held = list(_held(run))
    marks: dict[int, dict[int, str]] = {}
    for mark in Attendance.objects.filter(session__run=run):
        marks.setdefault(mark.session_id, {})[mark.booking_id] = mark.mark
    at = clock.now()
    sessions = [
        (session, session.starts_at <= at, [(b, marks.get(session.pk, {}).get(b.pk)) for b in held])
        for session in run.sessions.all()
    ]
    shown = held if _may_see_needs(request, run) else []
    context = {
        "run": run,
        "course": run.course,
        "sessions": sessions,
        "held": held,
        "needs": [booking.person for booking in shown if booking.person.access_needs],
        "choices": Mark.choices,
        "missing": actions.missing_marks(run),
        "has_ended": run.has_ended(at),
        "is_open": run.state == Run.State.PUBLISHED,
    }
    return render(request, "courses/register.html", context)


@requires(May.TAKE_REGISTERS, proxy=Proxy.DO)
@require_http_methods(["GET", "HEAD", "POST"])
def take(request: HttpRequest, pk: int, session_pk: int) -> HttpResponse:
    """Save one session's marks; people who were not marked stay as they were."""
    run = _run(request, pk)
    if request.method != "POST":
        return redirect("register", run.pk)
    session = visible_or_404(request, run.sessions.all(), pk=session_pk)
    form = RegisterForm(request.POST, bookings=list(_held(run)))
    if not form.is_valid():
        messages.error(request, "Choose one of the marks offered.")
        return redirect("register", run.pk)
    try:
        person = request.viewer.person
        saved = actions.take_register(session=session, marks=form.marks, by=person, at=clock.now())
        messages.success(request, f"Register saved: {plural(saved, 'person', 'people')} marked.")
    except actions.RegisterRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("register", run.pk)


@requires(May.TAKE_REGISTERS, proxy=Proxy.NEVER)
@require_http_methods(["GET", "HEAD", "POST"])
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close the run: achievements now, follow-ups by themselves at 3, 6 and 12 months."""
    run = _run(request, pk)
    if request.method != "POST":
        return redirect("register", run.pk)
    try:
        made = actions.close_run(run=run, by=request.viewer.person, at=clock.now())
        done = plural(len(made), "person has", "people have")
        messages.success(request, f"Run closed. {done} completed the course and will be asked what changed.")
    except (actions.RegisterRefused, WrongState) as refusal:
        messages.error(request, str(refusal))
    return redirect("register", run.pk)
