"""The waiting room of an online session, and the recording afterwards."""

import math
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from academy.lib import clock
from courses.actions import recordings
from courses.forms.hostings import RecordingForm
from courses.models import Run, Session
from courses.models.states import WrongState
from partners.access import Proxy, requires, visible_or_404
from partners.permissions import May

LOOK_AGAIN_SECONDS = 60  # while the link is not there that should be
LONGEST_WAIT_SECONDS = 60 * 60


@requires(May.USE_OWN_RECORD)
@require_safe
def join(request: HttpRequest, pk: int) -> HttpResponse:
    """When the doors open, then the way in, then the recording: for those who are booked and those who teach.

    The page looks again by itself when the doors open; by a header, so that it needs no script.
    """
    viewer, at = request.viewer, clock.now()
    joinable = Session.objects.joinable_by(viewer.person, viewer.today).exclude(run__state=Run.State.CANCELLED)
    found = visible_or_404(request, joinable.select_related("run__course"), pk=pk)
    has_ended, link = at >= found.ends_at, found.link_at(at)
    context = {"session": found, "run": found.run, "course": found.run.course, "link": link, "has_ended": has_ended}
    response = render(request, "courses/join.html", context | {"is_open": at >= found.link_opens})
    if not has_ended and not link and (seconds := _looks_again_in(found, at)):
        response["Refresh"] = str(seconds)
    return response


def _looks_again_in(session: Session, at: datetime) -> int | None:
    """Seconds until there may be something new to see; None where that is far off."""
    seconds = math.ceil((session.link_opens - at).total_seconds())
    if seconds <= 0:
        return LOOK_AGAIN_SECONDS
    return seconds + 1 if seconds <= LONGEST_WAIT_SECONDS else None


@requires(May.USE_OWN_RECORD, proxy=Proxy.DO)
@require_http_methods(["GET", "HEAD", "POST"])
def recording(request: HttpRequest, pk: int) -> HttpResponse:
    """Add the link to the recording, or correct it. Those who were booked are told once."""
    kept = Run.objects.kept_by(request.viewer.person, request.viewer.today).select_related("course")
    found = visible_or_404(request, kept, pk=pk)
    form = RecordingForm(request.POST or None, initial={"url": found.recording_url})
    if request.method == "POST" and form.is_valid():
        try:
            recordings.add(run=found, url=form.cleaned_data["url"], by=request.viewer.person, at=clock.now())
            messages.success(request, "The link to the recording is saved.")
            return redirect("run", pk)
        except WrongState as refusal:
            form.add_error(None, str(refusal))
    people = found.bookings.booked().count()
    context = {"run": found, "course": found.course, "form": form, "people": people}
    return render(request, "courses/recording.html", context | {"has_ended": found.has_ended(clock.now())})
