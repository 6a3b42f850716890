"""A run's page: dates, places, and what those it trained said later."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from academy.lib import charts, clock
from courses import eligibility
from courses.models import Run
from evaluation.stats.results import Wave, own_words, waves
from partners.access import requires, visible_or_404
from partners.permissions import AccessRole, May


@requires(May.USE_OWN_RECORD)
@require_safe
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything one needs to decide, the button, and for those who may see them the results."""
    viewer, at = request.viewer, clock.now()
    visible = Run.objects.visible_to(viewer.person, viewer.today).with_counts()
    visible = visible.select_related("course__owner").prefetch_related("sessions", "trainers")
    found = visible_or_404(request, visible, pk=pk)
    held = found.bookings.live().filter(person=viewer.person).first()
    context = {
        "run": found,
        "course": found.course,
        "held": held,
        "reasons": [] if held else eligibility.why_not(eligibility.asking(found, viewer.person, at)),
        "keeps": _keeps(request, found),
        "may_book_for_others": viewer.may(May.BOOK_FOR_OTHERS),
        "has_ended": found.has_ended(at),
        "results": [(wave, _chart(wave), _table(wave)) for wave in waves(found)]
        if _may_see_results(request, found)
        else None,
    }
    if AccessRole.LEAD in viewer.roles:
        context["own_words"] = own_words(found)
    return render(request, "evaluation/run.html", context)


def _keeps(request: HttpRequest, found: Run) -> bool:
    viewer = request.viewer
    if not viewer.may(May.TAKE_REGISTERS):
        return False
    return Run.objects.kept_by(viewer.person, viewer.today).filter(pk=found.pk).exists()


def _may_see_results(request: HttpRequest, found: Run) -> bool:
    """Those who keep the run, and directors: figures only."""
    return _keeps(request, found) or AccessRole.DIRECTOR in request.viewer.roles


def _table(wave: Wave) -> dict[str, list]:
    rows = [
        [
            f"{f.question} {f.top_two}",
            f"{f.share.percent}%",
            f.share.whole,
            "{}% to {}%".format(*f.share.interval_percent),
        ]
        for f in wave.findings
    ]
    return {"columns": ["Question, and the two best options", "Share", "Answers", "95% interval"], "rows": rows}


def _chart(wave: Wave) -> charts.Shares | None:
    bars = [
        charts.Share(f"{f.question} {f.top_two}", float(f.share.value), *f.share.interval, f.share.whole)
        for f in wave.findings
        if f.share.whole
    ]
    return charts.shares(bars) if bars else None
