"""Why someone may see something, or may not; and what each of their access roles opens."""

from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.views.decorators.http import require_safe

from academy.lib import registry
from partners.access import Proxy, requires
from partners.models import Grant, Person
from partners.permissions import ALLOWED, AccessRole, May, allows
from partners.reasons import held
from partners.views.finding import MOST, person_in

ASKED = {"viewer": "Who looks", "person": "Whose record"}


@dataclass
class Question:
    """One box of the form: what was typed, whom it names, and among whom to choose where it names several."""

    name: str
    label: str
    typed: str
    person: Person | None
    choices: list[Person]

    @property
    def error(self) -> str:
        if not self.typed or self.person:
            return ""
        return "Choose one of these people" if self.choices else f"Nobody is called ‘{self.typed}’"


@dataclass
class Answer:
    """What the viewer may see of something, each part with the sentences that say why; none for what is shut."""

    of: str
    parts: dict[str, list[str]] = field(default_factory=dict)
    shut: str = ""  # why the page does not open at all, whatever the rest says


@requires(May.GIVE_ACCESS, proxy=Proxy.NEVER)
@require_safe
def why(request: HttpRequest) -> HttpResponse:
    """One viewer, and optionally a person, or a run or cohort by its page's address."""
    typed = {name: request.GET.get(name, "").replace("\0", "").strip()[:300] for name in (*ASKED, "address")}
    questions = {name: Question(name, label, typed[name], *_one(typed[name])) for name, label in ASKED.items()}
    viewer, on = questions["viewer"].person, request.viewer.today
    context = {"questions": questions.values(), "viewer": viewer, "address": typed["address"], "most": MOST}
    if viewer:
        context |= {"roles": _roles(viewer, on), "answers": []}
        if person := questions["person"].person:
            context["answers"].append(Answer(person.name, registry.reasons(viewer, person, on)))
        if typed["address"]:
            found = _at(typed["address"], viewer, on)
            context["answers"] += [found] if found else []
            context["lost"] = found is None
    return render(request, "partners/why.html", context)


def _one(words: str) -> tuple[Person | None, list[Person]]:
    """Whom the words name: by the number that a link carries, or by name or address."""
    if words.isascii() and words.isdecimal() and len(words) < 19:
        return Person.objects.filter(pk=int(words)).first(), []
    return person_in(words)


def _at(address: str, viewer: Person, on: date) -> Answer | None:
    """What is at an address, and why the viewer may see it; None where nothing is that can be explained."""
    try:
        match = resolve(urlsplit(address).path)
    except (Resolver404, ValueError):
        return None
    model = registry.shown_at.get(match.url_name)
    thing = model and model._base_manager.filter(pk=match.kwargs["pk"]).first()
    if not thing:
        return None
    needs, roles = getattr(match.func, "access", None), registry.roles_of(viewer, on)
    shut = isinstance(needs, May) and not allows(roles, needs)
    words = f"No access role of {viewer.name} opens pages where people {needs.value}." if shut else ""
    return Answer(str(thing), registry.reasons(viewer, thing, on), words)


def _roles(viewer: Person, on: date) -> list[tuple[str, list[str], list[str]]]:
    """Each access role that someone holds, by what right, and what it opens in plain words."""
    grants: dict[str, list[str]] = {}
    for grant in Grant.objects.held_by(viewer, on).select_related("agency", "team", "given_by"):
        grants.setdefault(grant.access_role, []).append(f"For {grant.place} ({held(grant)})")
    roles = registry.roles_of(viewer, on)
    return [
        (role.replace("_", " ").capitalize(), grants.get(role) or [BY_ITSELF[role]], _opens(role))
        for role in AccessRole
        if role in roles
    ]


def _opens(role: str) -> list[str]:
    return [may.value.capitalize() for may in May if role in ALLOWED[may]]


BY_ITSELF = {
    AccessRole.LEARNER: "As everyone who signs in",
    AccessRole.MANAGER: "As the manager of someone at work, by what their agency says",
    AccessRole.TRAINER: "As a trainer of a run",
    AccessRole.PRACTICE_LEAD: "As the practice lead of a member",
    AccessRole.MENTOR: "As the mentor of a member",
}
