"""Why a work account may not be linked to a person's record by its e-mail address."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from allauth.socialaccount.models import SocialAccount

from partners.models import Grant, Provider, User


@dataclass(frozen=True)
class Claimed:
    """What an organisation says of somebody who signed in there, and whose address that is here."""

    provider: Provider
    claims: Mapping[str, Any]
    owners: list[User]  # of that address, with accounts that are open
    on: date


def claimed(provider: Provider, claims: Mapping[str, Any], on: date) -> Claimed:
    """Looks up the address; one that is no text belongs to nobody."""
    email = address_in(claims)
    return Claimed(provider, claims, list(User.objects.filter(email=email, is_active=True)) if email else [], on)


def address_in(claims: Mapping[str, Any]) -> str:
    """The address that a token claims, in lower case; nothing where it claims none that can be one."""
    email = claims.get("email")
    usable = isinstance(email, str) and email.isascii() and email.isprintable() and email.count("@") == 1
    return email.lower() if usable and len(email) <= 254 else ""


def _has_an_address(asked: Claimed) -> bool:
    return bool(address_in(asked.claims))


def _address_is_verified(asked: Claimed) -> bool:
    """A JSON true, not the word; where the organisation says nothing of it, only if its addresses are its own."""
    verified = asked.claims.get("email_verified")
    return verified is True or (verified is None and asked.provider.verifies_addresses)


def _domain_is_its_own(asked: Claimed) -> bool:
    return address_in(asked.claims).rpartition("@")[2] in asked.provider.domains


def _belongs_to_one_account(asked: Claimed) -> bool:
    return len(asked.owners) == 1


def _holds_no_access_role(asked: Claimed) -> bool:
    """Whoever holds one, or will, links from their own page, signed in with a second factor."""
    return not Grant.objects.not_ended(asked.on).filter(person__user__in=asked.owners).exists()


def _has_no_other_link(asked: Claimed) -> bool:
    return not SocialAccount.objects.filter(user__in=asked.owners, provider=asked.provider.key).exists()


CHECKS: dict[str, Callable[[Claimed], bool]] = {
    "no address": _has_an_address,
    "address not verified": _address_is_verified,
    "another domain": _domain_is_its_own,
    "no such open account": _belongs_to_one_account,
    "holds an access role": _holds_no_access_role,
    "linked to another id": _has_no_other_link,
}


def why_not_link(asked: Claimed) -> str:
    """The first reason, for the log; empty where it may be linked. Nobody is told which: it would tell who is known."""
    return next((reason for reason, holds in CHECKS.items() if not holds(asked)), "")
