"""Somebody's record of learning: their own pages, and those of whoever may open it."""

from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from academy.lib import charts, clock
from academy.lib.text import number
from academy.lib.uploads import CONTENT_TYPES
from courses import reports
from courses.actions import records as actions
from courses.forms import LearningForm, PeriodForm
from courses.models import Achievement, Evidence, Learning
from courses.reports import learning as rows
from courses.reports.learning import Counting, Period, Piece
from partners.access import Proxy, requires, visible_or_404
from partners.models import Person
from partners.permissions import AccessRole, May

YEARS_DRAWN = 6


@requires(May.USE_OWN_RECORD)
@require_safe
def own(request: HttpRequest) -> HttpResponse:
    """Own learning by year: what, how long, and the papers that show it."""
    return _record(request, request.viewer.person)


@requires(May.SEE_PEOPLE)
@require_safe
def of(request: HttpRequest, pk: int) -> HttpResponse:
    """The same of somebody whose record one may open."""
    return _record(request, _person(request, pk))


def _person(request: HttpRequest, pk: int) -> Person:
    return visible_or_404(request, Person.objects.visible_to(request.viewer.person, request.viewer.today), pk=pk)


def _record(request: HttpRequest, person: Person) -> HttpResponse:
    viewer, pieces = request.viewer, rows.pieces_of(person)
    counting = _counting(request)
    found = rows.years(pieces, counting)
    year = _year(request, counting.year_of(viewer.today))
    shown = found.get(year, Period([]))
    context = {
        "person": person,
        "is_own": person == viewer.person,
        "may_revoke": viewer.may(May.REVOKE_CERTIFICATES),
        "may_reissue": AccessRole.LEAD in viewer.roles,
        "counting": counting,
        "countings": Counting,
        "year": year,
        "choices": sorted({*found, year, counting.year_of(viewer.today)}, reverse=True),
        "named": counting.named(year),
        "first": counting.first(year),
        "last": counting.last(year),
        "shown": shown,
        "chart": _chart(found, counting),
        "year_columns": ["Year", "Pieces", "With the academy", "Elsewhere", "Hours"],
        "years": _by_year(found, counting),
    }
    return render(request, "records/record.html", context)


def _counting(request: HttpRequest) -> Counting:
    return Counting.REGISTRATION if request.GET.get("count") == Counting.REGISTRATION else Counting.CALENDAR


def _year(request: HttpRequest, otherwise: int) -> int:
    typed = request.GET.get("year", "")
    return int(typed) if typed.isascii() and typed.isdigit() and 1950 <= int(typed[:5]) <= 2100 else otherwise


def _chart(found: dict[int, Period], counting: Counting) -> charts.Stacked | None:
    """Hours of the latest years, as bars; for one year alone a number says as much."""
    latest = list(found.items())[:YEARS_DRAWN]
    bars = [(counting.named(year), (round(each.here), round(each.elsewhere))) for year, each in latest]
    return charts.stacked(bars, ["With the academy", "Elsewhere"]) if len(bars) > 1 else None


def _by_year(found: dict[int, Period], counting: Counting) -> list[list[str]]:
    return [
        [counting.named(year), len(each.pieces), number(each.here), number(each.elsewhere), number(each.hours)]
        for year, each in found.items()
    ]


# --- Own learning, piece by piece ---------------------------------------------------------------------------------


@requires(May.USE_OWN_RECORD)
@require_safe
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One piece in full, for its owner and whoever may open the owner's record."""
    visible = Learning.objects.visible_to(request.viewer.person, request.viewer.today)
    found = visible_or_404(request, visible.select_related("person", "achievement__course"), pk=pk)
    context = {
        "learning": found,
        "is_own": found.person == request.viewer.person,
        "evidence": Evidence.objects.filter(learning=found).defer("content").first(),
    }
    return render(request, "records/learning.html", context)


@requires(May.USE_OWN_RECORD)
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Say what one learnt elsewhere, or of a course here."""
    person = request.viewer.person
    if request.method != "POST":
        return _ask(request, LearningForm(person=person, initial=_about(request, person)))
    form = LearningForm(request.POST, request.FILES, person=person)
    if not form.is_valid():
        return _ask(request, form)
    made = actions.add(person=person, **form.sent, at=clock.now())
    messages.success(request, f"Added to your record: {made.title}.")
    return redirect("learning", made.pk)


def _about(request: HttpRequest, person: Person) -> dict[str, object]:
    """What is known of the course that one came from, if it was one's own."""
    typed = request.GET.get("achievement", "")
    own = Achievement.objects.standing().filter(person=person, reflection=None).select_related("course")
    found = own.filter(pk=typed).first() if typed.isascii() and typed.isdigit() and len(typed) < 10 else None
    if found is None:
        return {}
    facts = {"title": found.course.title, "provider": found.course.provider, "hours": found.course.cpd_hours}
    return {"achievement": found.pk, "kind": Learning.Kind.COURSE, "learnt_on": found.completed_on, **facts}


