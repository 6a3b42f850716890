"""People who are signed in, and what they do over HTTP."""

import http.client
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.middleware.csrf import _get_new_csrf_string
from django.utils import timezone

from partners.models import Person, User


@dataclass(frozen=True)
class Answer:
    """What a form that was sent led to."""

    status: int
    location: str


@dataclass(frozen=True)
class Browser:
    """One person's browser."""

    port: int
    person: Person
    session: str
    token: str

    def post(self, path: str, seconds: float = 60) -> Answer:
        """Send the form at that path as it stands. Raises OSError or HTTPException where nobody answers."""
        with closing(self.begin(path, seconds)) as connection:
            response = connection.getresponse()
            response.read()
            return Answer(response.status, response.headers.get("Location", ""))

    def begin(self, path: str, seconds: float = 60) -> http.client.HTTPConnection:
        """Send the form and do not wait for the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        cookies = f"{settings.SESSION_COOKIE_NAME}={self.session}; csrftoken={self.token}"
        headers = {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", path, f"csrfmiddlewaretoken={self.token}&access_needs=", headers)
        return connection


def signed_in(people: list[Person], port: int) -> list[Browser]:
    """A browser for each, in which they are signed in with an account of their own."""
    users = User.objects.bulk_create(
        User(email=person.email, person=person, password=make_password(None)) for person in people
    )
    store, tomorrow = SessionStore(), timezone.now() + timedelta(days=1)
    sessions = Session.objects.bulk_create(
        Session(session_key=store._get_new_session_key(), session_data=store.encode(_of(user)), expire_date=tomorrow)
        for user in users
    )
    return [
        Browser(port, person, session.session_key, _get_new_csrf_string())
        for person, session in zip(people, sessions, strict=True)
    ]


def _of(user: User) -> dict[str, str]:
    return {
        SESSION_KEY: str(user.pk),
        BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
        HASH_SESSION_KEY: user.get_session_auth_hash(),
    }
