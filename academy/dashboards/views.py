"""'Your list', the first page after signing in; and the people one answers for."""

from datetime import date

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from academy.lib import clock, registry
from academy.lib.pages import page_of
from academy.lib.text import sort_key
from cohorts.stats import own_year
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
        "lines": registry.todos(viewer.person, viewer.roles, viewer.today),
        "coming": coming.select_related("run__course").order_by("run__starts_at")[:5],
        "employment": viewer.person.employment(viewer.today),
        "year": own_year(viewer.person, viewer.today),
    }
    return render(request, "dashboards/home.html", context)


@requires(May.SEE_PEOPLE)
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Those whom this person manages, coordinates or leads, with their job and what they have booked."""
    viewer = request.viewer
    words = sort_key(request.GET.get("q", "").replace("\0", "")).split()
    visible = Person.objects.visible_to(viewer.person, viewer.today).exclude(pk=viewer.person.pk)
    visible = visible.filter(erasure=None)  # who was erased is counted, and listed nowhere
    refused = "refused" in request.GET
    if refused:
        visible = visible.mail_refused()
    for word in words:
        visible = visible.filter(name_key__contains=word)
    page = page_of(request, visible.order_by("name_key", "pk"), size=25)
    jobs = _jobs(list(page), viewer.today)
    coming = _coming(list(page))
    rows = [(person, jobs.get(person.pk), coming.get(person.pk, [])) for person in page]
    return render(
        request, "dashboards/people.html", {"page": page, "rows": rows, "q": " ".join(words), "refused": refused}
    )


def _jobs(people: list[Person], on: date) -> dict[int, Employment]:
    spells = Employment.objects.in_post(on).filter(person__in=people)
    return {spell.person_id: spell for spell in spells.select_related("agency", "team", "job_role")}


def _coming(people: list[Person]) -> dict[int, list[Booking]]:
    live = Booking.objects.live().filter(person__in=people, run__ends_at__gt=clock.now())
    coming: dict[int, list[Booking]] = {}
    for booking in live.select_related("run__course").order_by("run__starts_at"):
        coming.setdefault(booking.person_id, []).append(booking)
    return coming
