"""Linking the accounts that people have at their organisations to their accounts here."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from allauth.socialaccount.models import SocialAccount
from django.db import transaction

from academy.lib.dates import london_day
from partners import audit, eligibility, emails
from partners.models import Provider, User


@audit.sentence("work_account.linked")
def _linked(told: audit.Told) -> str:
    return f"linked {told.own('work account')}"


@audit.sentence("work_account.unlinked")
def _unlinked(told: audit.Told) -> str:
    return f"unlinked {told.own('work account')}"


class NotLinked(Exception):
    """It was not linked. Its words are fit to show, and may be none; `code` is for the log."""

    def __init__(self, code: str, words: str = "") -> None:
        super().__init__(words)
        self.code = code


@transaction.atomic
def link_by_address(*, provider: Provider, uid: str, claims: Mapping[str, Any], at: datetime) -> SocialAccount:
    """Link a new id to the one account with the address that the organisation vouches for. Raises NotLinked."""
    asked = eligibility.claimed(provider, claims, london_day(at))
    _lock(asked.owners)
    if reason := eligibility.why_not_link(asked):
        raise NotLinked(reason)
    return _link(provider, uid, asked.owners[0], at)


@transaction.atomic
def link(*, provider: Provider, uid: str, user: User, at: datetime) -> SocialAccount:
    """Link an id to the account of whoever asks, who is signed in both here and there. Raises NotLinked."""
    _lock([user])
    held = SocialAccount.objects.filter(provider=provider.key, uid=uid).first()
    if held and held.user_id != user.pk:
        raise NotLinked("linked to someone else", f"That {provider.name} account is linked to someone else here.")
    if held:
        return held
    if SocialAccount.objects.filter(provider=provider.key, user=user).exists():
        raise NotLinked("linked to another id", f"Remove the {provider.name} account that is linked now first.")
    return _link(provider, uid, user, at)


@transaction.atomic
def unlink(*, account: SocialAccount, at: datetime) -> None:
    """Its owner no longer signs in with it. They are told, and it is audited."""
    user, key = account.user, account.provider
    account.delete()
    audit.record("work_account.unlinked", by=user.person, at=at, about=user, person=user.person, provider=key)
    emails.sign_in_changed("work_account_unlinked", user, at)


def _lock(users: list[User]) -> None:
    """One of these accounts is linked at a time."""
    list(User.objects.select_for_update(of=("self",)).filter(pk__in=[user.pk for user in users]))


def _link(provider: Provider, uid: str, user: User, at: datetime) -> SocialAccount:
    account = SocialAccount.objects.create(provider=provider.key, uid=uid, user=user)
    audit.record("work_account.linked", by=user.person, at=at, about=user, person=user.person, provider=provider.key)
    emails.sign_in_changed("work_account_linked", user, at)
    return account
