"""Opening and moving accounts, so that an address always opens the record of the person who has it now."""

from collections.abc import Iterable
from datetime import datetime

from academy.lib.dates import london_day
from partners import audit
from partners.models import Grant, Person, User


def open_accounts(people: Iterable[Person], *, at: datetime) -> list[str]:
    """Give every one of `people` who has an address an account under it.

    An address that a leaver had passes to the newcomer, and the leaver's account is closed: a recycled address never
    opens someone else's record. Two people at work with one address are a possible duplicate: the first keeps it.
    Returns a note for each of those.
    """
    wanted = {person.pk: person for person in people if person.email}
    accounts = {user.person_id: user for user in User.objects.filter(person__in=wanted)}
    moving = [person for pk, person in wanted.items() if pk not in accounts or accounts[pk].email != person.email]
    notes = _free_addresses({person.email: person for person in reversed(moving)}, moving, at)
    taken = set(User.objects.filter(email__in=[p.email for p in moving]).values_list("email", flat=True))
    new = []
    for person in moving:
        if person.email in taken:
            continue
        taken.add(person.email)
        if person.pk in accounts:
            User.objects.filter(pk=accounts[person.pk].pk).update(email=person.email, is_active=True)
        else:
            new.append(User(email=person.email, person=person, password="!"))  # noqa: S106  (unusable)
    User.objects.bulk_create(new, batch_size=2000)
    return notes


def _free_addresses(first: dict[str, Person], moving: list[Person], at: datetime) -> list[str]:
    """Close the accounts of leavers whose address now belongs to one of `moving`; tell of holders still at work."""
    notes = [
        f"Possible duplicate: {person.name} and {first[person.email].name} share {person.email}."
        for person in moving
        if first[person.email] is not person
    ]
    holders = User.objects.filter(email__in=first).exclude(person__in=first.values()).select_related("person")
    at_work = set(Person.objects.employed(london_day(at)).filter(user__in=holders).values_list("pk", flat=True))
    for holder in holders:
        if holder.person_id in at_work:
            notes.append(
                f"Possible duplicate: {first[holder.email].name} and {holder.person.name} share {holder.email}."
            )
        else:
            Person.objects.filter(pk=holder.person_id).update(email="")
            User.objects.filter(pk=holder.pk).update(email=None, is_active=False)
    return notes


def grant(
    *, person: Person, access_role: str, by: Person | None, at: datetime, reason: str, agency=None, team=None
) -> Grant:
    """Give an access role from today, for an agency, a team or the whole academy. Audited."""
    given = Grant.objects.create(
        person=person, access_role=access_role, agency=agency, team=team, from_date=london_day(at), reason=reason
    )
    audit.record("grant.given", by=by, at=at, about=given, person=person, access_role=access_role)
    return given
