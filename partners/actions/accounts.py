"""Opening and moving accounts, so that an address always opens the record of the person who has it now."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from academy.lib.dates import london_day
from partners import emails
from partners.actions import search
from partners.models import EmploymentVersion, Grant, Person, User


def open_accounts(people: Iterable[Person], *, at: datetime) -> list[str]:
    """Give every one of `people` who has an address an account under it.

    An address that a leaver had passes to the newcomer, and the leaver's account is closed: a recycled address never
    opens someone else's record. Two people at work with one address are a possible duplicate: the first keeps it.
    Returns a note for each of those. Brings the words by which people are found up to date.
    """
    everyone = list(people)
    wanted = {person.pk: person for person in everyone if person.email}
    User.objects.filter(person__in=[person for person in everyone if not person.email]).update(email=None)
    accounts = dict(User.objects.filter(person__in=wanted).values_list("person", "email"))
    moving = [person for pk, person in wanted.items() if accounts.get(pk) != person.email]
    holders = list(User.objects.filter(email__in=[p.email for p in moving]).exclude(person__in=moving))
    at_work = _at_work([*wanted, *(holder.person_id for holder in holders)], at)
    owners = {holder.email: holder.person_id for holder in holders if holder.person_id in at_work}
    for person in sorted(moving, key=lambda person: person.pk not in at_work):
        owners.setdefault(person.email, person.pk)
    _close([holder for holder in holders if owners[holder.email] != holder.person_id])
    _move([person for person in moving if owners[person.email] == person.pk], set(accounts), at)
    second = [person for person in moving if owners[person.email] != person.pk]
    Person.objects.filter(pk__in=[person.pk for person in second if person.pk not in at_work]).update(email="")
    search.refresh([*(person.pk for person in everyone), *(holder.person_id for holder in holders)])
    names = Person.objects.in_bulk([owners[person.email] for person in second])
    return [
        f"Possible duplicate: {person.name} and {names[owners[person.email]].name} share {person.email}."
        for person in second
        if person.pk in at_work
    ]


def _at_work(person_ids: list[int], at: datetime) -> set[int]:
    """Those with a spell that has not ended, or an access role: someone who starts next week counts, no leaver does."""
    today = london_day(at)
    running = EmploymentVersion.objects.current().filter(Q(end_date=None) | Q(end_date__gt=today))
    holders = Grant.objects.not_ended(today).filter(person__in=person_ids)
    spells = running.filter(identity__person__in=person_ids).values_list("identity__person", flat=True)
    return {*spells, *holders.values_list("person", flat=True)}


def _close(accounts: list[User]) -> None:
    """Close accounts of leavers whose address is someone else's now."""
    Person.objects.filter(user__in=accounts).update(email="")
    User.objects.filter(pk__in=[account.pk for account in accounts]).update(email=None, is_active=False)


def _move(people: list[Person], with_account: set[int], at: datetime) -> None:
    """Put each account under its person's address, having freed them all first: colleagues can swap addresses.

    They are told at the new one. The old one may be somebody else's by now.
    """
    addresses = [person.email for person in people]
    User.objects.filter(Q(person__in=people) | Q(email__in=addresses)).update(email=None)
    for person in people:
        if person.pk in with_account:
            User.objects.filter(person=person).update(email=person.email, is_active=True)
    emails.addresses_changed(User.objects.filter(person__in=people), at)
    new = [person for person in people if person.pk not in with_account]
    opened = [User(email=person.email, person=person, password="!") for person in new]  # noqa: S106  (unusable)
    User.objects.bulk_create(opened, batch_size=2000)
