"""The notice, the cookies page and the accessibility statement say what is true."""

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client

from academy.privacy.cookies import cookies
from tests.factories import booked, employed, holding, planned_run
from tests.test_architecture import address, every_pattern

pytestmark = pytest.mark.django_db


def text_of(address: str) -> str:
    return Client().get(address).content.decode()


def set_by(client: Client) -> set[str]:
    """Names of the cookies that the site has set in this browser."""
    return set(client.cookies)


def test_every_cookie_that_the_site_sets_is_on_the_page():
    page, seen = text_of("/privacy/cookies/"), set()
    visitor = Client()
    person = employed()
    visitor.post("/sign-in/", {"email": person.email})
    code = next(word for word in mail.outbox[-1].body.split() if "-" in word and word.isupper())
    visitor.post("/sign-in/code/", {"code": code})
    booking = booked(planned_run(), person)
    visitor.post(f"/bookings/{booking.reference}/give-up/")
    seen |= set_by(visitor)
    for client in (visitor, Client(), _signed_in(holding("administrator")), _signed_in(holding("lead"))):
        for route, _ in every_pattern():
            client.get(address(route))
            client.post(address(route), {"reason": "x"})
            seen |= set_by(client)
    assert {"sessionid", "csrftoken", "messages"} <= seen, "the journey meets them all"
    assert [name for name in seen if f">{name}</th>" not in page] == []


def _signed_in(person) -> Client:
    client = Client()
    client.force_login(person.user)
    return client


def test_the_cookies_page_follows_the_settings(settings):
    settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_AGE = "renamed", 3600
    settings.MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
    assert [(cookie.name, cookie.how_long) for cookie in cookies()] == [
        ("renamed", "1 hour"),
        ("csrftoken", "52 weeks"),
        ("known_browser", "365 days"),
    ]
    assert "renamed" in text_of("/privacy/cookies/")


def test_the_notice_gives_the_schedules_own_periods_and_leads_to_schedule_archive_and_cookies():
    page = text_of("/privacy/")
    for words in (
        "6 years after the last employment ended",
        "12 months after it was sent",
        "Information Commissioner",
    ):
        assert words in page
    for link in ("/privacy/how-long/", "/privacy/cookies/", "/privacy/everything/", settings.SUPPORT_EMAIL):
        assert link in page


def test_the_notice_says_for_how_long_trainers_see_what_people_need(settings):
    settings.ACCESS_NEEDS_SHOWN_DAYS = 12
    assert "from 12 days before a run to 12 days after it" in text_of("/privacy/")


def test_the_notice_tells_of_everything_that_is_more_than_usual():
    """What is of a special category, and who sees more than somebody might think."""
    page = text_of("/privacy/")
    for words in ("religion and sexual orientation", "whoever stands in for one", "see the service as you see it"):
        assert words in page


def test_a_session_is_said_to_end_when_it_does():
    """However much is done in it: tests/signing/test_own.py."""
    hours = settings.SESSION_COOKIE_AGE // 3600
    assert f"{hours} hours after you signed in" in text_of("/privacy/how-long/")


def test_everything_that_a_visitor_may_read_is_open_without_signing_in():
    for link in ("/privacy/", "/privacy/how-long/", "/privacy/cookies/", "/accessibility/"):
        assert Client().get(link).status_code == 200
