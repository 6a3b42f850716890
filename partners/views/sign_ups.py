"""Those who ask to be added, for the coordinators of their agency or team, and for academy leads."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from academy.lib import clock
from academy.lib.pages import page_of
from partners.access import Viewer, requires, visible_or_404
from partners.actions import sign_ups as actions
from partners.forms.sign_ups import ConfirmForm, DeclineForm
from partners.models import Agency, Employment, Grant, Person, SignUp, Team
from partners.permissions import May

MOST = 20


def _visible(viewer: Viewer) -> QuerySet[SignUp]:
    return SignUp.objects.visible_to(viewer.person, viewer.today).select_related("agency", "team", "person")


@requires(May.KEEP_PEOPLE)
@require_safe
def sign_ups(request: HttpRequest) -> HttpResponse:
    """Who waits for an answer from this person."""
    page = page_of(request, _visible(request.viewer).waiting(), size=25)
    return render(request, "partners/sign_ups.html", {"page": page})


@requires(May.KEEP_PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request: HttpRequest, pk: int) -> HttpResponse:
    """What one of them says, and adding them as a new person."""
    viewer, asked = request.viewer, visible_or_404(request, _visible(request.viewer), pk=pk)
    if asked.state != SignUp.State.WAITING:
        return _answered(request, asked)
    form = ConfirmForm(request.POST or None, sign_up=asked, today=viewer.today, **_places(viewer, asked))
    if form.is_valid():
        try:
            said = {name: value for name, value in form.cleaned_data.items() if name != "agency"}
            person = actions.confirm(sign_up=asked, **said, by=viewer.person, at=clock.now())
            messages.success(request, f"{person.name} is added, and told by e-mail how to sign in.")
            return redirect("person", person.pk)
        except actions.SignUpRefused as refusal:
            form.add_error(None, str(refusal))
    context = {"sign_up": asked, "form": form, "alike": len(_alike(viewer, asked.family_name or asked.given_name))}
    return render(request, "partners/sign_up.html", context)


def _answered(request: HttpRequest, asked: SignUp) -> HttpResponse:
    """A form that comes too late is told so."""
    if request.method == "POST":
        messages.error(request, actions.DECIDED)
    return render(request, "partners/sign_up.html", {"sign_up": asked})


def _places(viewer: Viewer, asked: SignUp) -> dict[str, object]:
    """The agency they asked for, and the teams there to which this person may add them."""
    duties = Grant.objects.duties_of(viewer.person, viewer.today)
    whole = duties.leads or asked.agency_id in duties.agencies
    teams = Team.objects.kept_by(duties).open().filter(agency=asked.agency).select_related("agency")
    by_team = frozenset() if whole else frozenset({asked.agency_id})
    return {"agencies": Agency.objects.filter(pk=asked.agency_id), "teams": teams, "by_team": by_team}


def _alike(viewer: Viewer, words: str) -> list[Person]:
    """People whose records this person keeps, with each of these words at the beginning of a name."""
    kept = Person.objects.kept_by(viewer.person, viewer.today).filter(erasure=None)
    return list(kept.matching(words).order_by("name_key", "pk")[:MOST]) if words.strip() else []


@requires(May.KEEP_PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def known(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that one of them is somebody who is known."""
    viewer, asked = request.viewer, visible_or_404(request, _visible(request.viewer), pk=pk)
    if asked.state != SignUp.State.WAITING:
        return _answered(request, asked)
    if request.method == "POST":
        kept = Person.objects.kept_by(viewer.person, viewer.today).filter(erasure=None)
        number = request.POST.get("person", "")
        person = visible_or_404(request, kept, pk=int(number[:18]) if number.isdecimal() else 0)
        try:
            actions.attach(sign_up=asked, person=person, by=viewer.person, at=clock.now())
            messages.success(request, f"{person.name} signs in with {asked.email} from now on, and is told so.")
            return redirect("person", person.pk)
        except actions.SignUpRefused as refusal:
            messages.error(request, str(refusal))
            return redirect("sign_up_known", pk)
    words = request.GET.get("q", asked.family_name or asked.given_name)[:200]
    found = _alike(viewer, words)
    spells = Employment.objects.in_post(viewer.today).filter(person__in=found).select_related("agency", "job_role")
    jobs = {spell.person_id: spell for spell in spells}
    rows = [(person, jobs.get(person.pk)) for person in found]
    return render(request, "partners/sign_up_known.html", {"sign_up": asked, "rows": rows, "q": words})


@requires(May.KEEP_PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    """Not add one of them, and say why."""
    asked = visible_or_404(request, _visible(request.viewer), pk=pk)
    if asked.state != SignUp.State.WAITING:
        return _answered(request, asked)
    form = DeclineForm(request.POST or None)
    if form.is_valid():
        try:
            actions.decline(sign_up=asked, **form.cleaned_data, by=request.viewer.person, at=clock.now())
            messages.success(request, f"{asked.name} is not added, and is told why.")
        except actions.SignUpRefused as refusal:
            messages.error(request, str(refusal))
        return redirect("sign_ups")
    return render(request, "partners/decline_sign_up.html", {"sign_up": asked, "form": form})