def _ask(request: HttpRequest, form: LearningForm, learning: Learning | None = None) -> HttpResponse:
    return render(request, "records/learning_form.html", {"form": form, "learning": learning})


def _own(request: HttpRequest, pk: int) -> Learning:
    return visible_or_404(request, Learning.objects.filter(person=request.viewer.person), pk=pk)


@requires(May.USE_OWN_RECORD)
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Say something else of it, or send other evidence."""
    found, person = _own(request, pk), request.viewer.person
    if request.method != "POST":
        return _ask(request, LearningForm(person=person, learning=found, initial=_said(found)), found)
    form = LearningForm(request.POST, request.FILES, person=person, learning=found)
    if not form.is_valid():
        return _ask(request, form, found)
    drop = form.cleaned_data.get("drop_file", False)
    actions.change(learning=found, **form.sent, drop_file=drop, at=clock.now())
    messages.success(request, "Your record is changed.")
    return redirect("learning", pk)


def _said(learning: Learning) -> dict[str, object]:
    said = {field.name: field.value_from_object(learning) for field in Learning._meta.concrete_fields}
    return said | {"hours": number(learning.hours), "themes": list(learning.themes.all())}


@requires(May.USE_OWN_RECORD)
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then take it away."""
    found = _own(request, pk)
    if request.method == "POST":
        title = found.title
        actions.delete(learning=found, at=clock.now())
        messages.success(request, f"Deleted: {title}.")
        return redirect("record")
    has_evidence = Evidence.objects.filter(learning=found).exists()
    return render(request, "records/delete.html", {"learning": found, "has_evidence": has_evidence})


@requires(May.USE_OWN_RECORD, proxy=Proxy.NEVER)
@require_safe
@never_cache
def evidence(request: HttpRequest, pk: int) -> HttpResponse:
    """The file, for its owner and whoever may open the owner's record; to be saved, never to be shown in the page."""
    visible = Learning.objects.visible_to(request.viewer.person, request.viewer.today)
    found = visible_or_404(request, Evidence.objects.filter(learning__in=visible), learning=pk)
    response = HttpResponse(bytes(found.content), content_type=CONTENT_TYPES[found.kind])
    response["Content-Disposition"] = content_disposition_header(True, found.name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


# --- Papers -------------------------------------------------------------------------------------------------------


@requires(May.USE_OWN_RECORD)
@require_safe
def social_work(request: HttpRequest) -> HttpResponse:
    """The entries of the registration year as Social Work England asks for them, and what is missing."""
    found = rows.registration(request.viewer.person, request.viewer.today)
    entries = [(entry, rows.to_copy(entry)) for entry in found.entries]
    pieces: list[Piece] = rows.pieces_of(request.viewer.person)
    counts = Counting.REGISTRATION
    unsaid = [p for p in pieces if p.is_here and not p.learning and counts.year_of(p.on) == found.year]
    context = {"registration": found, "entries": entries, "unsaid": unsaid}
    return render(request, "records/social_work.html", context)


@requires(May.USE_OWN_RECORD, proxy=Proxy.LOOK)
@require_safe
@never_cache
def transcript(request: HttpRequest) -> HttpResponse:
    """What one learnt from one day to another, as a PDF."""
    return _transcript(request, request.viewer.person)


@requires(May.SEE_PEOPLE)
@require_safe
@never_cache
def transcript_of(request: HttpRequest, pk: int) -> HttpResponse:
    """The same of somebody whose record one may open."""
    return _transcript(request, _person(request, pk))


def _transcript(request: HttpRequest, person: Person) -> HttpResponse:
    today = request.viewer.today
    asked = "first" in request.GET or "last" in request.GET
    form = PeriodForm(request.GET if asked else None, initial={"first": date(today.year, 1, 1), "last": today})
    if not asked or not form.is_valid():
        context = {"form": form, "person": person, "is_own": person == request.viewer.person}
        return render(request, "records/transcript.html", context)
    paper = reports.transcript_pdf(person, form.cleaned_data["first"], form.cleaned_data["last"], today)
    response = HttpResponse(paper, content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="record-of-learning.pdf"'
    return response
