"""What people are told about their record and how they sign in.

By the outbox, since a mail server that is down stops no change.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from academy.lib.dates import london_day
from academy.lib.text import plural
from partners import outbox
from partners.models import Deputy, OutboxMessage, Person, PersonVersion, SignUp, User
from partners.outbox import Mail

# --- The record ---------------------------------------------------------------------------------------------------


def _people(ids: set[int], at: datetime) -> dict[int, Person]:
    return Person.objects.in_bulk(ids)


@outbox.kind("partners.invitation", subject="whom", load=_people)
def _invitation(person: Person) -> Mail:
    return outbox.mail("You can book training with us", "partners/invitation", person=person)


def invitation(person: Person, at: datetime) -> None:
    """'You can sign in now'; once a day at the most."""
    outbox.queue(
        outbox.new("partners.invitation", key=f"{person.pk}:{at:%Y-%m-%d}", person=person, at=at, whom=person.pk)
    )


def _versions(ids: set[int], at: datetime) -> dict[int, PersonVersion]:
    return PersonVersion.objects.select_related("identity").in_bulk(ids)


@outbox.kind("partners.address_left", subject="version", load=_versions)
def _address_left(version: PersonVersion) -> Mail:
    return outbox.mail("Your address here has changed", "partners/address_left", person=version.identity)


def address_left(version: PersonVersion, before: str, at: datetime) -> None:
    """To the address that somebody had before, where there was one: so that nobody takes over a record unseen."""
    if before:
        key = str(version.pk)
        outbox.queue(outbox.new("partners.address_left", key=key, address=before, at=at, version=version.pk))


def _deputies(ids: set[int], at: datetime) -> dict[int, Deputy]:
    return Deputy.objects.select_related("manager", "deputy").in_bulk(ids)


@outbox.kind("partners.deputy_named", subject="deputy", load=_deputies)
def _deputy_named(named: Deputy) -> Mail:
    return outbox.mail(f"You stand in for {named.manager}", "partners/deputy_named", named=named)


def deputy_named(named: Deputy, at: datetime) -> None:
    """'You stand in for your colleague.'"""
    outbox.queue(outbox.new("partners.deputy_named", key=str(named.pk), person=named.deputy_id, at=at, deputy=named.pk))


def _sign_ups(ids: set[int], at: datetime) -> dict[int, SignUp]:
    return SignUp.objects.select_related("agency").in_bulk(ids)


@dataclass(frozen=True)
class _Owed:
    """How many wait for whose answer."""

    person: Person
    count: int


def _owed(ids: set[int], at: datetime) -> dict[int, _Owed]:
    waiting, on = SignUp.objects.waiting(), london_day(at)
    found = Person.objects.in_bulk(ids)
    return {pk: _Owed(person, waiting.owed_by(person, on).count()) for pk, person in found.items()}


def _all_answered(owed: _Owed, at: datetime) -> str:
    return "" if owed.count else "nobody waits any more"


@outbox.kind("partners.sign_ups_waiting", subject="whom", load=_owed, unwanted=_all_answered)
def _sign_ups_waiting(owed: _Owed) -> Mail:
    subject = f"{plural(owed.count, 'person waits', 'people wait')} to be added"
    return outbox.mail(subject, "partners/sign_ups_waiting", person=owed.person, count=owed.count)


def sign_ups_waiting(people: Iterable[Person], at: datetime) -> None:
    """'So many wait for you'; once a day at the most, and without a word of who they are."""
    day = london_day(at).isoformat()
    outbox.queue(
        *(
            outbox.new("partners.sign_ups_waiting", key=f"{person.pk}:{day}", person=person, at=at, whom=person.pk)
            for person in people
        )
    )


@outbox.kind("partners.sign_up_declined", subject="sign_up", load=_sign_ups)
def _sign_up_declined(asked: SignUp) -> Mail:
    return outbox.mail(f"You were not added for {asked.agency}", "partners/sign_up_declined", asked=asked)


def sign_up_declined(asked: SignUp, at: datetime) -> None:
    """'Your agency could not confirm who you are, for this reason.'"""
    key, address = str(asked.pk), asked.email
    outbox.queue(outbox.new("partners.sign_up_declined", key=key, address=address, at=at, sign_up=asked.pk))


@outbox.kind("partners.sign_up_expired", subject="sign_up", load=_sign_ups)
def _sign_up_expired(asked: SignUp) -> Mail:
    return outbox.mail(f"Nobody has answered for {asked.agency}", "partners/sign_up_expired", asked=asked)


def sign_up_expired(asked: SignUp, at: datetime) -> None:
    """'Nobody at your agency has said who you are.'"""
    key, address = str(asked.pk), asked.email
    outbox.queue(outbox.new("partners.sign_up_expired", key=key, address=address, at=at, sign_up=asked.pk))


# --- Signing in ---------------------------------------------------------------------------------------------------

CHANGES = {  # allauth's names, and ours: the kind of message, its subject, and what happened
    "account/email/password_set": ("password_set", "You set a password", "You can now sign in with a password."),
    "account/email/password_changed": ("password_changed", "Your password was changed", ""),
    "account/email/password_reset": (
        "password_reset",
        "Your password was changed",
        "Somebody with a link from your mail chose a new one.",
    ),
    "password_removed": (
        "password_removed",
        "Your password was removed",
        "You sign in with a code from an e-mail, or another way that you set up.",
    ),
    "mfa/email/totp_activated": (
        "app_added",
        "You set up an authenticator app",
        "Signing in now asks for its code as well.",
    ),
    "mfa/email/totp_deactivated": ("app_removed", "Your authenticator app was removed", ""),
    "mfa/email/webauthn_added": ("passkey_added", "You added a passkey", ""),
    "mfa/email/webauthn_removed": ("passkey_removed", "A passkey was removed", ""),
    "mfa/email/recovery_codes_generated": (
        "recovery_codes_made",
        "You made new recovery codes",
        "The old ones no longer work.",
    ),
    "second_factor_reset": (
        "second_factor_reset",
        "Your second factor was reset",
        "An administrator removed your authenticator app, passkeys and recovery codes, and signed you out everywhere. "
        "Sign in with a code from an e-mail and set them up again.",
    ),
    "work_account_linked": (
        "work_account_linked",
        "A work account was linked",
        "You can now sign in with your organisation’s account.",
    ),
    "work_account_unlinked": (
        "work_account_unlinked",
        "A work account was removed",
        "You can no longer sign in with that organisation’s account.",
    ),
    "address_changed": (
        "address_changed",
        "You sign in with this address now",
        "Your employer told us that your e-mail address has changed.",
    ),
    "new_browser": (
        "new_browser",
        "You signed in on a new device",
        "Somebody signed in as you in a browser that had not been used for it before.",
    ),
}


def sign_in_changed(what: str, user: User, at: datetime) -> None:
    """'This was changed; if it was not you, do that.' `what` is a key of CHANGES."""
    outbox.queue(_message(what, user, at))


def addresses_changed(users: Iterable[User], at: datetime) -> None:
    """'You sign in with this address now', at the new one: the old one may be somebody else's."""
    outbox.queue(*(_message("address_changed", user, at) for user in users))


def _message(what: str, user: User, at: datetime) -> OutboxMessage:
    kind, _, _ = CHANGES[what]
    key = f"{user.pk}:{at.isoformat()}"
    return outbox.new(f"partners.{kind}", key=key, person=user.person_id, at=at, user=user.pk)


def new_browser(user: User, at: datetime) -> None:
    """'You signed in on a new device.'"""
    sign_in_changed("new_browser", user, at)


def _load(ids: set[int], at: datetime) -> dict[int, User]:
    return User.objects.in_bulk(ids)


def _render(subject: str, words: str, user: User) -> Mail:
    return outbox.mail(subject, "partners/sign_in_changed", what=subject, words=words, person=user.person)


for _kind, _subject, _words in CHANGES.values():
    outbox.kind(f"partners.{_kind}", subject="user", load=_load)(partial(_render, _subject, _words))
