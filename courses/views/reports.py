"""Reports on training: who had a place and came, and the bookings behind each figure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from academy.lib import charts, clock, funnel_chart, periods, tables
from academy.lib.figures import Share
from academy.lib.pages import page_of
from courses.forms import ReportFilter
from courses.forms.reports import NOT_KNOWN
from courses.models import PracticeTheme
from courses.reports.attendance import report_of
from courses.reports.attendees import COLUMNS, lines
from courses.stats import attendees
from courses.stats.attendance import FIGURES, RATES, SCOPE, Asked, Attendance, Row, attendance
from courses.stats.within import Within, within
from partners.access import Proxy, requires, visible_or_404
from partners.models import Person
from partners.permissions import May

SHOWN = ("booked", "in_time", "late", "no_show", "walk_in", "attended")
STACK = {"Booked and attended": "booked_attended", "Came unbooked": "walk_in", "Did not come": "no_show"}
STACK |= {"Not marked": "not_marked"}
FORMATS = ("csv", "xlsx", "pdf", "json")
LISTS = ("csv", "xlsx")
A_PAGE = 25
BREAKDOWNS = {"course": "Course", "agency": "Agency", "theme": "Practice theme"}


def within_of(request: HttpRequest) -> Within:
    """Whose bookings the reader may count."""
    viewer = request.viewer
    return within(viewer.person, viewer.roles, viewer.today)


def filter_of(request: HttpRequest) -> ReportFilter:
    """What the address narrows the figures to. Another agency than one's own is 404, like anything of another's."""
    own, agency = within_of(request), request.GET.get("agency", "")
    if agency.isascii() and agency.isdigit() and agency != NOT_KNOWN:
        visible_or_404(request, own.offered(), pk=int(agency))
    return ReportFilter(request.GET, at=clock.now(), today=request.viewer.today, within=own)


def _asked_or_404(request: HttpRequest) -> Asked:
    """What the address asks for; links name only what there is."""
    form = filter_of(request)
    if not form.is_valid():
        raise Http404
    return form.asked


def address(asked: Asked, **more: object) -> str:
    """The same days and narrowing as they stand in an address, with some of it changed."""
    chosen = {"first": asked.start, "last": asked.end, "agency": asked.agency, "theme": asked.theme}
    query = QueryDict(mutable=True)
    query.update({k: v for k, v in (chosen | {"course": asked.course} | more).items() if v is not None})
    return query.urlencode()


@dataclass(frozen=True)
class Cell:
    """A count, with the address of the bookings behind it; none where there are none."""

    label: str
    count: int
    url: str


@dataclass(frozen=True)
class Line:
    """A row as the page shows it: where its name leads, its counts, and its three rates."""

    row: Row
    url: str
    cells: list[Cell]
    rates: list[tuple[str, Share]]
    beside: str = ""  # how it stands to the others, where that is worth a word


@requires(May.SEE_TRAINING_REPORTS)
@require_safe
def training(request: HttpRequest) -> HttpResponse:
    """Who had a place and who came: by quarter, course, agency and practice theme, with three rates."""
    form = filter_of(request)
    context = {"form": form, "themes": PracticeTheme.objects.all(), "whole": within_of(request).everyone}
    if not form.is_valid():
        return render(request, "reports/training.html", context)
    by = request.GET.get("by", "course")
    if by not in BREAKDOWNS:
        raise Http404
    found = attendance(form.asked, ["quarter", by])
    context |= (
        _page(found)
        | _breakdown(request, found, by)
        | {
            "asked": form.asked,
            "chosen": form.cleaned_data,
            "periods": _periods(form.asked, request.viewer.today),
            "query": address(form.asked),
            "formats": FORMATS,
        }
    )
    return render(request, "reports/training.html", context)


def _page(found: Attendance) -> dict[str, object]:
    """All together, and quarter by quarter."""
    asked, total = found.asked, _line(found.asked, found.total)
    return {
        "total": total,
        "tiles": [(rate, share) for rate, (_, share) in zip(RATES.values(), total.rates, strict=True) if share.whole],
        "quarters": [_line(asked, row, **_quarter(asked, row.key)) for row in found.quarters],
        "chart": _chart(found.quarters),
        "columns": [FIGURES[name].label for name in SHOWN],
        "rates": RATES.values(),
        "notes": [SCOPE, *(f"{each.label}: {each.definition}" for each in (FIGURES | RATES).values())],
        "not_marked": found.total.count("not_marked"),
        "not_marked_url": _people_url(asked, "not_marked"),
    }


def _breakdown(request: HttpRequest, found: Attendance, by: str) -> dict[str, object]:
    """One table of rows by name, a page of it; agencies with the funnel that keeps them from being ranked."""
    asked, rows = found.asked, {"course": found.courses, "agency": found.agencies, "theme": found.themes}[by]
    funnel = _funnel(found.agencies) if by == "agency" and asked.agency is None else None
    placed = {point.unit.name: point.in_words for point in funnel.points} if funnel else {}
    page = page_of(request, rows, size=25)
    page.object_list = [
        _line(asked, row, beside=placed.get(row.label, ""), **_narrowed(by, row)) for row in page.object_list
    ]
    return {
        "page": page,
        "funnel": funnel,
        "by": by,
        "breakdowns": BREAKDOWNS.items(),
        "breakdown": BREAKDOWNS[by],
        "whole_places": not asked.is_narrow and by != "agency",
    }


def _narrowed(by: str, row: Row) -> dict[str, object]:
    """What leads to a row's own figures. A course's are told by agency."""
    more = {"by": "agency"} if by == "course" else {}
    return {by: row.key or 0} | more


def _line(asked: Asked, row: Row, *, beside: str = "", **narrowed: object) -> Line:
    url = f"{reverse('training_report')}?{address(asked, **narrowed)}"
    narrowed.pop("by", None)
    cells = [Cell(FIGURES[name].label, row.count(name), _people_url(asked, name, **narrowed)) for name in SHOWN]
    return Line(row, url, cells, [(rate.label, row.rate(name)) for name, rate in RATES.items()], beside)


def _people_url(asked: Asked, figure: str, **narrowed: object) -> str:
    return f"{reverse('training_report_people')}?figure={figure}&{address(asked, **narrowed)}"


def _quarter(asked: Asked, starts_on: date) -> dict[str, date]:
    """Its days, as far as they are asked about."""
    whole = periods.quarter(starts_on)
    return {"first": max(whole.start, asked.start), "last": min(whole.end, asked.end)}


def _chart(rows: list[Row]) -> charts.Stacked | None:
    bars = [(row.label, [row.count(figure) for figure in STACK.values()]) for row in rows]
    return charts.stacked(bars, list(STACK)) if bars else None


def _funnel(rows: list[Row]) -> funnel_chart.Funnel | None:
    return funnel_chart.funnel(
        funnel_chart.Unit(row.label, row.rate("booked_attended_of_booked")) for row in rows if row.key
    )


def _periods(asked: Asked, today: date) -> list[tuple[str, str]]:
    """This financial year and the last, and the quarters of the one asked about: words and addresses."""
    this = periods.financial_year(today)
    shown = periods.financial_year(asked.end)
    years = {each.start: each for each in (shown, this, periods.year_from(this.start.year - 1))}
    offered = [*(years[start] for start in sorted(years, reverse=True)), *periods.quarters(shown)]
    return [
        (each.name, f"{reverse('training_report')}?{address(asked, first=each.start, last=min(each.end, today))}")
        for each in offered
        if each.start <= today
    ]


@requires(May.SEE_TRAINING_REPORTS, proxy=Proxy.NEVER)
@require_safe
def download(request: HttpRequest, file_format: str) -> HttpResponse:
    """The same figures as the page."""
    asked = _asked_or_404(request)
    if file_format not in FORMATS:
        raise Http404
    data = tables.render(report_of(attendance(asked)), file_format)
    response = HttpResponse(data, content_type=tables.FORMATS[file_format])
    response["Content-Disposition"] = f'attachment; filename="training-{asked.start}-{asked.end}.{file_format}"'
    return response


@requires(May.SEE_TRAINING_REPORTS)
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """The bookings behind a figure, as many as it says. Whom the reader may not name is counted."""
    form, figure = filter_of(request), _figure_or_404(request)
    if not form.is_valid():
        raise Http404
    asked = form.asked
    page = _some(request, asked, figure)
    named = named_by(request)({attendee.person for attendee in page.object_list})
    context = {
        "asked": asked,
        "figure": FIGURES[figure],
        "page": page,
        "lines": [(attendee, attendee.person in named) for attendee in page.object_list],
        "back": f"{reverse('training_report')}?{address(asked)}",
        "query": f"figure={figure}&{address(asked)}",
        "formats": LISTS,
        "course": form.cleaned_data["course"],
    }
    return render(request, "reports/people.html", context)


def _figure_or_404(request: HttpRequest) -> str:
    figure = request.GET.get("figure", "")
    if figure not in FIGURES:
        raise Http404
    return figure


def _some(request: HttpRequest, asked: Asked, figure: str) -> Page:
    """The page of bookings that the address asks for, without fetching the others."""
    runs = attendees.per_run(asked, figure)
    page = Paginator(range(sum(runs.values())), A_PAGE).get_page(request.GET.get("page"))
    first = A_PAGE * (page.number - 1)
    page.object_list = attendees.some(asked, figure, runs, first=first, most=A_PAGE) if runs else []
    return page


def named_by(request: HttpRequest):
    """Which of some people, by id, the reader may name."""
    viewer = request.viewer
    visible = Person.objects.visible_to(viewer.person, viewer.today)
    return lambda ids: set(visible.filter(pk__in=ids).values_list("pk", flat=True))


@requires(May.SEE_TRAINING_REPORTS, proxy=Proxy.NEVER)
@require_safe
def people_download(request: HttpRequest, file_format: str) -> StreamingHttpResponse:
    """All of them, sent while they are read, so that their number takes no memory."""
    asked, figure = _asked_or_404(request), _figure_or_404(request)
    if file_format not in LISTS:
        raise Http404
    rows = lines(attendees.each(asked, figure), named_by(request))
    response = StreamingHttpResponse(_stream(rows, figure, file_format), content_type=tables.FORMATS[file_format])
    response["Content-Disposition"] = f'attachment; filename="{figure}-{asked.start}-{asked.end}.{file_format}"'
    return response


def _stream(rows: Iterable[list[object]], figure: str, file_format: str) -> Iterator[bytes]:
    if file_format == "csv":
        return tables.stream_csv(COLUMNS, rows)
    from academy.lib.spreadsheets import stream_xlsx

    return stream_xlsx(FIGURES[figure].label, COLUMNS, rows)
