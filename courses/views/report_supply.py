"""Reports on training: who waits, what it costs, what trainers and their agencies gave, and the letters that say so."""

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from academy.lib import charts, clock, periods
from academy.lib.pages import page_of
from courses.forms.catalogue import WEEKDAYS
from courses.models import Course, PracticeTheme, Run
from courses.reports.letters import letter_pdf
from courses.stats import supply
from courses.stats import trainers as giving
from courses.stats.attendance import BEGINNING, Asked
from courses.stats.within import Within
from courses.views.reports import filter_of, named_by, within_of
from partners.access import Proxy, requires, visible_or_404
from partners.models import Person
from partners.permissions import May

SHORTEST = 8  # courses drawn: those where most places are missing


@requires(May.SEE_TRAINING_REPORTS)
@require_safe
def demand(request: HttpRequest) -> HttpResponse:
    """Who waits for a course against the places to come; for those who see all, what a place costs."""
    form = filter_of(request)
    context = {"form": form, "themes": PracticeTheme.objects.all(), "whole": within_of(request).everyone}
    if form.is_valid():
        asked = form.asked
        found = supply.demand(clock.now(), asked.within, asked.theme)
        context |= {
            "asked": asked,
            "chosen": form.cleaned_data,
            "page": page_of(request, found, size=25),
            "chart": _waiting(found),
            "waiting": sum(course.people for course in found),
            "left": sum(course.left for course in found),
            **(_costs(asked) if context["whole"] else {}),
        }
    return render(request, "reports/demand.html", context)


@requires(May.SEE_TRAINING_REPORTS)
@require_safe
def waiting(request: HttpRequest, pk: int) -> HttpResponse:
    """The people who wait for one course, as many as the figure says. Whom the reader may not name is counted."""
    viewer = request.viewer
    course = visible_or_404(request, Course.objects.visible_to(viewer.person, viewer.today), pk=pk)
    found = supply.who_waits(course.pk, clock.now(), within_of(request))
    page = page_of(request, found, size=50)
    named = named_by(request)({each.person for each in page})
    days = dict(WEEKDAYS)
    lines = [(each, each.person in named, [days[day] for day in each.days]) for each in page]
    return render(request, "reports/waiting.html", {"course": course, "page": page, "lines": lines})


def _costs(asked: Asked) -> dict[str, object]:
    """Courses of whose runs any cost is known; and how many have none."""
    found = supply.costs(asked)
    known = [course for course in found if course.known]
    return {"costs": known, "unknown": len(found) - len(known)}


def _waiting(found: list[supply.Demand]) -> charts.Stacked | None:
    """Places missing beside people for whom there is one, of the courses where most are missing."""
    short = [course for course in found if course.short][:SHORTEST]
    bars = [(course.title, [course.people - course.short, course.short]) for course in short]
    return charts.stacked(bars, ["A place is to be had", "No place for them yet"]) if bars else None


@requires(May.SEE_TRAINING_REPORTS)
@require_safe
def trainers(request: HttpRequest) -> HttpResponse:
    """What agencies' trainers gave against what their people took; for those who see all, each trainer's load."""
    form = filter_of(request)
    whole = within_of(request).everyone
    context = {"form": form, "whole": whole}
    if form.is_valid():
        exchanges = giving.exchanges(form.asked)
        context |= {
            "asked": form.asked,
            "chosen": form.cleaned_data,
            "exchanges": page_of(request, exchanges, size=50),
            "chart": _gave(exchanges),
            "loads": _loads(request, form.asked) if whole else [],
        }
    return render(request, "reports/trainers.html", context)


def _gave(exchanges: list[giving.Exchange]) -> charts.Stacked | None:
    bars = [(each.name, [each.days]) for each in exchanges if each.days]
    return charts.stacked(bars, ["Days given"]) if bars else None


def _loads(request: HttpRequest, asked: Asked) -> list[tuple[giving.Load, bool]]:
    """Each trainer, and whether the reader may open their record. Who teaches stands on every run's page."""
    loads = giving.loads(asked.start, asked.at)
    viewer = request.viewer
    visible = Person.objects.visible_to(viewer.person, viewer.today).filter(pk__in=[load.person for load in loads])
    opened = set(visible.values_list("pk", flat=True)) if viewer.may(May.SEE_PEOPLE) else set()
    return [(load, load.person in opened) for load in loads]


@requires(May.SEE_TRAINING_REPORTS)
@require_safe
def letters(request: HttpRequest) -> HttpResponse:
    """A letter to each agency for each year: the running one so far, and those before it in which anything was held."""
    today = request.viewer.today
    years = _years(today)
    year = _year_or_404(request.GET.get("year", ""), years[0])
    found = giving.exchanges(_asked(year, today, within_of(request)))
    context = {"years": years, "year": year, "exchanges": page_of(request, found, size=50), "so_far": year.end >= today}
    return render(request, "reports/letters.html", context)


def _years(today: date) -> list[periods.Period]:
    first = Run.objects.exclude(state__in=[Run.State.DRAFT, Run.State.CANCELLED]).order_by("starts_at").first()
    this, since = periods.financial_year(today), periods.financial_year(first.starts_at.date() if first else today)
    return [periods.year_from(year) for year in range(this.start.year, min(since.start.year, this.start.year) - 1, -1)]


def _year_or_404(asked: str, otherwise: periods.Period) -> periods.Period:
    if not asked:
        return otherwise
    if not (asked.isascii() and asked.isdigit()) or not BEGINNING.year <= int(asked) <= otherwise.start.year:
        raise Http404
    return periods.year_from(int(asked))


def _asked(year: periods.Period, today: date, within: Within, agency: int | None = None) -> Asked:
    return Asked(year.start, min(year.end, today), clock.now(), agency=agency, within=within)


@requires(May.SEE_TRAINING_REPORTS, proxy=Proxy.NEVER)
@require_safe
def letter(request: HttpRequest, pk: int, year: int) -> HttpResponse:
    """The letter itself."""
    today, own = request.viewer.today, within_of(request)
    agency = visible_or_404(request, own.whole(), pk=pk)
    period = _year_or_404(str(year), periods.financial_year(today))
    asked = _asked(period, today, own, agency.pk)
    exchange = giving.exchange(asked, agency)
    people = giving.people_trained(asked)
    pdf = letter_pdf(exchange, year=period, people=people, on=today, to_come=period.end >= today)
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="training-{period.start.year}-{pk}.pdf"'
    return response
