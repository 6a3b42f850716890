"""Somebody's own calendar: its secret address, and what a calendar program finds there."""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib import messages
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response, quote_etag
from django.views.decorators.http import require_http_methods, require_safe

from academy.lib import calendar, clock
from academy.lib.calendar import Happening
from academy.lib.dates import london_day
from courses.actions import calendars as actions
from courses.emails import invitations
from courses.models import Booking, CalendarFeed, Run, Session
from partners.access import Proxy, public, requires
from partners.models import Person
from partners.permissions import May

KEPT = timedelta(days=90)  # after a run, in the calendar


@requires(May.USE_OWN_RECORD, proxy=Proxy.NEVER)
@require_http_methods(["GET", "HEAD", "POST"])
def own(request: HttpRequest) -> HttpResponse:
    """Make the address, see it, make another in its place, or end it."""
    person = request.viewer.person
    if request.method == "POST":
        _do(request, person)
        return redirect("own_calendar")
    feed = CalendarFeed.objects.filter(person=person).first()
    return render(request, "records/calendar.html", {"feed": feed})


def _do(request: HttpRequest, person: Person) -> None:
    if "end" in request.POST:
        actions.end(person=person, at=clock.now())
        messages.success(request, "The address has ended. Calendars that followed it find nothing there any more.")
    else:
        actions.make(person=person, at=clock.now())
        messages.success(request, "Here is your calendar’s new address.")


@public
@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """Own places and the runs that one teaches, for whoever has the address. It ends with the last employment."""
    at = clock.now()
    alive = CalendarFeed.objects.by_token(token).alive(london_day(at))
    found = alive.select_related("person").first()
    if found is None:
        raise Http404
    happenings = [*_places(found, at), *_taught(found, at)]
    content = calendar.feed(happenings, settings.ACADEMY_NAME)
    etag = quote_etag(hashlib.sha256(content).hexdigest()[:32])
    response = get_conditional_response(request, etag=etag, response=_calendar(content))
    response["ETag"], response["Cache-Control"] = etag, "private, no-cache"
    return response


def _calendar(content: bytes) -> HttpResponse:
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="my-training.ics"'
    response["X-Robots-Tag"] = "noindex"
    return response


def _places(feed: CalendarFeed, at: datetime) -> Iterator[Happening]:
    bookings = Booking.objects.live().filter(person=feed.person_id, run__ends_at__gt=at - KEPT)
    bookings = bookings.select_related("run__course").prefetch_related(_sessions("run__sessions"))
    for booking in bookings.order_by("run__starts_at", "pk"):
        for session in booking.run.sessions.all():
            yield invitations.shown(booking, session, at=at, stamp=feed.made_at)


def _taught(feed: CalendarFeed, at: datetime) -> Iterator[Happening]:
    runs = Run.objects.taught_by(feed.person).filter(ends_at__gt=at - KEPT)
    runs = runs.filter(state__in=[Run.State.PUBLISHED, Run.State.COMPLETED]).select_related("course")
    for run in runs.prefetch_related(_sessions("sessions")):
        for session in run.sessions.all():
            yield _teaching(run, session, at, feed.made_at)


def _sessions(path: str) -> Prefetch:
    return Prefetch(path, Session.objects.order_by("starts_at", "pk"))


def _teaching(run: Run, session: Session, at: datetime, stamp: datetime) -> Happening:
    page = settings.SITE_URL + reverse("run", args=[run.pk])
    return Happening(
        uid=f"teaching-{session.pk}@{settings.SUPPORT_EMAIL.rpartition('@')[2]}",
        sequence=0,
        stamp=stamp,
        summary=f"You train: {run.course.title}",
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        location=session.venue,
        description="\n".join([*invitations.joining(session, at), page]),
        url=page,
    )
