"""Who holds which access role: the list, one of them, giving and ending."""

from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from academy.lib import clock
from academy.lib.pages import page_of
from academy.lib.text import day
from partners.access import Proxy, recently_confirmed, requires
from partners.actions import grants as actions
from partners.forms.access import EndForm, GiveForm, GrantFilter
from partners.models import Agency, Employment, Grant, Person
from partners.permissions import May
from partners.views.finding import MOST, matching

NAMED = ("person", "agency", "team", "given_by", "ended_by")


@requires(May.GIVE_ACCESS, proxy=Proxy.NEVER)
@require_safe
def access_roles(request: HttpRequest) -> HttpResponse:
    """Who holds which access role, for what, from when to when, given why and by whom."""
    filters = GrantFilter(request.GET)
    filters.is_valid()
    chosen = filters.cleaned_data
    today = request.viewer.today
    found = _narrowed(chosen, Grant.objects.select_related(*NAMED))
    if chosen.get("ending"):
        found = found.ending(today)
    elif not chosen.get("ended"):
        found = found.not_ended(today)
    page = page_of(request, found.order_by("person__name_key", "person", "from_date", "pk"), size=25)
    context = {
        "page": page,
        "rows": [(grant, _state(grant, today)) for grant in page],
        "chosen": chosen,
        "roles": Grant.GRANTABLE,
        "agencies": Agency.objects.all(),
    }
    return render(request, "partners/access_roles.html", context)


def _narrowed(chosen: dict, found: QuerySet[Grant]) -> QuerySet[Grant]:
    if chosen.get("access_role"):
        found = found.filter(access_role__in=chosen["access_role"])
    if chosen.get("agency"):
        found = found.filter(agency=chosen["agency"])
    if chosen.get("q"):
        found = found.filter(person__in=matching(chosen["q"]))
    if chosen.get("no_second_factor"):
        found = found.without_second_factor()
    return found


def _state(grant: Grant, today) -> tuple[str, str]:
    """A word for where it stands, and the colour of its tag."""
    if grant.is_in_force(today):
        return ("Held", "green")
    return ("To come", "blue") if grant.from_date > today and grant.to_date != grant.from_date else ("Ended", "grey")


@requires(May.GIVE_ACCESS, proxy=Proxy.NEVER)
@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """Find a person by name or e-mail address, and what can be done about their access."""
    words = request.GET.get("q", "").replace("\0", "").strip()[:200]
    found = list(matching(words)[: MOST + 1])
    spells = Employment.objects.in_post(request.viewer.today).filter(person__in=found)
    jobs = {spell.person_id: spell for spell in spells.select_related("agency", "job_role")}
    holders = set(Authenticator.objects.filter(user__person__in=found).values_list("user__person", flat=True))
    context = {
        "q": words,
        "rows": [(person, jobs.get(person.pk), person.pk in holders) for person in found[:MOST]],
        "more": len(found) > MOST,
    }
    return render(request, "partners/find_person.html", context)


@requires(May.GIVE_ACCESS, proxy=Proxy.NEVER)
@recently_confirmed
@require_http_methods(["GET", "HEAD", "POST"])
def give(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a person an access role."""
    person, viewer = get_object_or_404(Person, pk=pk), request.viewer
    form = GiveForm(request.POST or None, today=viewer.today)
    if form.is_valid():
        try:
            given = actions.give(person=person, by=viewer.person, at=clock.now(), **form.facts)
            role = given.get_access_role_display().lower()
            messages.success(request, f"{person.name} is given the access role {role} for {given.place}.")
            return redirect("access_role", given.pk)
        except actions.GrantRefused as refusal:
            form.refused(refusal)
    held = Grant.objects.held_by(person, viewer.today).select_related("agency", "team")
    context = {"person": person, "form": form, "held": held, "oneself": person.pk == viewer.person.pk}
    return render(request, "partners/give_access_role.html", context)


def _grant(pk: int) -> Grant:
    return get_object_or_404(Grant.objects.select_related(*NAMED), pk=pk)


@requires(May.GIVE_ACCESS, proxy=Proxy.NEVER)
@require_safe
def access_role(request: HttpRequest, pk: int) -> HttpResponse:
    """One access role of one person, and every change that was made to it, however it was made."""
    grant, today = _grant(pk), request.viewer.today
    state = _state(grant, today)
    context = {"grant": grant, "state": state, "changes": _changes(grant), "may_end": state[0] != "Ended"}
    context["has_second_factor"] = Authenticator.objects.filter(user__person=grant.person_id).exists()
    return render(request, "partners/access_role.html", context)


@dataclass(frozen=True)
class Change:
    """One fact of a row that became another."""

    at: object
    what: str
    before: str
    after: str


def _changes(grant: Grant) -> list[Change]:
    """What the row said before each change, against what it said next; newest first."""
    kept = list(grant.events.filter(pgh_label="update").select_related(*NAMED).order_by("pgh_id"))
    steps = zip(kept, [*kept, grant][1:], strict=True)
    return [change for before, after in steps for change in _between(before, after)][::-1]


def _between(before, after: Grant) -> list[Change]:
    differing = [f for f in Grant._meta.concrete_fields if getattr(before, f.attname) != getattr(after, f.attname)]
    return [
        Change(before.pgh_created_at, _label(f.name), _said(before, f.name), _said(after, f.name)) for f in differing
    ]


LABELS = {"to_date": "first day without it", "from_date": "first day"}


def _label(name: str) -> str:
    return LABELS.get(name, name.replace("_", " "))


def _said(row, name: str) -> str:
    value = getattr(row, name)
    return day(value) if name in LABELS and value else str(value or "nothing")


@requires(May.GIVE_ACCESS, proxy=Proxy.NEVER)
@recently_confirmed
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End an access role from a day."""
    grant, viewer = _grant(pk), request.viewer
    form = EndForm(request.POST or None, initial={"from_date": viewer.today})
    if form.is_valid():
        try:
            ended = actions.end(grant=grant, by=viewer.person, at=clock.now(), **form.cleaned_data)
            messages.success(request, f"This access role ends: {day(ended.to_date)} is the first day without it.")
            return redirect("access_role", pk)
        except actions.GrantRefused as refusal:
            form.refused(refusal)
    return render(request, "partners/end_access_role.html", {"grant": grant, "form": form})
