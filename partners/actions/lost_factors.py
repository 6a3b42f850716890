"""Taking away a second factor that somebody lost, so that they can set one up anew."""

from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db import transaction

from partners import audit, emails
from partners.actions import sign_ins
from partners.models import Person, User


class ResetRefused(Exception):
    """Why somebody's second factor is not taken away. Fit to show."""


@audit.sentence("second_factor.reset")
def _reset(told: audit.Told) -> str:
    return f"reset {told.own('second factor')}"


def why_not(person: Person, by: Person | None) -> str:
    """Why `by` may not take away that person's second factor, in a sentence; empty where they may."""
    if by and by.pk == person.pk:
        return "Nobody resets their own second factor. Ask another administrator, or use a recovery code."
    if not User.objects.filter(person=person, is_active=True).exists():
        return f"{person.name} cannot sign in, so there is nothing to reset."
    if not Authenticator.objects.filter(user__person=person).exists():
        return f"{person.name} has no second factor. They set one up when they sign in."
    return ""


@transaction.atomic
def reset(*, person: Person, by: Person | None, at: datetime, reason: str) -> None:
    """Take away their app, passkeys and recovery codes, and sign them out everywhere. Audited; they are told by mail.

    Raises ResetRefused: for oneself, and where there is nothing to take away.
    """
    if refusal := why_not(person, by):
        raise ResetRefused(refusal)
    user = person.user
    Authenticator.objects.filter(user=user).delete()
    sign_ins.end(user.sign_ins.all(), user=user, by=by.user if by else None, at=at)
    audit.record("second_factor.reset", by=by, at=at, about=user, person=person, reason=reason)
    emails.sign_in_changed("second_factor_reset", user, at)
