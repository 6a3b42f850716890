"""Signing in without a password from now on."""

from datetime import datetime

from django.db import transaction

from partners import audit, emails
from partners.models import User


@audit.sentence("password.removed")
def _removed(told: audit.Told) -> str:
    return f"removed {told.own('password')}"


@transaction.atomic
def remove(*, user: User, at: datetime) -> None:
    """Take the password away; every session ends but one that is renewed. They are told, and it is audited."""
    user.set_unusable_password()
    user.save(update_fields=["password"])
    audit.record("password.removed", by=user.person, at=at, about=user, person=user.person)
    emails.sign_in_changed("password_removed", user, at)
