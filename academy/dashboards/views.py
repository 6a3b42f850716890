"""'Your list', the first page after signing in; and a manager's team."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from academy.lib import clock, registry
from academy.lib.pages import page_of
from courses.models import Booking
from partners.access import public, requires
from partners.models import Employment, Person
from partners.permissions import May


@public
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What this person owes, and what they have coming up. Signed out: the way in."""
    if not request.user.is_authenticated:
        return redirect("tryout_people" if settings.TRY_OUT else settings.LOGIN_URL)
    viewer = request.viewer
    coming = Booking.objects.live().filter(person=viewer.person, run__ends_at__gt=clock.now())
    context = {
        "lines": registry.todos(viewer.person, viewer.today),
        "coming": coming.select_related("run__course").order_by("run__starts_at")[:5],
        "employment": viewer.person.employment(viewer.today),
    }
    return render(request, "dashboards/home.html", context)


@requires(May.SEE_TEAM)
@require_safe
def team(request: HttpRequest) -> HttpResponse:
    """Everyone whom this person manages, at any depth, with their job and what they have booked."""
    viewer = request.viewer
    page = page_of(request, Person.objects.managed_by(viewer.person, viewer.today), size=25)
    spells = Employment.objects.in_post(viewer.today).filter(person__in=list(page))
    jobs = {spell.person_id: spell for spell in spells.select_related("team", "job_role")}
    live = Booking.objects.live().filter(person__in=list(page), run__ends_at__gt=clock.now())
    coming: dict[int, list[Booking]] = {}
    for booking in live.select_related("run__course").order_by("run__starts_at"):
        coming.setdefault(booking.person_id, []).append(booking)
    rows = [(person, jobs.get(person.pk), coming.get(person.pk, [])) for person in page]
    return render(request, "dashboards/team.html", {"page": page, "rows": rows})
