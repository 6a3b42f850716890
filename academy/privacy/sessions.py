"""Whose a session is: it is told by what it holds, since no column says so."""

import json
from collections.abc import Iterable

from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session

from partners.models import Person, PersonVersion, User


def addresses_of(people: Iterable[Person]) -> set[str]:
    """Every address that these people have or had here, apart from those that somebody else has now."""
    ids = [person.pk for person in people]
    known = {address for person in people for address in (person.email, person.email_refused)}
    known |= set(PersonVersion.objects.filter(identity__in=ids).values_list("email", flat=True))
    known |= set(User.objects.filter(person__in=ids).values_list("email", flat=True))
    known |= set(EmailAddress.objects.filter(user__person__in=ids).values_list("email", flat=True))
    known -= {"", None}
    return known - set(Person.objects.exclude(pk__in=ids).filter(email__in=known).values_list("email", flat=True))


def sessions_of(people: Iterable[Person]) -> list[Session]:
    """Their sessions: those signed in, and those that wait for a code sent to their address."""
    addresses = addresses_of(people)
    users = set(map(str, User.objects.filter(person__in=people).values_list("pk", flat=True)))
    return [session for session in Session.objects.iterator() if _is_of(session, users, addresses)]


def _is_of(session: Session, users: set[str], addresses: set[str]) -> bool:
    data = session.get_decoded()
    return data.get("_auth_user_id") in users or any(address in json.dumps(data, default=str) for address in addresses)
