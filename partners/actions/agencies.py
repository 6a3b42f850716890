"""Adding agencies, and arranging their teams."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max, Q, Value
from django.db.models.functions import Concat, Length, Substr

from academy.lib.dates import london_day
from partners import audit
from partners.models import Agency, EmploymentVersion, Grant, Person, Team

LONGEST_PATH = Team._meta.get_field("path").max_length


class AgencyRefused(Exception):
    """Why an agency or a team cannot be so. Fit to show; `field` is what to put right, if one thing is."""

    def __init__(self, why: str, field: str = "") -> None:
        super().__init__(why)
        self.field = field


@audit.sentence("agency.added")
def _added(told: audit.Told) -> str:
    return f"added the agency {told.about}"


@audit.sentence("agency.changed")
def _changed(told: audit.Told) -> str:
    return f"changed the name or kind of {told.about}"


@audit.sentence("agency.domains")
def _domains(told: audit.Told) -> str:
    domains = ", ".join(told.event.details.get("domains", ())) or "none"
    return f"set the e-mail domains with which people ask to be added to {told.about}: {domains}"


@audit.sentence("team.added", agency=Agency)
def _team_added(told: audit.Told) -> str:
    return f"added the team {told.about} to {told.detail('agency')}"


@audit.sentence("team.changed", agency=Agency)
def _team_changed(told: audit.Told) -> str:
    return (
        f"{'moved' if told.event.details.get('moved') else 'renamed'} the team {told.about} of {told.detail('agency')}"
    )


@audit.sentence("team.closed", agency=Agency)
def _team_closed(told: audit.Told) -> str:
    return f"closed the team {told.about} of {told.detail('agency')}"


@audit.sentence("team.opened", agency=Agency)
def _team_opened(told: audit.Told) -> str:
    return f"opened the team {told.about} of {told.detail('agency')} again"


@transaction.atomic
def add(*, name: str, kind: str, domains: list[str], by: Person, at: datetime) -> Agency:
    """Add an agency, in which nobody works yet. Audited. Raises AgencyRefused for a name that another one has."""
    agency = Agency(name=name, kind=kind, domains=domains)
    _keep(agency, f"There is an agency called {name} already")
    audit.record("agency.added", by=by, at=at, about=agency)
    if domains:
        audit.record("agency.domains", by=by, at=at, about=agency, domains=domains)
    return agency


@transaction.atomic
def change(*, agency: Agency, name: str, kind: str, domains: list[str], by: Person, at: datetime) -> None:
    """Change an agency's name, kind, or the domains with which people ask to be added to it. Audited.

    Raises AgencyRefused for a name that another one has.
    """
    before = Agency.objects.select_for_update(no_key=True).get(pk=agency.pk)
    agency.name, agency.kind, agency.domains = name, kind, domains
    _keep(agency, f"There is an agency called {name} already")
    if (before.name, before.kind) != (name, kind):
        audit.record("agency.changed", by=by, at=at, about=agency)
    if set(before.domains) != set(domains):
        audit.record("agency.domains", by=by, at=at, about=agency, domains=domains, before=before.domains)


@transaction.atomic
def add_team(*, agency: Agency, parent: Team | None, name: str, by: Person, at: datetime) -> Team:
    """Add a team to an agency, at the top or as a part of `parent`. Audited.

    Raises AgencyRefused for a name that another team has there, or a place that cannot be.
    """
    _arrange(agency)
    team = Team(agency=agency, parent=_place(agency, parent), name=name)
    _check_depth(team.parent, longest=0)
    _keep(team, f"There is a team called {name} there already")
    audit.record("team.added", by=by, at=at, about=team, agency=agency.pk)
    return team


@transaction.atomic
def change_team(*, team: Team, parent: Team | None, name: str, by: Person, at: datetime) -> Team:
    """Rename a team, or make it and all that is nested in it a part of another one, or of none. Audited.

    Who coordinates a team above it sees its people from then on, and who coordinated one that was above it no longer.
    Raises AgencyRefused for a name that another team has there, or a place that cannot be.
    """
    _arrange(team.agency)
    team = Team.objects.select_related("agency").get(pk=team.pk)
    before, from_parent = team.path, team.parent_id
    below = Team.objects.under(team)
    list(below.select_for_update().values_list("pk", flat=True))  # a file that nests another one in it waits
    team.parent, team.name = _place(team.agency, parent, not_under=team), name
    longest = below.aggregate(most=Max(Length("path")))["most"] - len(before)
    _check_depth(team.parent, longest)
    _keep(team, f"There is a team called {name} there already")
    if team.path != before:
        moved = Concat(Value(team.path), Substr("path", len(before) + 1))
        Team.objects.filter(path__startswith=before).exclude(pk=team.pk).update(path=moved)
    moved = team.parent_id != from_parent
    audit.record("team.changed", by=by, at=at, about=team, agency=team.agency_id, moved=moved)
    return team


@transaction.atomic
def close_team(*, team: Team, by: Person, at: datetime) -> None:
    """Let nobody be put into a team by hand any more; who was there stays told. Audited, once.

    Raises AgencyRefused while anybody works in it or coordinates it, or a team that is open is a part of it.
    """
    _arrange(team.agency)
    _check_empty(team, at)
    if Team.objects.filter(pk=team.pk, closed_on=None).update(closed_on=london_day(at)):
        audit.record("team.closed", by=by, at=at, about=team, agency=team.agency_id)


@transaction.atomic
def open_team(*, team: Team, by: Person, at: datetime) -> None:
    """Open a team that was closed, with those that it is a part of. Audited."""
    _arrange(team.agency)
    for each in Team.objects.filter(pk__in=team.line).exclude(closed_on=None).order_by("path"):
        Team.objects.filter(pk=each.pk).update(closed_on=None)
        audit.record("team.opened", by=by, at=at, about=each, agency=each.agency_id)


def _arrange(agency: Agency) -> None:
    """One at a time: two who move teams into each other would make a ring."""
    Agency.objects.select_for_update(no_key=True).get(pk=agency.pk)


def _place(agency: Agency, parent: Team | None, not_under: Team | None = None) -> Team | None:
    """The team as it is now, of which another one may become a part. Raises AgencyRefused."""
    if parent is None:
        return None
    parent = Team.objects.get(pk=parent.pk)
    if parent.agency_id != agency.pk:
        raise AgencyRefused(f"{parent} is not a team of {agency}", "parent")
    if not_under and parent.path.startswith(not_under.path):
        raise AgencyRefused(f"{parent} is a part of {not_under}, or is that team itself", "parent")
    if parent.closed_on and not (not_under and not_under.parent_id == parent.pk):
        raise AgencyRefused(f"{parent} is closed", "parent")
    return parent


def _check_depth(parent: Team | None, longest: int) -> None:
    """`longest`: of the paths below the team that comes there, from it on."""
    if len(parent.path if parent else "/") + 20 + longest > LONGEST_PATH:
        raise AgencyRefused("Teams cannot be nested so deep", "parent")


def _check_empty(team: Team, at: datetime) -> None:
    below, today = Team.objects.under(team), london_day(at)
    running = EmploymentVersion.objects.current().filter(Q(end_date=None) | Q(end_date__gt=today))
    if running.filter(identity__team__in=below).exists():
        raise AgencyRefused(f"People work in {team} or in a team of it, or are about to")
    if below.open().exclude(pk=team.pk).exists():
        raise AgencyRefused(f"{team} has teams that are open: close those first")
    if Grant.objects.filter(Q(to_date=None) | Q(to_date__gt=today), team__in=below).exists():
        raise AgencyRefused(f"Somebody coordinates {team}: an administrator ends that first")


def _keep(thing: Agency | Team, taken: str) -> None:
    try:
        with transaction.atomic():
            thing.save()
    except IntegrityError:
        raise AgencyRefused(taken, "name") from None
