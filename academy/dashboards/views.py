"""'Your list', the first page after signing in: what one wants to see in the morning."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from academy.lib import clock, registry
from cohorts.stats import own_year
from courses.models import Booking
from partners.access import public


@public
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What this person owes, what their access roles make them want to know, and the own training coming up.

    Signed out: the way in.
    """
    if not request.user.is_authenticated:
        return redirect("tryout_people" if settings.TRY_OUT else settings.LOGIN_URL)
    viewer = request.viewer
    coming = Booking.objects.live().filter(person=viewer.person, run__ends_at__gt=clock.now())
    context = {
        "lines": registry.todos(viewer.person, viewer.roles, viewer.today),
        "sections": registry.sections(viewer.person, viewer.roles, viewer.today),
        "coming": coming.select_related("run__course").order_by("run__starts_at")[:5],
        "employment": viewer.person.employment(viewer.today),
        "year": own_year(viewer.person, viewer.today),
    }
    return render(request, "dashboards/home.html", context)
