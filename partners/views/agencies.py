"""Agencies and their teams, for academy leads, and for coordinators their own."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from academy.lib import clock
from academy.lib.pages import page_of
from academy.lib.text import sort_key
from partners import stats
from partners.access import Viewer, requires, visible_or_404
from partners.actions import agencies as actions
from partners.forms.agencies import AgencyFilter, AgencyForm, TeamForm
from partners.models import Agency, AgencyKind, Employment, Grant, SignUp, Team
from partners.models.accounts import Duties
from partners.permissions import May


def _duties(viewer: Viewer) -> Duties:
    return Grant.objects.duties_of(viewer.person, viewer.today)


def _spells(viewer: Viewer) -> QuerySet[Employment]:
    """The spells of today that this person answers for: those that a headcount counts are those whose people they
    can open."""
    return Employment.objects.kept_by(viewer.person, viewer.today).in_post(viewer.today)


@requires(May.SEE_AGENCIES)
@require_safe
def agencies(request: HttpRequest) -> HttpResponse:
    """The agencies that this person leads or coordinates, with how many work there and who coordinates them."""
    viewer = request.viewer
    filters = AgencyFilter(request.GET)
    filters.is_valid()
    chosen = filters.cleaned_data
    page = page_of(request, _narrowed(chosen, Agency.objects.kept_by(_duties(viewer))).order_by("name_key"), size=25)
    heads = stats.heads_by_agency(_spells(viewer).filter(agency__in=list(page)))
    coordinators = stats.coordinators(list(page), viewer.today)
    context = {
        "page": page,
        "rows": [(each, heads.get(each.pk, 0), coordinators.get((each.pk, None), [])) for each in page],
        "chosen": chosen,
        "kinds": AgencyKind.choices,
        "may_add": viewer.may(May.KEEP_AGENCIES),
    }
    return render(request, "partners/agencies.html", context)


def _narrowed(chosen: dict, found: QuerySet[Agency]) -> QuerySet[Agency]:
    for word in sort_key(chosen.get("q", "").replace("\0", "")).split():
        found = found.filter(name_key__contains=word)
    return found.filter(kind__in=chosen["kind"]) if chosen.get("kind") else found


@requires(May.SEE_AGENCIES)
@require_safe
def agency(request: HttpRequest, pk: int) -> HttpResponse:
    """One agency: its domains, its nested teams, how many people they have and who coordinates them."""
    viewer, duties = request.viewer, _duties(request.viewer)
    found = visible_or_404(request, Agency.objects.kept_by(duties), pk=pk)
    spells = _spells(viewer).filter(agency=found)
    heads, coordinators = stats.heads_by_team(spells), stats.coordinators([found], viewer.today)
    teams = found.teams.kept_by(duties).in_order()
    rows = [(team, heads.get(team.pk, 0), coordinators.get((pk, team.pk), [])) for team in teams]
    context = {
        "agency": found,
        "heads": stats.heads_by_agency(spells).get(pk, 0),
        "coordinators": coordinators.get((pk, None), []),
        "open": [row for row in rows if not row[0].closed_on],
        "closed": [row for row in rows if row[0].closed_on],
        "waiting": SignUp.objects.visible_to(viewer.person, viewer.today).waiting().filter(agency=found).count(),
        "may_arrange": duties.leads or pk in duties.agencies,
        "may_change": viewer.may(May.KEEP_AGENCIES),
    }
    return render(request, "partners/agency.html", context)


@requires(May.KEEP_AGENCIES)
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Add an agency."""
    form = AgencyForm(request.POST or None)
    if form.is_valid():
        try:
            added = actions.add(**form.cleaned_data, by=request.viewer.person, at=clock.now())
            return redirect("agency", added.pk)
        except actions.AgencyRefused as refusal:
            form.refused(refusal)
    return render(request, "partners/agency_form.html", {"form": form, "title": "Add an agency"})


@requires(May.KEEP_AGENCIES)
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change an agency's name, kind and domains."""
    found = visible_or_404(request, Agency.objects.kept_by(_duties(request.viewer)), pk=pk)
    form = AgencyForm(request.POST or None, agency=found)
    if form.is_valid():
        try:
            actions.change(agency=found, **form.cleaned_data, by=request.viewer.person, at=clock.now())
            messages.success(request, f"{found.name} is saved.")
            return redirect("agency", pk)
        except actions.AgencyRefused as refusal:
            form.refused(refusal)
    context = {"form": form, "title": "Change the agency", "agency": Agency.objects.get(pk=pk)}
    return render(request, "partners/agency_form.html", context)


@requires(May.ARRANGE_TEAMS)
@require_http_methods(["GET", "HEAD", "POST"])
def add_team(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a team to an agency."""
    found = visible_or_404(request, Agency.objects.arranged_by(_duties(request.viewer)), pk=pk)
    wanted = {"parent": request.GET.get("under")}
    form = TeamForm(request.POST or None, parents=found.teams.open(), initial=wanted)
    if form.is_valid():
        try:
            said = form.cleaned_data
            team = actions.add_team(agency=found, **said, by=request.viewer.person, at=clock.now())
            messages.success(request, f"{team.name} is added.")
            return redirect("agency", pk)
        except actions.AgencyRefused as refusal:
            form.refused(refusal)
    return render(request, "partners/agency_form.html", {"form": form, "title": "Add a team", "agency": found})


def _team(request: HttpRequest, pk: int) -> Team:
    arranged = Agency.objects.arranged_by(_duties(request.viewer))
    teams = Team.objects.filter(agency__in=arranged).select_related("agency")
    return visible_or_404(request, teams, pk=pk)


@requires(May.ARRANGE_TEAMS)
@require_http_methods(["GET", "HEAD", "POST"])
def change_team(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename a team, move it with all that is nested in it, or close it."""
    team = _team(request, pk)
    parents = team.agency.teams.open().exclude(path__startswith=team.path)
    form = TeamForm(request.POST or None, parents=parents, team=team)
    if form.is_valid():
        try:
            saved = actions.change_team(team=team, **form.cleaned_data, by=request.viewer.person, at=clock.now())
            messages.success(request, f"{saved.name} is saved.")
            return redirect("agency", team.agency_id)
        except actions.AgencyRefused as refusal:
            form.refused(refusal)
    context = {"form": form, "title": "Change the team", "agency": team.agency, "team": team}
    return render(request, "partners/agency_form.html", context)


@requires(May.ARRANGE_TEAMS)
@require_POST
def close_team(request: HttpRequest, pk: int) -> HttpResponse:
    """Close a team in which nobody works."""
    team = _team(request, pk)
    try:
        actions.close_team(team=team, by=request.viewer.person, at=clock.now())
        messages.success(request, f"{team.name} is closed.")
    except actions.AgencyRefused as refusal:
        messages.error(request, f"{refusal}.")
        return redirect("change_team", pk)
    return redirect("agency", team.agency_id)


@requires(May.ARRANGE_TEAMS)
@require_POST
def open_team(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a team again."""
    team = _team(request, pk)
    actions.open_team(team=team, by=request.viewer.person, at=clock.now())
    messages.success(request, f"{team.name} is open again.")
    return redirect("agency", team.agency_id)
