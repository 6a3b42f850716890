"""Publishing many drafts at once."""

from datetime import datetime

from django.contrib import messages
from django.core.paginator import Page
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from academy.lib import clock
from academy.lib.pages import page_of
from academy.lib.text import plural
from courses.actions import clashes
from courses.actions.publishing import publish_runs
from courses.forms.runs import RunFilter
from courses.models import Interest, Run
from courses.views.planning import kept
from courses.views.planning.runs import narrowed
from partners.access import requires
from partners.permissions import May

SHOWN = 50


@requires(May.PLAN_TRAINING)
@require_http_methods(["GET", "HEAD", "POST"])
def publish_several(request: HttpRequest) -> HttpResponse:
    """Drafts, soonest first: what gets in the way of each and who waits for a date. Those ticked are published."""
    filters, at = RunFilter(request.GET), clock.now()
    filters.is_valid()
    chosen = filters.cleaned_data | {"state": ["draft"]}
    drafts = narrowed(kept.runs(request), chosen, at)
    if request.method == "POST":
        return _publish(request, drafts.select_related("course"), at)
    page = page_of(request, drafts.select_related("course").prefetch_related("trainers", "sessions__room"), size=SHOWN)
    context = {"page": page, "rows": _rows(request, page, at), "chosen": chosen, "at": at}
    return render(request, "planning/publish.html", context)


def _rows(request: HttpRequest, page: Page, at: datetime) -> list[tuple[Run, list[str], int]]:
    """Each draft with what gets in its way, and how many wait for a date of its course."""
    runs = list(page.object_list)
    in_the_way = clashes.of_each(runs, seen_by=request.viewer.person, at=at)
    waiting = Interest.objects.waiting().filter(course__in={run.course_id for run in runs}).order_by()
    counts = dict(waiting.values_list("course").annotate(Count("pk")))
    return [(run, in_the_way[run.pk], counts.get(run.course_id, 0)) for run in runs]


def _publish(request: HttpRequest, drafts: QuerySet[Run], at: datetime) -> HttpResponse:
    """What was ticked, if it is still among the drafts."""
    ticked = [int(pk) for pk in request.POST.getlist("run") if pk.isdigit() and len(pk) < 19]
    came = publish_runs(runs=drafts.filter(pk__in=ticked), by=request.viewer.person, at=at)
    if came.runs:
        messages.success(request, f"{plural(len(came.runs), 'run is', 'runs are')} open for booking.")
    elif not came.refused:
        messages.error(request, "Nothing was published: tick the drafts to publish.")
    for refused in came.refused[:SHOWN]:
        messages.error(request, refused)
    return redirect(reverse("publish_runs") if drafts.exists() else reverse("planning"))
