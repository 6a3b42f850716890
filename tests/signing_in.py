"""Being signed in, without the way there."""

import time

from django.test import Client

from partners.models import User

HOURS = 60 * 60


def signed_in(user: User, *, second_factor: bool = True, client: Client | None = None) -> Client:
    """A browser in which `user` signed in just now (and for tests that take long, a while from now)."""
    client = client or Client()
    client.force_login(user)
    records = [{"method": "code", "at": time.time() + 2 * HOURS}]
    if second_factor:
        records.append({"method": "mfa", "type": "totp", "at": time.time() + 2 * HOURS})
    session = client.session
    session["account_authentication_methods"] = records
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return client
