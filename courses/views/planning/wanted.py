"""What people wait for."""

from collections import Counter
from collections.abc import Sequence

from django.db.models import Count, Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from academy.lib import clock
from academy.lib.pages import page_of
from courses.forms.catalogue import WEEKDAYS
from courses.models import Booking, Course, Interest
from partners.access import requires
from partners.permissions import May

MOST = 3  # days and areas that are named


@requires(May.PLAN_TRAINING)
@require_safe
def wanted(request: HttpRequest) -> HttpResponse:
    """Courses of which people want a date, those with most people first; and how many wait in queues of full runs."""
    viewer, at = request.viewer, clock.now()
    kept = Course.objects.kept_by(viewer.person, viewer.today).defer("search", "aims")
    waiting = Q(interests__state=Interest.State.WAITING)
    found = (
        kept.filter(Exists(Interest.objects.waiting().order_by().filter(course=OuterRef("pk"))))
        .annotate(
            waiting=Count("interests", filter=waiting),
            want_place=Count("interests", filter=waiting & Q(interests__wants_place=True)),
        )
        .order_by("-waiting", "title", "pk")
    )
    page = page_of(request, found)
    page.object_list = list(page.object_list)
    _add_wishes(page.object_list)
    queues = dict(
        Booking.objects.waiting_in_queue()
        .filter(run__course__in=page.object_list, run__starts_at__gt=at)
        .order_by()
        .values_list("run__course")
        .annotate(people=Count("pk"))
    )
    rows = [(course, queues.get(course.pk, 0)) for course in page]
    return render(request, "planning/wanted.html", {"page": page, "rows": rows})


def _add_wishes(courses: Sequence[Course]) -> None:
    """Give each course the days and the areas that most of those who wait can come to: one query for the page."""
    names, days, areas = dict(WEEKDAYS), {}, {}
    for course, on, near in (
        Interest.objects.waiting().filter(course__in=courses).values_list("course", "days", "areas")
    ):
        days.setdefault(course, Counter()).update(names[day] for day in on)
        areas.setdefault(course, Counter()).update(near)
    for course in courses:
        course.best_days = days.get(course.pk, Counter()).most_common(MOST)
        course.best_areas = areas.get(course.pk, Counter()).most_common(MOST)
