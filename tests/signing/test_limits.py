"""Guessers are stopped after few tries, from wherever they come; an office and the person themselves are not."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connections
from django.test import Client
from django.utils import timezone

from academy.lib import clock, registry
from partners.models import Limit, User
from tests.factories import NOW, crowd, employed
from tests.signing.steps import (
    PASSWORD,
    app_code,
    by_code,
    by_password,
    code_in,
    is_signed_in,
    recovery_codes,
    with_app,
    with_password,
)
from tests.signing_in import signed_in

pytestmark = pytest.mark.django_db
TRIES = 12


def addresses():
    """Of machines all over the world."""
    return (f"198.51.100.{n}" for n in range(1, 255))


def test_three_hundred_people_behind_one_address_sign_in_at_nine(mailoutbox):
    people = crowd(300)
    User.objects.bulk_create(User(email=person.email, person=person, password="!") for person in people)
    browsers = {person: Client(REMOTE_ADDR="192.0.2.1") for person in people}
    for person, browser in browsers.items():
        assert browser.post("/sign-in/", {"email": person.email}).status_code == 302
    codes = {mail.to[0]: code_in(mail) for mail in mailoutbox}
    for person, browser in browsers.items():
        browser.post("/sign-in/code/", {"code": codes[person.email]})
    assert all(is_signed_in(browser) for browser in browsers.values())


def test_a_guesser_of_a_password_is_stopped_from_many_addresses_too():
    ann = with_password(employed())
    for address in list(addresses())[:TRIES]:
        page = by_password(Client(REMOTE_ADDR=address), ann, "a wrong guess that is long")
    assert "There were too many tries" in page.content.decode()
    right = Client(REMOTE_ADDR="203.0.113.9")
    by_password(right, ann)
    assert not is_signed_in(right), "not even the right one, from a browser we do not know"


def test_the_person_themselves_still_gets_in_on_their_own_browser_and_by_other_ways(mailoutbox):
    ann = with_password(employed())
    own = Client()
    by_password(own, ann)
    own.post("/sign-out/")
    for address in list(addresses())[:TRIES]:
        by_password(Client(REMOTE_ADDR=address), ann, "a wrong guess that is long")
        Client(REMOTE_ADDR=address).post("/sign-in/", {"email": ann.email})
    by_password(own, ann)
    assert is_signed_in(own)
    own.post("/sign-out/")
    by_code(own, ann, mailoutbox)
    assert is_signed_in(own)


def test_another_way_stays_open_on_a_new_browser_while_passwords_are_guessed(mailoutbox):
    ann = with_password(employed())
    for address in list(addresses())[:TRIES]:
        by_password(Client(REMOTE_ADDR=address), ann, "a wrong guess that is long")
    browser = Client()
    by_code(browser, ann, mailoutbox)
    assert is_signed_in(browser)


@pytest.mark.parametrize("kind", ["app", "recovery"])
def test_a_guesser_of_a_second_factor_is_stopped_from_many_browsers_too(kind):
    ann = with_password(employed())
    secret = with_app(ann)
    for address in list(addresses())[:TRIES]:
        thief = Client(REMOTE_ADDR=address)
        by_password(thief, ann)
        page = thief.post("/sign-in/second-factor/", {"code": "123456" if kind == "app" else "12345678"})
    assert "There were too many tries" in page.content.decode()
    right = app_code(secret) if kind == "app" else recovery_codes(ann)[0]
    thief.post("/sign-in/second-factor/", {"code": right})
    assert not is_signed_in(thief)


def test_a_guesser_of_a_mailed_code_has_three_tries_for_each(mailoutbox):
    ann = employed()
    thief = Client()
    thief.post("/sign-in/", {"email": ann.email})
    for _ in range(3):
        thief.post("/sign-in/code/", {"code": "AAAA-AAAA"})
    thief.post("/sign-in/code/", {"code": code_in(mailoutbox[-1])})
    assert not is_signed_in(thief)


def test_a_mailbox_is_not_flooded_from_many_addresses(mailoutbox):
    ann = employed()
    for address in list(addresses())[:TRIES]:
        Client(REMOTE_ADDR=address).post("/sign-in/", {"email": ann.email})
        Client(REMOTE_ADDR=address).post("/sign-in/forgotten-password/", {"email": ann.email})
    assert len(mailoutbox) == 10


def test_a_guesser_at_somebodys_open_session_is_stopped():
    ann = with_password(employed())
    browser = signed_in(ann.user)
    session = browser.session
    session["account_authentication_methods"] = [{"method": "code", "at": 0}]
    session.save()
    for _ in range(TRIES):
        page = browser.post("/account/confirm/", {"password": "a wrong guess that is long"})
    assert "There were too many tries" in page.content.decode()
    assert "There were too many tries" in browser.post("/account/confirm/", {"password": PASSWORD}).content.decode()


def test_a_machine_is_bounded_whoever_it_tries(settings, mailoutbox):
    settings.SIGN_IN_STEPS_PER_NETWORK_ADDRESS_PER_MINUTE = 5
    pages = [
        Client(REMOTE_ADDR="198.51.100.1").post("/sign-in/", {"email": f"n{n}@agency.example"}).status_code
        for n in range(6)
    ]
    assert pages == [302] * 5 + [429]
    for address in ("/sign-in/password/", "/sign-in/passkey/", "/sign-in/forgotten-password/"):
        page = Client(REMOTE_ADDR="198.51.100.1").post(address, {"login": "x", "email": "x"})
        assert page.status_code == 429
        assert "There were too many tries" in page.content.decode()
    assert len(mailoutbox) == 5
    assert Client(REMOTE_ADDR="198.51.100.2").post("/sign-in/", {"email": "a@agency.example"}).status_code == 302
    assert Client(REMOTE_ADDR="198.51.100.1").get("/sign-in/").status_code == 200
    assert "198.51" not in str(Limit.objects.values_list()), "no address of a network is kept"


# --- Where they are counted ---------------------------------------------------------------------------------------


def test_all_web_processes_share_the_counts_and_none_needs_redis():
    assert settings.CACHES["default"]["BACKEND"].endswith("DatabaseCache")
    employed_one = employed()
    Client().post("/sign-in/", {"email": employed_one.email})
    assert Limit.objects.exists()
    assert employed_one.email not in str(Limit.objects.values_list()), "they name nobody"


def test_what_has_lapsed_is_deleted_by_the_tick():
    cache.set("kept", 1, 60)
    cache.set("lapsed", 1, 60)
    Limit.objects.filter(cache_key__endswith="lapsed").update(expires=timezone.now() - timedelta(seconds=1))
    registry.run_due(NOW)
    assert Limit.objects.count() == 1
    assert cache.get("kept") == 1


@pytest.mark.django_db(transaction=True)
def test_an_office_that_signs_in_at_the_same_moment_is_not_turned_away(mailoutbox):
    """Sixteen threads, as many as two machines have; all count on the address of the office."""
    clock.use(lambda: NOW)

    def ask(number: int) -> int:
        try:
            page = Client(REMOTE_ADDR="192.0.2.7").post("/sign-in/", {"email": f"n{number}@agency.example"})
            return page.status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(ask, range(300))) == {302}
    cache.clear()
