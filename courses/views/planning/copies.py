"""Planning again what was held before."""

from datetime import timedelta

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from academy.lib import clock
from academy.lib.dates import london_day
from academy.lib.text import plural
from courses.actions import copying as actions
from courses.forms.runs import CopyForm
from courses.models import Course, Run
from courses.views.planning import kept
from partners.access import requires
from partners.permissions import May

A_YEAR = 52  # weeks, after which it is the same day of the week


@requires(May.PLAN_TRAINING)
@require_http_methods(["GET", "HEAD", "POST"])
def copy(request: HttpRequest) -> HttpResponse:
    """Choose which runs are to be held again and when, see what that makes, and make drafts of it."""
    said = request.POST if request.method == "POST" else request.GET
    run = kept.run_or_404(request, int(said["run"])) if said.get("run", "").isdigit() else None
    course = kept.course_or_404(request, int(said["course"])) if said.get("course", "").isdigit() else None
    form = CopyForm(said if "first" in said else None, initial=_usual(request, run), one=bool(run))
    context = {"form": form, "run": run, "course": course, "most": actions.MOST}
    if not form.is_valid():
        return render(request, "planning/copy.html", context)
    found = _found(request, form, run, course)
    days = form.days(london_day(found[0].starts_at)) if found else 0
    copies = actions.preview(found, days) if found else []
    if request.method == "POST":
        return _make(request, copies, days)
    asked = [(name, value) for name, value in said.items() if name != "copy"]
    return render(request, "planning/copy.html", context | {"copies": copies, "kept_fields": asked})


def _usual(request: HttpRequest, run: Run | None) -> dict[str, object]:
    """What the form starts from: that run, or the last year's."""
    today = request.viewer.today
    first, last = (london_day(run.starts_at),) * 2 if run else (today - timedelta(days=364), today)
    return {"first": first, "last": last, "weeks": A_YEAR}


def _found(request: HttpRequest, form: CopyForm, run: Run | None, course: Course | None) -> QuerySet[Run]:
    if run:
        return Run.objects.filter(pk=run.pk)
    held = actions.held_between(kept.runs(request), form.cleaned_data["first"], form.cleaned_data["last"])
    return held.filter(course=course) if course else held


def _make(request: HttpRequest, copies: list[actions.Copy], days: int) -> HttpResponse:
    """Drafts of those that are ticked."""
    ticked = set(request.POST.getlist("copy"))
    wanted = [copy for copy in copies if str(copy.run.pk) in ticked]
    made = actions.copy_runs(copies=wanted, days=days, by=request.viewer.person, at=clock.now())
    said = f"{plural(len(made), 'draft is', 'drafts are')} made."
    if len(made) == 1:
        messages.success(request, f"{said} Look at it, then publish it.")
        return redirect("planned_run", made[0].pk)
    if made:
        messages.success(request, f"{said} Look through them, then publish those that are right.")
        return redirect("publish_runs")
    messages.error(request, "No draft was made: tick the runs to plan again.")
    return redirect("copy_runs")
