"""Finding training: as a list, by month, by theme, and each course."""

from dataclasses import replace
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Page
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from academy.lib import clock
from academy.lib.pages import page_of
from courses import finding
from courses.actions import habits as habit_actions
from courses.finding import ONLINE, Search
from courses.forms.catalogue import WEEKDAYS, CatalogueFilter, HabitsForm
from courses.models import Course, Habits, Kind, Level, Run, Session
from partners.access import Proxy, requires, visible_or_404
from partners.permissions import May


def _search(request: HttpRequest) -> Search:
    """What the address asks for."""
    filters = CatalogueFilter(request.GET)
    filters.is_valid()
    person = request.viewer.person
    habits = Habits.objects.filter(person=person).first() if filters.cleaned_data.get("near") else None
    return Search(person, filters.cleaned_data, clock.now(), habits)


def _context(search: Search) -> dict[str, Any]:
    """The filters, and what is chosen in them."""
    chosen, options = search.chosen, finding.options()
    return {
        "search": search,
        "chosen": chosen,
        "themes": options["theme"],
        "chosen_themes": [theme.slug for theme in chosen.get("theme") or []],
        "areas": [(ONLINE, "Online"), *options["area"]],
        "owners": options["owner"],
        "chosen_owner": str(chosen["owner"].pk) if chosen.get("owner") else "",
        "kinds": Kind.choices,
        "levels": Level.choices,
        "weekdays": WEEKDAYS,
        "needs_habits": chosen.get("near") and not search.habits,
        "is_narrow": any(chosen.get(name) for name in ("level", "day", "owner", "area", "first", "last", "free")),
    }


@requires(May.USE_OWN_RECORD)
@require_safe
def catalogue(request: HttpRequest) -> HttpResponse:
    """What is offered, narrowed by the address; each with its next date and the places left on it."""
    search = _search(request)
    page = page_of(request, search.ordered())
    if search.chosen.get("q") and not search.chosen.get("exactly") and not page.paginator.count:
        search, page = _corrected(request, search, page)
    page.object_list = finding.with_next_runs(list(page.object_list), search.dates)
    return render(request, "courses/catalogue.html", _context(search) | {"page": page})


def _corrected(request: HttpRequest, search: Search, page: Page) -> tuple[Search, Page]:
    """The same with misspelt words put right; as it was where that finds nothing either."""
    better = search.corrected()
    other = page_of(request, better.ordered()) if better.instead else page
    return (better, other) if other.paginator.count else (replace(search, instead=""), page)


@requires(May.USE_OWN_RECORD)
@require_safe
def month(request: HttpRequest) -> HttpResponse:
    """The sessions of a month that one may still book, narrowed by the address."""
    search = _search(request)
    first = (search.chosen.get("month") or request.viewer.today).replace(day=1)
    weeks = finding.month(search, first)
    context = {
        "first": first,
        "weeks": weeks,
        "has_any": any(day.sessions for week in weeks for day in week),
        "before": _month_beside(first, -1),
        "after": _month_beside(first, 1),
        "today": request.viewer.today,
    }
    return render(request, "courses/month.html", _context(search) | context)


def _month_beside(first: date, months: int) -> date:
    index = first.year * 12 + first.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


@requires(May.USE_OWN_RECORD)
@require_safe
def themes(request: HttpRequest) -> HttpResponse:
    """Practice themes, each with the first of its courses, narrowed by the address."""
    search = _search(request)
    context = _context(search) | {"found": finding.by_theme(search)}
    return render(request, "courses/themes.html", context)


@requires(May.USE_OWN_RECORD, proxy=Proxy.DO)
@require_http_methods(["GET", "HEAD", "POST"])
def habits(request: HttpRequest) -> HttpResponse:
    """On which days and where one learns best: kept, and then the catalogue shows what suits."""
    person = request.viewer.person
    said = Habits.objects.filter(person=person).values("days", "areas").first()
    form = HabitsForm(request.POST if request.method == "POST" else None, initial=said or {})
    if form.is_valid():
        habit_actions.remember(person=person, **form.cleaned_data)
        messages.success(request, "We remember where and when you learn best.")
        return redirect(f"{reverse('catalogue')}?near=1")
    return render(request, "courses/habits.html", {"form": form})


@requires(May.USE_OWN_RECORD)
@require_safe
def course(request: HttpRequest, pk: int) -> HttpResponse:
    """What it is about, who it is for, and its dates."""
    viewer, at = request.viewer, clock.now()
    visible = Course.objects.visible_to(viewer.person, viewer.today).select_related("owner", "contact")
    found = visible_or_404(request, visible.prefetch_related("themes", "requires", "job_roles"), pk=pk)
    sessions = Prefetch("sessions", Session.objects.select_related("room").order_by("starts_at"))
    runs = Run.objects.bookable(at).filter(course=found).with_counts().prefetch_related(sessions)
    page = page_of(request, runs.order_by("starts_at"))
    return render(request, "courses/course.html", {"course": found, "page": page, "keeps": _keeps(request, pk)})


def _keeps(request: HttpRequest, pk: int) -> bool:
    viewer = request.viewer
    if not viewer.may(May.PLAN_TRAINING):
        return False
    return Course.objects.kept_by(viewer.person, viewer.today).filter(pk=pk).exists()
