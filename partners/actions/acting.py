"""Acting as somebody else: seeing the academy as they do, for a reason, for a short time, under both names."""

from datetime import date, datetime, timedelta

from academy.lib import registry
from partners import audit
from partners.models import Grant, Person, User
from partners.permissions import HIGHER, AccessRole, May, allows

LONGEST = timedelta(minutes=30)


class ActingRefused(Exception):
    """Why nobody, or not this administrator, may act as that person. Fit to show."""


@audit.sentence("acting.begun")
def _begun(told: audit.Told) -> str:
    return f"began to act as {told.person}, for 30 minutes at most, because “{told.detail('reason')}”"


@audit.sentence("acting.ended")
def _ended(told: audit.Told) -> str:
    return f"stopped acting as {told.person}"


def why_not(administrator: Person, person: Person, on: date) -> str:
    """Why `administrator` may not act as `person` that day, in a sentence; empty where they may."""
    if not allows(registry.roles_of(administrator, on), May.ACT_AS):
        return "Only administrators may see the academy as somebody else."
    if administrator.pk == person.pk:
        return "You see the academy as yourself already."
    if not User.objects.filter(person=person, is_active=True).exists():
        return f"{person.name} cannot sign in, so there is nothing to see as {person.name}."
    held = list(Grant.objects.held_by(administrator, on))
    higher = [grant for grant in Grant.objects.held_by(person, on) if not _covered(grant, held)]
    if higher:
        role = higher[0].get_access_role_display().lower()
        return f"{person.name} is {_a(role)}. Nobody acts as someone with a higher access role than their own."
    return ""


def _covered(grant: Grant, held: list[Grant]) -> bool:
    """Whether acting as the holder of `grant` gives nothing to someone with the grants `held`. Nobody is covered for
    an administrator: whoever could act as one could do under another name what only administrators may."""
    if grant.access_role not in HIGHER:
        return True
    return grant.access_role != AccessRole.ADMINISTRATOR and any(
        own.access_role == grant.access_role
        and own.agency_id in (None, grant.agency_id)
        and own.team_id in (None, grant.team_id)
        for own in held
    )


def _a(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def begin(*, administrator: Person, person: Person, reason: str, on: date, at: datetime) -> datetime:
    """Record that `administrator` begins to act as `person`; until when they may. Raises ActingRefused."""
    if refusal := why_not(administrator, person, on):
        raise ActingRefused(refusal)
    audit.record("acting.begun", by=administrator, at=at, about=person, person=person, reason=reason)
    return at + LONGEST


def end(*, administrator: Person, person: Person, at: datetime) -> None:
    """Record that `administrator` no longer acts as `person`."""
    with audit.by_own_hand():
        audit.record("acting.ended", by=administrator, at=at, about=person, person=person)
