"""Signing in on the day: the code on the trainer's screen, and those who scan it."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from academy.lib import clock, qr, rotating
from courses.actions import signing_in as actions
from courses.models import Attendance, Run, Session
from courses.views.registers import kept_run
from partners.access import public, requires, visible_or_404, without_second_factor
from partners.permissions import May

SCANNED = "scanned"  # in a browser's session: which session's code was scanned, and when
WORKS_FOR = timedelta(minutes=15)  # in which one who scanned signs in to the academy, and says that they are there


@requires(May.TAKE_REGISTERS)
@require_safe
@never_cache
def code(request: HttpRequest, pk: int, session_pk: int) -> HttpResponse:
    """The code of one session, as large as the screen is; a new one every half minute."""
    run, at = kept_run(request, pk), clock.now()
    session = visible_or_404(request, run.sessions.select_related("run__course"), pk=session_pk)
    context = {"run": run, "course": run.course, "session": session, "opens_at": actions.opens_at(session)}
    if run.state == Run.State.PUBLISHED and actions.is_open(session, at):
        context |= _shown(session, at)
    only_code = request.htmx and "code" in context
    return render(request, "courses/_code.html" if only_code else "courses/code.html", context)


def _shown(session: Session, at: datetime) -> dict[str, object]:
    shown = actions.code(session, at)
    address = settings.SITE_URL + reverse("scan", args=[shown])
    return {
        "code": f"{shown[:3]} {shown[3:]}",
        "drawing": qr.drawing(address),
        "type_at": settings.SITE_URL.partition("://")[2] + reverse("here"),
        "seconds": rotating.seconds_left(at),
        "here": Attendance.objects.filter(session=session, mark__in=["present", "late", "part"]).count(),
        "expected": session.run.bookings.booked().count(),
    }


@public
@without_second_factor
@require_safe
@never_cache
def scan(request: HttpRequest, typed: str) -> HttpResponse:
    """What a scanned code opens. It is remembered in this browser alone while its owner signs in to the academy, which
    may take longer than the code stays; and changes nothing else."""
    at = clock.now()
    session = actions.find(rotating.as_typed(typed), at)
    if session is None:
        return render(request, "courses/code_gone.html", status=404)
    request.session[SCANNED] = [session.pk, at.isoformat()]
    return redirect("here")


@requires(May.USE_OWN_RECORD)
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def here(request: HttpRequest) -> HttpResponse:
    """'You are at …: I am here', for one who has just scanned the code; for others, a field to type it in."""
    if request.method != "POST" and (typed := rotating.as_typed(request.GET.get("code", ""))):
        return redirect("scan", typed)
    session, scanned_at = _scanned(request)
    if request.method == "POST":
        return _sign_in(request, session, scanned_at)
    if session is None:
        return render(request, "courses/here_type.html")
    person = request.viewer.person
    context = {
        "session": session,
        "course": session.run.course,
        "booking": actions.booking_of(person, session),
        "mark": Attendance.objects.filter(session=session, booking__person=person).first(),
    }
    return render(request, "courses/here.html", context)


def _scanned(request: HttpRequest) -> tuple[Session | None, datetime]:
    """The session whose code was scanned in this browser a moment ago, and when."""
    pk, moment = request.session.get(SCANNED, [None, "2000-01-01T00:00:00+00:00"])
    scanned_at = datetime.fromisoformat(moment)
    if not timedelta(0) <= clock.now() - scanned_at <= WORKS_FOR:
        return None, scanned_at
    return Session.objects.select_related("run__course").filter(pk=pk).first(), scanned_at


def _sign_in(request: HttpRequest, session: Session | None, scanned_at: datetime) -> HttpResponse:
    try:
        if session is None:
            raise actions.CannotSignIn("That was a while ago. Scan the code on the screen again, or type it in.")
        actions.sign_in(session=session, person=request.viewer.person, scanned_at=scanned_at, at=clock.now())
    except actions.CannotSignIn as refusal:
        messages.error(request, str(refusal))
    return redirect("here")
