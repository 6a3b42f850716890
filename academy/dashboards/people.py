"""The people one answers for: all of them, and one."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from academy.dashboards.answered_for import SOME, people_of
from academy.lib import clock
from academy.lib.pages import page_of
from courses.models import Achievement, Booking
from partners.access import requires, visible_or_404
from partners.models import Employment, EmploymentVersion, Person, PersonVersion
from partners.permissions import May


@requires(May.SEE_PEOPLE)
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Those whom this person manages, coordinates or leads, with their job and what they have booked."""
    viewer = request.viewer
    words = " ".join(request.GET.get("q", "").replace("\0", "").split())
    visible = people_of(viewer.person, viewer.today).matching(words)
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
        "may_keep": viewer.may(May.KEEP_PEOPLE),
        "may_import": viewer.may(May.IMPORT_PEOPLE),
        "may_merge": viewer.may(May.MERGE_PEOPLE),
        "may_name_deputies": viewer.may(May.NAME_DEPUTIES),
        "may_see_charges": viewer.may(May.SEE_CHARGES),
    }
    return render(request, "dashboards/people.html", context)


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
