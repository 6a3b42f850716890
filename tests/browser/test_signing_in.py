"""Signing in as people do, in a real browser: with a passkey that it makes itself, and through an organisation."""

import re
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from oidc_provider_mock import User as Someone
from oidc_provider_mock import run_server_in_thread
from playwright.sync_api import expect

from academy.tryout.models import Letter
from partners.models import User
from tests.factories import employed, holding
from tests.signing.provider import provider_at

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FINGERPRINT = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def type_the_code(me, address: str) -> None:
    """Read the newest letter, and type its code."""
    letter = Letter.objects.filter(to=address).latest("pk")
    me.page.get_by_label("Code").fill(re.search(r"^[A-Z0-9]+-[A-Z0-9]+$", letter.text, re.MULTILINE).group())


def test_a_lead_makes_a_passkey_on_the_way_and_signs_in_with_it_the_next_day(walk):
    cache.clear()
    lead, me = holding("lead"), walk()
    devices = me.context.new_cdp_session(me.page)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": FINGERPRINT})
    me.to("/sign-in/?next=/people/")
    me.page.get_by_label("Work e-mail address").fill(lead.email)
    me.press("Send me a code")
    type_the_code(me, lead.email)
    me.press("Sign in")
    expect(me.page.get_by_role("heading", name="Set up a second factor")).to_be_visible()
    me.press("A passkey", role="link")
    me.page.get_by_label("Name of this passkey").fill("Work laptop")
    me.press("Add a passkey")
    expect(me.page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    me.look("recovery-codes")
    me.press("I have kept them: go on", role="link")
    expect(me.page).to_have_url(f"{me.site}/people/")
    me.press("Sign out")
    me.to("/sign-in/?next=/people/")
    me.press("Use a passkey")
    expect(me.page).to_have_url(f"{me.site}/people/")
    expect(me.page.get_by_text(f"Signed in as {lead.name}")).to_be_attached()


def test_a_browser_without_a_passkey_says_so_and_the_code_is_still_there(walk):
    me = walk()
    devices = me.context.new_cdp_session(me.page)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": FINGERPRINT})
    me.to("/sign-in/")
    me.press("Use a passkey")
    expect(me.page.get_by_text("Your browser gave us no passkey")).to_be_visible()
    me.look("no-passkey")
    expect(me.page.get_by_role("button", name="Send me a code")).to_be_visible()


def test_a_council_officer_signs_in_through_the_council(walk):
    cache.clear()
    ann = employed()
    User.objects.filter(person=ann).update(email="ann@larkshire.example")
    claims = {"email": "ann@larkshire.example", "email_verified": True}
    with run_server_in_thread(user_claims=[Someone(sub="a-1", claims=claims)]) as server:
        provider_at(f"http://localhost:{server.server_port}")
        me = walk()
        me.to("/sign-in/?next=/bookings/")
        me.press("Sign in with Larkshire Council", role="link")
        expect(me.page).to_have_url(re.compile(f"localhost:{server.server_port}"))
        me.page.get_by_role("button", name="a-1").click()
        expect(me.page).to_have_url(f"{me.site}/bookings/")
        me.to("/account/")
        expect(me.page.get_by_text("Linked on")).to_be_visible()
        me.troubles[:] = [trouble for trouble in me.troubles if urlsplit(me.site).netloc in trouble]  # ours alone


def test_a_code_works_without_any_script(walk):
    cache.clear()
    ann = employed()
    me = walk(java_script_enabled=False)
    me.to("/sign-in/")
    expect(me.page.get_by_role("button", name="Use a passkey")).to_be_hidden()
    me.page.get_by_label("Work e-mail address").fill(ann.email)
    me.press("Send me a code")
    type_the_code(me, ann.email)
    me.press("Sign in")
    expect(me.page.get_by_role("heading", name="Your list")).to_be_visible()
