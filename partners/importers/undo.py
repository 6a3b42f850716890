"""Taking an import back: what is known becomes what it was before, but for people who have used the academy since."""

from collections import Counter
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from academy.lib import references
from partners.actions import accounts
from partners.importers import names
from partners.models import Agency, Employment, EmploymentVersion, Import, JobRole, Person, PersonVersion, Team
from partners.models.imports import wait_for_turn
from partners.models.versions import mark_current

# What an import itself says of people, as themselves or as managers: none of it means that they used the academy.
_MADE_WITH = {
    *("partners.User", "partners.PersonVersion", "partners.Employment", "partners.EmploymentVersion"),
    "partners.ImportLine",
}


def take_back(load: Import, *, at: datetime) -> dict[str, int]:
    """Delete every statement that the import made, and what nothing is said of any more.

    Keeps people whom it made and to whom something hangs by now (a booking, a grant, somebody whom they manage), with
    what it said of them. Returns counts. Call it in a transaction.
    """
    wait_for_turn()
    of_names, of_posts = PersonVersion.objects.filter(load=load), EmploymentVersion.objects.filter(load=load)
    kept = _used_since(_people_made_by(load))
    of_names, of_posts = of_names.exclude(identity__in=kept), of_posts.exclude(identity__person__in=kept)
    people = set(of_names.values_list("identity", flat=True)) | set(of_posts.values_list("identity__person", flat=True))
    spells = set(of_posts.values_list("identity", flat=True))
    counts = Counter(statements=len(of_posts), people_kept=len(kept))
    references.delete(PersonVersion, _ids(of_names))
    references.delete(EmploymentVersion, _ids(of_posts))
    counts["posts"] = _delete(Employment.objects.filter(~_exists(EmploymentVersion), pk__in=spells))
    mark_current(EmploymentVersion, list(spells))
    mark_current(PersonVersion, list(people))
    counts["people"] = _delete(
        Person.objects.filter(~_exists(PersonVersion), ~Exists(_posts_of_person()), pk__in=people)
    )
    left = list(Person.objects.filter(pk__in=people))
    names.bring_up_to_date(left, afresh=True)
    accounts.open_accounts(left, at=at)
    _delete_unused(load)
    return dict(counts)


def _people_made_by(load: Import) -> QuerySet[Person]:
    """People of whom nothing is known but what this import said."""
    said = PersonVersion.objects.filter(load=load).values("identity")
    others = PersonVersion.objects.exclude(load=load).filter(identity=OuterRef("pk"))
    return Person.objects.filter(~Exists(others), pk__in=said)


def _used_since(people: QuerySet[Person]) -> list[int]:
    """Those of these people to whom something hangs that no import makes."""
    signed_in = set(people.filter(user__last_login__isnull=False).values_list("pk", flat=True))
    return sorted(signed_in | references.referred_to(Person, _ids(people), besides=_MADE_WITH))


def _ids(rows: QuerySet) -> list[int]:
    return list(rows.order_by().values_list("pk", flat=True))


def _delete(rows: QuerySet) -> int:
    """Delete these with what goes with them. Returns how many there were."""
    ids = _ids(rows)
    references.delete(rows.model, ids)
    return len(ids)


def _exists(version: type) -> Exists:
    return Exists(version.objects.filter(identity=OuterRef("pk")))


def _posts_of_person() -> QuerySet[Employment]:
    return Employment.objects.filter(person=OuterRef("pk"))


def _delete_unused(load: Import) -> None:
    """Delete the teams, job roles and agencies that it made and that nobody works in now; teams from the bottom up."""
    unused = Team.objects.filter(pk__in=load.made.get("team", []), employments=None, grants=None, children=None)
    while _delete(unused):
        pass  # those above them have nobody below them now
    JobRole.objects.filter(pk__in=load.made.get("jobrole", []), employments=None).delete()
    for agency in Agency.objects.filter(pk__in=load.made.get("agency", []), employments=None, teams=None, grants=None):
        if not _is_named(agency, besides=load):
            agency.delete()


def _is_named(agency: Agency, besides: Import) -> bool:
    """Whether anything else speaks of an agency."""
    relations = [(item.related_model, item.field.name) for item in Agency._meta.related_objects]
    return any(
        model._base_manager.filter(**{name: agency}).exclude(pk=besides.pk if model is Import else None).exists()
        for model, name in relations
    )
