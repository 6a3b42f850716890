"""What people do to sign in, and what they hold."""

import re
import time
from urllib.parse import urlsplit

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.test import Client

from partners.models import Person

PASSWORD = "otter lantern thimble"
PAGE = "/people/"  # of people with access roles


def code_in(mail) -> str:
    """The code that a mail brings."""
    return re.search(r"^[A-Z0-9]+-[A-Z0-9]+$", mail.body, re.MULTILINE).group()


def by_code(client: Client, person: Person, mailoutbox, next_url: str = "", **extra):
    """Ask for a code and type it. Returns the answer to the typed code."""
    query = f"?next={next_url}" if next_url else ""
    asked = client.post(f"/sign-in/{query}", {"email": person.email}, **extra)
    assert asked.status_code == 302, asked.content.decode()[-3000:]
    mail = [mail for mail in mailoutbox if mail.to == [person.email]][-1]
    return client.post(asked["Location"], {"code": code_in(mail)}, **extra)


def by_password(client: Client, person: Person, password: str = PASSWORD, **extra):
    return client.post("/sign-in/password/", {"login": person.email, "password": password}, **extra)


def with_password(person: Person) -> Person:
    person.user.set_password(PASSWORD)
    person.user.save()
    return person


def with_app(person: Person) -> str:
    """They have an authenticator app and recovery codes. Returns the app's secret."""
    secret = generate_totp_secret()
    TOTP.activate(person.user, secret)
    RecoveryCodes.activate(person.user)
    return secret


def app_code(secret: str, steps: int = 0) -> str:
    """What the app shows, so many half minutes from now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def recovery_codes(person: Person) -> list[str]:
    held = Authenticator.objects.get(user=person.user, type=Authenticator.Type.RECOVERY_CODES)
    return held.wrap().get_unused_codes()


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def path(response) -> str:
    """Where an answer leads, without the question after it."""
    return urlsplit(response["Location"]).path


def later(browser: Client, minutes: int) -> Client:
    """So many minutes after everything that was shown in it."""
    session = browser.session
    records = [{**record, "at": time.time() - minutes * 60} for record in session["account_authentication_methods"]]
    session["account_authentication_methods"] = records
    session.save()
    return browser
