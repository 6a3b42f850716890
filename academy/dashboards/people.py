"""The people one answers for: all of them, and one."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from academy.dashboards.answered_for import SOME, people_of
from academy.lib import clock
from academy.lib.pages import page_of
from courses.models import Achievement, Booking
from partners.access import requires, visible_or_404
from partners.models import Agency, Employment, EmploymentVersion, Grant, Person, PersonVersion, Team
from partners.permissions import May


@requires(May.SEE_PEOPLE)
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Those whom this person manages, coordinates or leads, with their job and what they have booked."""
    viewer = request.viewer
    words = " ".join(request.GET.get("q", "").replace("\0", "").split())
    visible, place = _among(request, words)
    some = next((SOME[name] for name in SOME if name in request.GET), None)
    if some:
        visible = some.among(visible, viewer.person, viewer.today)
    page = page_of(request, visible.order_by("name_key", "pk"), size=25)
    jobs = _jobs(list(page), viewer.today)
    coming = _coming(list(page))
    rows = [(person, jobs.get(person.pk), coming.get(person.pk, [])) for person in page]
    context = {
        "page": page,
        "rows": rows,
        "q": words,
        "some": some,
        "place": place,
        "may_keep": viewer.may(May.KEEP_PEOPLE),
        "may_see_agencies": viewer.may(May.SEE_AGENCIES),
        "may_import": viewer.may(May.IMPORT_PEOPLE),
        "may_merge": viewer.may(May.MERGE_PEOPLE),
        "may_name_deputies": viewer.may(May.NAME_DEPUTIES),
        "may_see_charges": viewer.may(May.SEE_CHARGES),
    }
    return render(request, "dashboards/people.html", context)


def _among(request: HttpRequest, words: str) -> tuple[QuerySet[Person], "Place | None"]:
    """Whom the list shows: those whom this person answers for; of a place everyone, as its headcount counts them."""
    viewer, place = request.viewer, _place(request)
    if place is None:
        return people_of(viewer.person, viewer.today).matching(words), None
    spells = Employment.objects.in_post(viewer.today).filter(**place.holds)
    everyone = Person.objects.visible_to(viewer.person, viewer.today).filter(erasure=None)
    return everyone.matching(words).filter(pk__in=spells.values("person")), place


@dataclass(frozen=True)
class Place:
    """The agency or the team whose people are listed, and which spells those are."""

    name: str
    parameter: str  # in the address
    pk: int
    holds: dict[str, object]


def _place(request: HttpRequest) -> Place | None:
    """What the address asks for, where this person answers for it; a headcount leads here."""
    asked = {name: request.GET.get(name, "") for name in ("team", "agency")}
    if not any(asked.values()):
        return None
    duties = Grant.objects.duties_of(request.viewer.person, request.viewer.today)
    if asked["team"].isdecimal() and (team := Team.objects.kept_by(duties).filter(pk=asked["team"][:18]).first()):
        return Place(team.name, "team", team.pk, {"team__path__startswith": team.path})
    if asked["agency"].isdecimal() and (
        found := Agency.objects.kept_by(duties).filter(pk=asked["agency"][:18]).first()
    ):
        return Place(found.name, "agency", found.pk, {"agency": found})
    return None


def _jobs(people: list[Person], on: date) -> dict[int, Employment]:
    spells = Employment.objects.in_post(on).filter(person__in=people)
    return {spell.person_id: spell for spell in spells.select_related("agency", "team", "job_role")}


def _coming(people: list[Person]) -> dict[int, list[Booking]]:
    live = Booking.objects.live().filter(person__in=people, run__ends_at__gt=clock.now())
    coming: dict[int, list[Booking]] = {}
    for booking in live.select_related("run__course").order_by("run__starts_at"):
        coming.setdefault(booking.person_id, []).append(booking)
    return coming


@requires(May.SEE_PEOPLE)
@require_safe
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """One of them: their posts, their training, and what can be done about their record."""
    viewer = request.viewer
    found = visible_or_404(request, Person.objects.visible_to(viewer.person, viewer.today), pk=pk)
    context = {
        "person": found,
        "job": found.employment(viewer.today),
        "former_names": _former_names(found),
        "posts": _posts(found, viewer.person, viewer.today),
        "coming": _coming([found]).get(pk, []),
        "achievements": Achievement.objects.standing().filter(person=found).select_related("course")[:20],
        "kept": Person.objects.kept_by(viewer.person, viewer.today).filter(pk=pk).exists(),
    }
    return render(request, "dashboards/person.html", context)


def _former_names(person: Person) -> list[str]:
    """Names that this person had before, latest first."""
    said = PersonVersion.objects.filter(identity=person, retracted=False).order_by("-recorded_at", "-pk")
    names = (f"{given} {family}".strip() for given, family in said.values_list("given_name", "family_name"))
    return [name for name in dict.fromkeys(names) if name != person.name]


def _posts(person: Person, viewer: Person, on: date) -> list[tuple[Employment, EmploymentVersion, bool]]:
    """The posts of somebody that `viewer` may see, latest first: the spell, what is known of it, and whether `viewer`
    may end it."""
    visible = Employment.objects.visible_to(viewer, on).filter(person=person)
    spells = visible.select_related("agency", "team", "job_role").order_by("-start_date", "-pk")
    known = EmploymentVersion.objects.current().filter(identity__in=spells).select_related("manager")
    versions = {version.identity_id: version for version in known}
    kept = set(Employment.objects.kept_by(viewer, on).filter(person=person).values_list("pk", flat=True))
    return [(spell, versions[spell.pk], spell.pk in kept) for spell in spells if spell.pk in versions]
