"""Who stays: the cohort table, the people behind each number, and its downloads."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from academy.lib import charts, registry, tables
from cohorts.models import Member
from evaluation.forms import FigureDays
from evaluation.models import Paper
from evaluation.reports import NOTES
from evaluation.stats.retention import FIGURES, CohortRow, Retention, retention
from evaluation.stats.staying import Moved
from evaluation.views import staying
from partners.access import Proxy, requires
from partners.models import Destination, LeavingReason
from partners.permissions import May

COLUMNS = {
    "intake": "Intake",
    "on_programme": "On the programme",
    "completed": "Completed",
    "in_post": "In post",
    "left_after": "Left after",
    "left_during": "Left during",
    "redeployed": "Redeployed",
    "failed": "Failed",
}
REPORTS = ("retention", "retention-curve")
OTHER_FIGURES = {"supported": "Supported", "left": "Left"}
STACK = {
    "In post": ["in_post"],
    "Left after": ["left_after"],
    "Left during": ["left_during"],
    "Redeployed or failed": ["redeployed", "failed"],
    "On the programme": ["on_programme"],
}


def _days(request: HttpRequest) -> FigureDays:
    return FigureDays(request.GET, today=request.viewer.today)


def _retention_or_404(request: HttpRequest) -> Retention:
    """The figures for the days that the address names; links name real days only."""
    form = _days(request)
    if not form.is_valid():
        raise Http404
    return retention(*form.days)


@requires(May.SEE_RETENTION)
@require_safe
def table(request: HttpRequest) -> HttpResponse:
    """Where each cohort stands, with both percentages, why people left and where they went."""
    form = _days(request)
    if not form.is_valid():
        return render(request, "evaluation/retention.html", {"form": form})
    found = retention(*form.days)
    context = {
        "form": form,
        "retention": found,
        "overall": found.overall,
        "columns": COLUMNS,
        "rows": [(row, _cells(row)) for row in [*found.rows, found.overall]] if found.rows else [],
        "chart": _chart(found),
        "staying": staying.section(found, _moved(request)),
        "leaving": _leaving(found),
        "notes": NOTES,
        "papers": Paper.objects.defer("pdf")[:12],
        "query": f"as_at={found.as_at}&known_at={found.known_at}",
        "formats": [file_format.upper() for file_format in tables.FORMATS],
    }
    return render(request, "evaluation/retention.html", context)


def _moved(request: HttpRequest) -> Moved:
    """How the address counts a move within the council."""
    try:
        return Moved(request.GET.get("moved", Moved.LEFT))
    except ValueError:
        raise Http404 from None


def _cells(row: CohortRow) -> list[tuple[str, str, int]]:
    return [(figure, label, row.count(figure)) for figure, label in COLUMNS.items()]


def _chart(found: Retention) -> charts.Stacked | None:
    bars = [(row.cohort.name, [sum(map(row.count, figures)) for figures in STACK.values()]) for row in found.rows]
    return charts.stacked(bars, list(STACK)) if bars else None


def _leaving(found: Retention) -> list[tuple[str, str, list[tuple[str, int]], list[tuple[str, int]]]]:
    """For each cohort that anyone left: its name, how many, why and where to, most frequent first."""
    rows = []
    for row in found.rows:
        if row.count("left"):
            reasons = [(LeavingReason(code).label, n) for code, n in row.reasons.most_common()]
            destinations = [(Destination(code).label, n) for code, n in row.destinations.most_common()]
            rows.append((row, row.count("left"), reasons, destinations))
    return rows


@requires(May.SEE_RETENTION)
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """The people behind one number. Those whom the reader may not name are counted, so rows and figure agree."""
    found = _retention_or_404(request)
    row = _row(found, request.GET.get("cohort", ""))
    figure = request.GET.get("figure", "")
    if row is None or figure not in FIGURES:
        raise Http404
    standings = row.people(figure)
    viewer = request.viewer
    members = Member.objects.visible_to(viewer.person, viewer.today)
    named = set(members.filter(pk__in=[s.member.pk for s in standings]).values_list("pk", flat=True))
    context = {
        "retention": found,
        "row": row,
        "label": (COLUMNS | OTHER_FIGURES)[figure],
        "lines": [(standing, standing.member.pk in named) for standing in standings],
        "unnamed": len(standings) - len(named),
        "query": f"as_at={found.as_at}&known_at={found.known_at}",
    }
    return render(request, "evaluation/retention_people.html", context)


def _row(found: Retention, cohort: str) -> CohortRow | None:
    if not cohort:
        return found.overall
    return next((row for row in found.rows if str(row.cohort.pk) == cohort), None)


@requires(May.SEE_RETENTION, proxy=Proxy.NEVER)
@require_safe
def download(request: HttpRequest, file_format: str) -> HttpResponse:
    """The same figures as the page, as JSON, CSV or XLSX: the cohort table's, or with `report` the curves'."""
    name, form = request.GET.get("report", "retention"), _days(request)
    if file_format not in tables.FORMATS or name not in REPORTS or not form.is_valid():
        raise Http404
    as_at, known_at = form.days
    data = tables.render(registry.reports[name](None, as_at, known_at), file_format)
    response = HttpResponse(data, content_type=tables.FORMATS[file_format])
    response["Content-Disposition"] = f'attachment; filename="{name}-{as_at}.{file_format}"'
    return response
