"""Finding training."""

from datetime import datetime

from django.db.models import F, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from academy.lib import clock
from academy.lib.pages import page_of
from courses.forms import CatalogueFilter
from courses.models import Course, Kind, PracticeTheme, Run, Session
from partners.access import requires, visible_or_404
from partners.permissions import May


@requires(May.USE_OWN_RECORD)
@require_safe
def catalogue(request: HttpRequest) -> HttpResponse:
    """What is offered, narrowed by the address; each with its next date and the places left on it."""
    at = clock.now()
    filters = CatalogueFilter(request.GET)
    filters.is_valid()
    chosen = filters.cleaned_data
    offered = Course.objects.offered().visible_to(request.viewer.person, request.viewer.today)
    page = page_of(request, _narrowed(offered, chosen, at))
    page.object_list = _with_next_runs(list(page.object_list), at)
    context = {
        "page": page,
        "chosen": chosen,
        "themes": [(theme.slug, theme.name) for theme in PracticeTheme.objects.all()],
        "chosen_themes": [theme.slug for theme in chosen.get("theme") or []],
        "kinds": Kind.choices,
    }
    return render(request, "courses/catalogue.html", context)


def _narrowed(courses: QuerySet[Course], chosen: dict, at: datetime) -> QuerySet[Course]:
    courses = courses.defer("search", "aims", "audience")
    if chosen.get("kind"):
        courses = courses.filter(kind__in=chosen["kind"])
    if chosen.get("theme"):
        courses = courses.filter(themes__in=chosen["theme"]).distinct()
    if chosen.get("places"):
        courses = courses.with_places(at)
    if chosen.get("q"):
        return courses.matching(chosen["q"]).order_by("-rank", F("next_start").asc(nulls_last=True), "title", "pk")
    return courses.soonest_first()


def _with_next_runs(courses: list[Course], at: datetime) -> list[Course]:
    """Give each course `next_run`, with its counts: one query for the whole page."""
    runs = Run.objects.bookable(at).filter(course__in=[course.pk for course in courses]).with_counts()
    first = runs.order_by("course_id", "starts_at", "pk").distinct("course_id")
    next_runs = {run.course_id: run for run in first}
    for course in courses:
        course.next_run = next_runs.get(course.pk)
    return courses


@requires(May.USE_OWN_RECORD)
@require_safe
def course(request: HttpRequest, pk: int) -> HttpResponse:
    """What it is about, who it is for, and its dates."""
    at = clock.now()
    visible = Course.objects.visible_to(request.viewer.person, request.viewer.today)
    found = visible_or_404(request, visible.select_related("owner").prefetch_related("themes"), pk=pk)
    sessions = Prefetch("sessions", Session.objects.order_by("starts_at"))
    runs = Run.objects.bookable(at).filter(course=found).with_counts().prefetch_related(sessions)
    page = page_of(request, runs.order_by("starts_at"))
    return render(request, "courses/course.html", {"course": found, "page": page})
