"""Taking in a file of people, step by step: send it, match its columns, see what it would do, confirm, undo."""

from collections.abc import Callable

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from academy.lib import clock, tables
from academy.lib.pages import page_of
from academy.lib.sheets import FileRefused
from partners.access import asked_to_confirm, recently_confirmed, requires, visible_or_404
from partners.forms.imports import ColumnsForm, ConfirmForm, DecideForm, SendForm
from partners.importers import loads, to_fix
from partners.importers.columns import KEYS
from partners.models import Agency, Grant, Import, ImportLine
from partners.permissions import May

S = Import.State


def _visible(request: HttpRequest) -> QuerySet[Import]:
    viewer = request.viewer
    return Import.objects.visible_to(viewer.person, viewer.today).select_related("agency", "by").defer("file")


def _get(request: HttpRequest, pk: int) -> Import:
    return visible_or_404(request, _visible(request), pk=pk)


@requires(May.IMPORT_PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """Send a file, and see those that were sent before."""
    viewer = request.viewer
    duties = Grant.objects.duties_of(viewer.person, viewer.today)
    agencies = Agency.objects.all() if duties.leads else Agency.objects.filter(pk__in=duties.agencies)
    wanted = {"agency": request.GET.get("agency")}
    form = SendForm(
        request.POST or None, request.FILES or None, initial=wanted, agencies=agencies, all_agencies=duties.leads
    )
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        load = loads.send(file_name=file.name, data=file.read(), agency=form.whose, by=viewer.person, at=clock.now())
        return redirect("import", load.pk)
    context = {"form": form, "page": page_of(request, _visible(request))}
    return render(request, "partners/imports.html", context)


@requires(May.IMPORT_PEOPLE)
@require_safe
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """An import as it stands: what to do next, and what it does or did. Whoever can confirm it here shows who they are
    before they look, so that they are not held up when they have decided."""
    load = _get(request, pk)
    if load.state == S.MATCHING:
        return render(request, "partners/import_columns.html", {"load": load, "form": ColumnsForm(load=load)})
    return (load.state == S.CHECKED and asked_to_confirm(request)) or _show(request, load)


def _show(request: HttpRequest, load: Import, **forms: object) -> HttpResponse:
    if load.state in Import.RUNNING:
        return render(request, "partners/import_running.html", {"load": load})
    counted = dict(load.lines.order_by().values_list("verdict").annotate(Count("pk")))
    kinds = [(verdict, counted[verdict]) for verdict in ImportLine.Verdict if counted.get(verdict)]
    shown = request.GET.get("show")
    shown = shown if shown in counted else (kinds[0][0].value if kinds else "")
    questions = loads.undecided(load) if load.state == S.CHECKED else []
    context = {
        "load": load,
        "kinds": kinds,
        "shown": shown,
        "page": page_of(request, load.lines.filter(verdict=shown), size=50),
        "questions": questions,
        "decide": DecideForm(load=load, questions=questions),
        "confirm": ConfirmForm(load=load),
        "why_not_undone": loads.why_not_undone(load, clock.now()),
    }
    return render(request, "partners/import.html", context | forms)


@requires(May.IMPORT_PEOPLE)
@require_POST
def columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what the columns mean, and have the file checked."""
    load = _get(request, pk)
    if load.state != S.MATCHING:
        return _do(request, load, loads.change_columns)
    form = ColumnsForm(request.POST, load=load)
    if not form.is_valid():
        return render(request, "partners/import_columns.html", {"load": load, "form": form})
    return _do(request, load, loads.check, how=form.reading)


@requires(May.IMPORT_PEOPLE)
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Decide what nobody but a person can know, and have the file checked again."""
    load = _get(request, pk)
    form = DecideForm(request.POST, load=load, questions=loads.undecided(load))
    return _do(request, load, loads.check, how=form.reading) if form.is_valid() else _show(request, load, decide=form)


@requires(May.IMPORT_PEOPLE)
@recently_confirmed
@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the file taken in."""
    load = _get(request, pk)
    form = ConfirmForm(request.POST, load=load)
    if not form.is_valid():
        return _show(request, load, confirm=form)
    return _do(request, load, loads.confirm, by=request.viewer.person, at=clock.now())


@requires(May.IMPORT_PEOPLE)
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the import up."""
    load = _get(request, pk)
    return _do(request, load, loads.cancel, by=request.viewer.person, at=clock.now())


@requires(May.IMPORT_PEOPLE)
@recently_confirmed
@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """See what undoing an import does, and do it."""
    load = _get(request, pk)
    if request.method == "POST":
        return _do(request, load, loads.undo_it, by=request.viewer.person, at=clock.now())
    context = {"load": load, "why_not": loads.why_not_undone(load, clock.now())}
    return render(request, "partners/import_undo.html", context)


def _do(request: HttpRequest, load: Import, act: Callable[..., None], **said: object) -> HttpResponse:
    """Do one step of an import, and show how it stands then; say so where somebody else was first."""
    try:
        act(load=load, **said)
    except loads.NotNow as problem:
        messages.error(request, str(problem))
    return redirect("import", load.pk)


@requires(May.IMPORT_PEOPLE)
@require_safe
def lines_to_fix(request: HttpRequest, pk: int) -> HttpResponse:
    """The wrong lines as they were sent, with what is wrong with each, to be put right and sent again."""
    load = visible_or_404(request, _visible(request).defer(None), pk=pk)
    try:
        header, rows = to_fix.wrong_lines(load)
    except FileRefused:
        header, rows = [], []
    return _csv("to-fix.csv", header, rows)


@requires(May.IMPORT_PEOPLE)
@require_safe
def empty(request: HttpRequest) -> HttpResponse:
    """A file with our columns and nothing in it."""
    return _csv("people.csv", [key for key in KEYS if key != "name"], [])


def _csv(name: str, header: list[str], rows: list[list[str]]) -> HttpResponse:
    content = tables.to_csv(header, rows).encode("utf-8-sig")
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=tables.FORMATS["csv"], headers=disposition)
