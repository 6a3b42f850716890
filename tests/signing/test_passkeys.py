"""Passkeys: made, used to sign in by themselves, and as a second factor."""

import html
import json
import re

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from partners.models import OutboxMessage, User
from tests.factories import employed, holding
from tests.signing.passkey import Passkey, handle_of, with_passkey
from tests.signing.steps import PAGE, by_code, is_signed_in, path
from tests.signing_in import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _over_https(settings):
    """Browsers make passkeys for https alone, or for localhost."""
    settings.ALLOWED_HOSTS = ["testserver"]


def options_in(page) -> dict:
    text = re.search(r'data-passkey-options value="([^"]+)"', page.content.decode())[1]
    return json.loads(html.unescape(text))["publicKey"]


def asked(browser: Client) -> str:
    """The challenge to sign at the door."""
    page = browser.get("/sign-in/passkey/", HTTP_ACCEPT="application/json")
    return page.json()["request_options"]["publicKey"]["challenge"]


def by_passkey(browser: Client, passkey: Passkey, query: str = "", **extra):
    credential = passkey.get(asked(browser))
    return browser.post(f"/sign-in/passkey/{query}", {"credential": credential}, **extra)


def test_one_is_made_asks_who_holds_it_and_signs_in_by_itself_as_both_factors():
    lead = holding("lead")
    browser = signed_in(lead.user, second_factor=False)
    wanted = options_in(browser.get("/account/passkeys/new/"))
    assert wanted["authenticatorSelection"]["userVerification"] == "required"
    assert wanted["authenticatorSelection"]["residentKey"] == "required"
    made = Passkey(user=handle_of(lead))
    answer = browser.post(
        "/account/passkeys/new/", {"name": "Blue key", "credential": made.create(wanted["challenge"])}
    )
    assert path(answer) == "/account/recovery-codes/"
    assert browser.get(PAGE).status_code == 200, "making it has shown it"
    assert "Blue key" in browser.get("/account/").content.decode()
    assert OutboxMessage.objects.filter(kind="partners.passkey_added").exists()
    door = Client()
    assert by_passkey(door, made, f"?next={PAGE}")["Location"] == PAGE
    assert door.get(PAGE).status_code == 200


def test_one_that_asks_for_no_finger_face_or_pin_is_refused():
    browser = signed_in(employed().user)
    challenge = options_in(browser.get("/account/passkeys/new/"))["challenge"]
    lax = Passkey(verifies=False).create(challenge)
    page = browser.post("/account/passkeys/new/", {"name": "Blue key", "credential": lax})
    assert "asks for no fingerprint" in page.content.decode()
    assert 'value="Blue key"' in page.content.decode()
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize("how", [{"origin": "https://evil.example"}, {"site": "evil.example"}])
def test_one_made_for_another_site_is_refused(how):
    browser = signed_in(employed().user)
    challenge = options_in(browser.get("/account/passkeys/new/"))["challenge"]
    browser.post("/account/passkeys/new/", {"credential": Passkey(**how).create(challenge)})
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize("sent", ["", "{", "{}", "[]", "null", '{"id": 1}'])
def test_rubbish_makes_none(sent):
    page = signed_in(employed().user).post("/account/passkeys/new/", {"name": "Key", "credential": sent})
    assert page.status_code == 200
    assert not Authenticator.objects.exists()


def test_a_sign_in_without_who_holds_it_is_refused():
    lax = with_passkey(employed(), verifies=False)
    door = Client()
    by_passkey(door, lax)
    assert not is_signed_in(door)


def test_what_was_signed_works_once_and_for_its_own_attempt():
    passkey = with_passkey(employed())
    door = Client()
    signed = passkey.get(asked(door))
    door.post("/sign-in/passkey/", {"credential": signed})
    assert is_signed_in(door)
    thief = Client()
    thief.post("/sign-in/passkey/", {"credential": signed})
    asked(thief)
    thief.post("/sign-in/passkey/", {"credential": signed})
    assert not is_signed_in(thief)


def test_a_passkey_opens_the_account_of_its_owner_alone():
    ann, bob = employed(), employed()
    passkey = with_passkey(ann)
    with_passkey(bob)
    passkey.user = handle_of(bob)
    door = Client()
    by_passkey(door, passkey)
    assert not is_signed_in(door)


def test_the_passkey_of_a_closed_account_leads_to_the_closed_page():
    ann = employed()
    passkey = with_passkey(ann)
    User.objects.filter(person=ann).update(is_active=False)
    door = Client()
    assert by_passkey(door, passkey)["Location"] == "/sign-in/closed/"
    assert not is_signed_in(door)


def test_it_is_the_second_factor_after_a_code(mailoutbox):
    ann = employed()
    passkey = with_passkey(ann)
    door = Client()
    step = by_code(door, ann, mailoutbox)["Location"]
    challenge = options_in(door.get(step))["challenge"]
    door.post(step, {"credential": passkey.get(challenge)})
    assert is_signed_in(door)


def test_it_confirms_who_one_is():
    lead = holding("lead")
    passkey = with_passkey(lead)
    browser = signed_in(lead.user, second_factor=False)
    here = browser.get(PAGE)["Location"]
    page = browser.get(here)
    browser.post(here, {"credential": "{}"})
    assert browser.get(PAGE).status_code == 302
    challenge = options_in(browser.get(here))["challenge"]
    assert browser.post(here, {"credential": passkey.get(challenge)})["Location"] == PAGE
    assert "Use a passkey" in page.content.decode()


def test_without_a_script_the_page_offers_the_code():
    page = Client().get("/sign-in/").content.decode()
    assert re.search(r"<form[^>]*data-passkey[^>]* hidden", page)
    assert "Send me a code" in page
    assert Client().get("/sign-in/passkey/")["Location"] == "/sign-in/"
