"""Adding and changing people by hand, for their coordinators and academy leads; deputies, for managers."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from academy.lib import clock
from partners import emails
from partners.access import Viewer, requires, visible_or_404
from partners.actions import deputies as deputy_actions
from partners.actions import people as actions
from partners.forms.people import AddForm, DeputyForm, DetailsForm, EndForm, FurtherPostForm
from partners.models import Agency, Deputy, Employment, Grant, Person, Team
from partners.permissions import May


def _kept(request: HttpRequest, pk: int) -> Person:
    viewer = request.viewer
    return visible_or_404(request, Person.objects.kept_by(viewer.person, viewer.today), pk=pk)


def _places(viewer: Viewer) -> dict[str, Any]:
    """The agencies and teams to which this person may add people."""
    duties = Grant.objects.duties_of(viewer.person, viewer.today)
    agencies = Agency.objects.kept_by(duties)
    teams = Team.objects.kept_by(duties).open().select_related("agency")
    by_team = frozenset() if duties.leads else frozenset(agencies.values_list("pk", flat=True)) - duties.agencies
    return {"agencies": agencies, "teams": teams, "by_team": by_team}


@requires(May.KEEP_PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Add one person with a post."""
    wanted = {"agency": request.GET.get("agency")}
    form = AddForm(request.POST or None, initial=wanted, **_places(request.viewer))
    if request.method == "POST" and form.is_valid():
        added = actions.add(**form.cleaned_data, by=request.viewer.person, at=clock.now())
        messages.success(request, f"{added.name} is added.")
        return redirect("person", added.pk)
    return render(request, "partners/person_form.html", {"form": form, "title": "Add one person"})


@requires(May.KEEP_PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change somebody's name or address."""
    person, viewer = _kept(request, pk), request.viewer
    may_move = Person.objects.may_be_moved_by(viewer.person, viewer.today).filter(pk=pk).exists()
    form = DetailsForm(request.POST or None, person=person, may_move=may_move)
    if request.method == "POST" and form.is_valid():
        actions.change_details(person=person, **form.cleaned_data, by=viewer.person, at=clock.now())
        return redirect("person", pk)
    context = {"form": form, "person": person, "title": "Change name or address"}
    return render(request, "partners/person_form.html", context)


@requires(May.KEEP_PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def add_post(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a post of somebody who is known."""
    person = _kept(request, pk)
    form = FurtherPostForm(request.POST or None, person=person, **_places(request.viewer))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        said["employee_number"] = said["employee_number"] or f"{actions.NO_NUMBER}{person.pk}"
        actions.add_post(person=person, **said, by=request.viewer.person, at=clock.now())
        return redirect("person", pk)
    return render(request, "partners/person_form.html", {"form": form, "person": person, "title": "Add a post"})


@requires(May.KEEP_PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def end_post(request: HttpRequest, pk: int) -> HttpResponse:
    """Record the last day in a post."""
    viewer = request.viewer
    spells = Employment.objects.kept_by(viewer.person, viewer.today).select_related("person", "agency", "job_role")
    spell = visible_or_404(request, spells, pk=pk)
    form = EndForm(request.POST or None, spell=spell)
    if request.method == "POST" and form.is_valid():
        actions.end_post(spell=spell, **form.cleaned_data, by=viewer.person, at=clock.now())
        return redirect("person", spell.person_id)
    context = {"form": form, "person": spell.person, "spell": spell, "title": "Record the last day worked"}
    return render(request, "partners/person_form.html", context)


@requires(May.KEEP_PEOPLE)
@require_POST
def invite(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell somebody by e-mail that they can sign in."""
    person = _kept(request, pk)
    emails.invitation(person, clock.now())
    messages.success(request, f"{person.name} is told by e-mail how to sign in.")
    return redirect("person", pk)


@requires(May.NAME_DEPUTIES)
@require_http_methods(["GET", "HEAD", "POST"])
def deputies(request: HttpRequest) -> HttpResponse:
    """Name somebody who stands in for oneself, and see who does and for whom one does."""
    viewer = request.viewer
    own = Employment.objects.in_post(viewer.today).filter(person=viewer.person).values("agency")
    here = Employment.objects.in_post(viewer.today).filter(agency__in=own).values("person")
    colleagues = Person.objects.filter(pk__in=here).exclude(pk=viewer.person.pk)
    form = DeputyForm(request.POST or None, colleagues=colleagues, today=viewer.today)
    if request.method == "POST" and form.is_valid():
        deputy_actions.name(manager=viewer.person, **form.cleaned_data, by=viewer.person, at=clock.now())
        return redirect("deputies")
    coming = Deputy.objects.filter(until__gte=viewer.today)
    context = {
        "form": form,
        "named": coming.filter(manager=viewer.person).select_related("deputy"),
        "stands_in": coming.filter(deputy=viewer.person).select_related("manager"),
    }
    return render(request, "partners/deputies.html", context)


@requires(May.NAME_DEPUTIES)
@require_POST
def end_deputy(request: HttpRequest, pk: int) -> HttpResponse:
    """End what a deputy whom one named may do."""
    own = Deputy.objects.filter(manager=request.viewer.person).select_related("deputy")
    deputy_actions.end(deputy=visible_or_404(request, own, pk=pk), by=request.viewer.person, at=clock.now())
    return redirect("deputies")
