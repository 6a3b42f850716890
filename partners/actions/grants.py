"""Giving access roles and ending them. Nothing is deleted."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from academy.lib.dates import london_day
from academy.lib.text import day
from partners import audit
from partners.models import Agency, Grant, Person, Team
from partners.permissions import AccessRole

WHOLE_ACADEMY = {AccessRole.LEAD, AccessRole.ADMINISTRATOR}


class GrantRefused(Exception):
    """Why an access role cannot be given or ended. Fit to show; `field` is what to put right, if one thing is."""

    def __init__(self, why: str, field: str = "") -> None:
        super().__init__(why)
        self.field = field


@audit.sentence("grant.given", agency=Agency, team=Team)
def _given(told: audit.Told) -> str:
    return f"gave {told.person} the access role {told.detail('access_role')}{_for(told)}"


@audit.sentence("grant.ended", agency=Agency, team=Team)
def _ended(told: audit.Told) -> str:
    return f"ended {told.person}’s access role {told.detail('access_role')}{_for(told)}"


def _for(told: audit.Told) -> str:
    place = [told.detail(part) for part in ("agency", "team") if told.event.details.get(part)]
    return f" for {', '.join(place)}" if place else ""


@transaction.atomic
def give(
    *,
    person: Person,
    access_role: str,
    by: Person | None,
    at: datetime,
    reason: str,
    agency: Agency | None = None,
    team: Team | None = None,
    from_date: date | None = None,
    to_date: date | None = None,
) -> Grant:
    """Give an access role for an agency, a team of it, or the whole academy; from today where no day is named.

    Audited. Raises GrantRefused: for oneself, without or with the wrong place, backwards, or when it is held already.
    """
    from_date = from_date or london_day(at)
    if by and by.pk == person.pk:
        raise GrantRefused("You cannot give yourself an access role. Ask another administrator.")
    _check_place(access_role, agency, team)
    if to_date and to_date <= from_date:
        raise GrantRefused(f"The last day cannot be before {day(from_date)}, when it starts", "last_day")
    Person.objects.select_for_update(no_key=True).get(pk=person.pk)  # two who give the same at once: the second sees
    same = Grant.objects.filter(person=person, access_role=access_role, agency=agency, team=team)
    if held := same.filter(_overlapping(from_date, to_date)).first():
        raise GrantRefused(f"{person.name} has this access role already, from {day(held.from_date)}", "access_role")
    given = Grant.objects.create(
        person=person,
        access_role=access_role,
        agency=agency,
        team=team,
        from_date=from_date,
        to_date=to_date,
        reason=reason,
        given_by=by,
    )
    audit.record("grant.given", by=by, at=at, about=given, person=person, **_facts(given))
    return given


def _check_place(access_role: str, agency: Agency | None, team: Team | None) -> None:
    """Coordinators coordinate an agency or a team of it; directors may be an agency's; the others are everyone's."""
    if access_role == AccessRole.COORDINATOR and agency is None:
        raise GrantRefused("Choose the agency that this person coordinates", "agency")
    if access_role in WHOLE_ACADEMY and agency:
        raise GrantRefused("Leads and administrators are for the whole academy: choose no agency", "agency")
    if team and access_role != AccessRole.COORDINATOR:
        raise GrantRefused("Only coordinators can be given a team", "team")
    if team and team.agency_id != agency.pk:
        raise GrantRefused(f"{team} is not a team of {agency}", "team")


def _overlapping(from_date: date, to_date: date | None) -> Q:
    after = Q(to_date=None) | Q(to_date__gt=from_date)
    return after & Q(from_date__lt=to_date) if to_date else after


def _facts(grant: Grant) -> dict[str, object]:
    facts = {"access_role": grant.access_role, "agency": grant.agency_id, "team": grant.team_id}
    return {name: value for name, value in facts.items() if value}


@transaction.atomic
def end(*, grant: Grant, from_date: date, by: Person, at: datetime, reason: str) -> Grant:
    """End an access role: `from_date` is the first day without it. Audited.

    Raises GrantRefused: for a day that is past, one that has ended, or the last administrator's.
    """
    administrators = Grant.objects.filter(access_role=AccessRole.ADMINISTRATOR)
    locked = Grant.objects.filter(Q(pk=grant.pk) | Q(pk__in=administrators)).order_by("pk").select_for_update()
    grant = next(each for each in locked if each.pk == grant.pk)  # two who end each other's at once: the second sees
    today = london_day(at)
    if from_date < today:
        raise GrantRefused(f"Choose today, {day(today)}, or a later day", "from_date")
    if grant.to_date and grant.to_date <= from_date:
        raise GrantRefused(f"This access role ends on {day(grant.to_date)} already", "from_date")
    if _is_last_administrator(grant, from_date):
        raise GrantRefused(
            "This is the last administrator. Make somebody else an administrator first, without a last day."
        )
    grant.to_date, grant.ended_by, grant.end_reason = max(from_date, grant.from_date), by, reason
    grant.save(update_fields=["to_date", "ended_by", "end_reason"])
    audit.record("grant.ended", by=by, at=at, about=grant, person=grant.person, **_facts(grant))
    return grant


def _is_last_administrator(grant: Grant, on: date) -> bool:
    """Whether nobody else who can sign in would be an administrator from that day, for as long as can be told."""
    others = Grant.objects.exclude(pk=grant.pk).filter(access_role=AccessRole.ADMINISTRATOR, to_date=None)
    others = others.filter(from_date__lte=on, agency=None, team=None, person__user__is_active=True)
    return grant.access_role == AccessRole.ADMINISTRATOR and not others.exists()
