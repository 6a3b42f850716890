"""What somebody may ask for about themselves."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from academy.lib import clock
from academy.lib.dates import london_day
from academy.privacy import archive, schedule
from partners.access import Proxy, recently_confirmed, requires
from partners.permissions import May


@requires(May.USE_OWN_RECORD, proxy=Proxy.NEVER)
@recently_confirmed
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def everything(request: HttpRequest) -> HttpResponse:
    """Say what is in the archive; when asked, hand it out."""
    if request.method == "POST":
        person, at = request.viewer.person, clock.now()
        return download(archive.hand_out(person=person, by=person, at=at), at)
    kinds = [record.title for record in schedule.load().in_use if record.person and record.basis != "nobody"]
    return render(request, "privacy/everything.html", {"kinds": kinds})


def download(made: bytes, at: datetime) -> HttpResponse:
    """The ZIP as a file, under a name that says nothing of whose it is."""
    response = HttpResponse(made, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="everything-held-{london_day(at)}.zip"'
    return response
