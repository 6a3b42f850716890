"""The trainer's day: the register of each session, and closing the run."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from academy.lib import clock
from academy.lib.pages import page_of
from academy.lib.text import plural
from courses import reports
from courses.actions import completion, signing_in
from courses.actions import registers as actions
from courses.forms.registers import CHOICES, NotesForm, RegisterForm
from courses.models import Attendance, Booking, Newcomer, Run, Session
from courses.models.states import WrongState
from courses.views.delegates import Answered, answered
from partners.access import Proxy, requires, visible_or_404
from partners.models import Person
from partners.permissions import AccessRole, May


def kept_run(request: HttpRequest, pk: int) -> Run:
    """A run whose register the viewer keeps, with its course; else 404."""
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
        "may_plan": request.viewer.may(May.PLAN_TRAINING),
    }
    return render(request, "courses/registers.html", context)


def held_places(run: Run):
    """Places held on a run, by name."""
    return Booking.objects.booked().filter(run=run).select_related("person", "agency").order_by("person__name_key")


def _may_see_needs(request: HttpRequest, run: Run) -> bool:
    """Trainers while they must arrange something; leads, who answer for it, as long as the run is open."""
    return run.is_near(clock.now()) or AccessRole.LEAD in request.viewer.roles


@dataclass(frozen=True)
class Part:
    """One session of a register: whether people can be marked, or sign in by the code, and each place with its mark."""

    session: Session
    started: bool
    can_sign_in: bool
    lines: list[tuple[Booking, str | None]]


def _parts(run: Run, held: list[Booking]) -> list[Part]:
    at, marks = clock.now(), {}
    for mark in Attendance.objects.filter(session__run=run):
        marks[mark.session_id, mark.booking_id] = mark.mark
    return [
        Part(
            session,
            session.starts_at <= at,
            signing_in.is_open(session, at),
            [(booking, marks.get((session.pk, booking.pk))) for booking in held],
        )
        for session in run.sessions.all()
    ]


@requires(May.TAKE_REGISTERS)
@require_safe
def register(request: HttpRequest, pk: int) -> HttpResponse:
    """Who is expected, session by session, with the marks made so far."""
    run = kept_run(request, pk)
    held = list(held_places(run))
    shown = held if _may_see_needs(request, run) else []
    is_done, at = run.state == Run.State.COMPLETED, clock.now()
    planned = Run.objects.planned_by(request.viewer.person, request.viewer.today)
    context = {
        "run": run,
        "course": run.course,
        "parts": _parts(run, held),
        "held": held,
        "needs": [booking.person for booking in shown if booking.person.access_needs],
        "answered": _answered(run, held),
        "choices": CHOICES,
        "missing": actions.missing_marks(run),
        "has_started": run.has_started(at),
        "has_ended": run.has_ended(at),
        "is_open": run.state == Run.State.PUBLISHED,
        "outcomes": completion.outcomes(run) if is_done else [],
        "newcomers": Newcomer.objects.waiting().filter(session__run=run).select_related("session"),
        "may_correct": planned.filter(pk=run.pk).exists(),
    }
    return render(request, "courses/register.html", context)


def _answered(run: Run, held: list[Booking]) -> list[tuple[Person, Answered]]:
    """What people answered to what the course asks; those who answered nothing are left out."""
    questions = list(run.course.questions.all())
    return [(booking.person, said) for booking in held if (said := answered(booking, questions))]


@requires(May.TAKE_REGISTERS, proxy=Proxy.DO)
@require_http_methods(["GET", "HEAD", "POST"])
def take(request: HttpRequest, pk: int, session_pk: int) -> HttpResponse:
    """Save one session's marks; people who were not marked stay as they were. The page's script asks for data."""
    run = kept_run(request, pk)
    if request.method != "POST":
        return redirect("register", run.pk)
    session = visible_or_404(request, run.sessions.all(), pk=session_pk)
    form = RegisterForm(request.POST, bookings=list(held_places(run)))
    answer = _as_data if request.headers.get("Accept") == "application/json" else _as_page
    try:
        return answer(request, session, _save(request, session, form))
    except actions.RegisterRefused as refusal:
        return answer(request, session, refusal=str(refusal))


def _save(request: HttpRequest, session: Session, form: RegisterForm) -> int:
    if not form.is_valid():
        raise actions.RegisterRefused("Choose one of the marks offered.")
    at = clock.now()
    return actions.take_register(
        session=session,
        marks=form.marks,
        made=form.made(at),
        rest=form.cleaned_data["rest"],
        by=request.viewer.person,
        at=at,
    )


def _as_page(request: HttpRequest, session: Session, marked: int = 0, refusal: str = "") -> HttpResponse:
    if refusal:
        messages.error(request, refusal)
    else:
        messages.success(request, f"Register saved: {plural(marked, 'person', 'people')} marked.")
    return redirect("register", session.run_id)


def _as_data(request: HttpRequest, session: Session, marked: int = 0, refusal: str = "") -> HttpResponse:
    """The marks as they are now, by booking: what was sent may have been older than what another phone sent."""
    if refusal:
        return JsonResponse({"refused": refusal}, status=409)
    return JsonResponse({"marks": dict(session.attendances.values_list("booking", "mark"))})


@requires(May.TAKE_REGISTERS, proxy=Proxy.NEVER)
@require_http_methods(["GET", "HEAD", "POST"])
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Look over who has completed the run, then close it: achievements now, follow-ups by themselves."""
    run = kept_run(request, pk)
    if request.method != "POST":
        return _look_over(request, run)
    try:
        made = actions.close_run(run=run, by=request.viewer.person, at=clock.now())
        done = plural(len(made), "person has", "people have")
        messages.success(request, f"Run closed. {done} completed the course and will be asked what changed.")
    except (actions.RegisterRefused, WrongState) as refusal:
        messages.error(request, str(refusal))
    return redirect("register", run.pk)


def _look_over(request: HttpRequest, run: Run) -> HttpResponse:
    if run.state != Run.State.PUBLISHED:
        return redirect("register", run.pk)
    outcomes = completion.outcomes(run)
    context = {
        "run": run,
        "course": run.course,
        "reason": actions.why_not_close(run, clock.now()),
        "completed": [outcome for outcome in outcomes if outcome.completed],
        "others": [outcome for outcome in outcomes if not outcome.completed],
    }
    return render(request, "courses/close_run.html", context)


@requires(May.TAKE_REGISTERS, proxy=Proxy.NEVER)
@require_safe
def sheet(request: HttpRequest, pk: int, session_pk: int) -> HttpResponse:
    """The sign-in sheet of a session, to print. What people need is not on it."""
    run = kept_run(request, pk)
    sessions = run.sessions.select_related("run__course").prefetch_related("run__trainers")
    session = visible_or_404(request, sessions, pk=session_pk)
    response = HttpResponse(reports.sign_in_sheet_pdf(session, held_places(run)), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="sign-in-sheet-{run.pk}-{session.pk}.pdf"'
    return response


@requires(May.TAKE_REGISTERS, proxy=Proxy.DO)
@require_http_methods(["GET", "HEAD", "POST"])
def notes(request: HttpRequest, pk: int) -> HttpResponse:
    """What the academy should know about the day."""
    run = kept_run(request, pk)
    form = NotesForm(request.POST or None, initial={"notes": run.notes})
    if request.method == "POST" and form.is_valid():
        actions.write_notes(run=run, notes=form.cleaned_data["notes"], by=request.viewer.person, at=clock.now())
        messages.success(request, "Notes saved.")
        return redirect("register", run.pk)
    return render(request, "courses/run_notes.html", {"run": run, "course": run.course, "form": form})
