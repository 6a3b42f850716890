"""Signing in with an organisation's account, and organisations that lie."""

import base64
import json
import logging
import time
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.core.cache import cache
from django.test import Client
from oidc_provider_mock import User as Someone
from oidc_provider_mock import run_server_in_thread

from academy.lib import registry
from partners.models import AuditEvent, OutboxMessage, Person, User
from tests.factories import NOW, employed, holding
from tests.signing.provider import CLIENT, STRANGERS_KEY, go, organisation, provider_at
from tests.signing.steps import PAGE, app_code, is_signed_in, path, with_app
from tests.signing_in import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def there():
    """The organisation."""
    with organisation() as made:
        yield made


@pytest.fixture
def ann() -> Person:
    return known_as("ann@larkshire.example")


def known_as(email: str, person: Person | None = None) -> Person:
    person = person or employed()
    Person.objects.filter(pk=person.pk).update(email=email)
    User.objects.filter(person=person).update(email=email)
    return Person.objects.get(pk=person.pk)


def says(there, **claims):
    there.claims = {"sub": "s-1", "email": "ann@larkshire.example", "email_verified": True} | claims


def refused(page, browser) -> None:
    assert page.status_code == 403
    assert "We could not sign you in with Larkshire Council" in page.content.decode()
    assert not is_signed_in(browser)
    assert not SocialAccount.objects.exists()


# --- The usual way ------------------------------------------------------------------------------------------------


def test_the_first_time_links_by_a_verified_address_and_the_next_by_the_id_alone(there, ann, client):
    provider_at(there.issuer)
    says(there)
    assert "Sign in with Larkshire Council" in client.get("/sign-in/").content.decode()
    assert path(go(client, there, "/sign-in/with/larkshire/?next=/bookings/")) == "/bookings/"
    assert is_signed_in(client)
    linked = SocialAccount.objects.get()
    assert (linked.user, linked.uid, linked.extra_data) == (ann.user, "s-1", {})
    assert not SocialToken.objects.exists()
    assert AuditEvent.objects.get(kind="work_account.linked").person == ann
    assert OutboxMessage.objects.get(kind="partners.work_account_linked").person == ann
    says(there, email="someone.else@elsewhere.example", email_verified=False)
    again = Client()
    go(again, there)
    assert again.session["_auth_user_id"] == str(ann.user.pk), "still the same person"


def test_it_asks_with_state_nonce_and_a_proof_key(there, ann, client):
    provider_at(there.issuer)
    says(there)
    go(client, there)
    asked, sent = there.last, there.asked[0]
    assert asked["response_type"] == "code"
    assert set(asked["scope"].split()) == {"openid", "email"}
    assert asked["code_challenge_method"] == "S256"
    proof = base64.urlsafe_b64encode(sha256(sent["code_verifier"].encode()).digest()).decode().rstrip("=")
    assert asked["code_challenge"] == proof
    assert sent["client_secret"] == "s3cret"


def test_a_real_provider_signs_somebody_in(client, ann):
    with run_server_in_thread(
        user_claims=[Someone(sub="real-1", claims={"email": ann.email, "email_verified": True})]
    ) as server:
        provider_at(f"http://localhost:{server.server_port}")
        away = client.get("/sign-in/with/larkshire/")["Location"]
        back = requests.post(away, data={"sub": "real-1"}, allow_redirects=False, timeout=5).headers["Location"]
        client.get(f"{urlsplit(back).path}?{urlsplit(back).query}")
    assert is_signed_in(client)
    assert SocialAccount.objects.get().uid == "real-1"


def test_entra_names_people_by_oid_and_says_nothing_of_verified(there, ann, client):
    provider_at(there.issuer, id_claim="oid", verifies_addresses=True)
    says(there, oid="o-7", email_verified=None)
    go(client, there)
    assert SocialAccount.objects.get().uid == "o-7"


def test_an_address_that_is_kept_elsewhere_is_fetched_for_the_same_person_only(there, ann, client):
    provider_at(there.issuer)
    says(there, email=None, email_verified=None)
    there.userinfo = {"sub": "someone-else", "email": ann.email, "email_verified": True}
    refused(go(client, there), client)
    there.userinfo["sub"] = "s-1"
    go(client, there)
    assert is_signed_in(client)


# --- Second factors -----------------------------------------------------------------------------------------------


def linked(person: Person, uid: str = "s-1") -> Person:
    SocialAccount.objects.create(user=person.user, provider="larkshire", uid=uid)
    return person


@pytest.mark.parametrize("asks", [True, False])
def test_a_work_account_is_both_factors_only_where_its_sign_in_asks_for_the_second(there, client, asks):
    lead = linked(holding("lead"))
    provider_at(there.issuer, asks_second_factor=asks)
    says(there)
    go(client, there)
    answer = client.get(PAGE)
    assert answer.status_code == 200 if asks else path(answer) == "/account/second-factor/"
    assert client.session["_auth_user_id"] == str(lead.user.pk)


@pytest.mark.parametrize("asks", [True, False])
def test_whoever_has_an_app_is_asked_for_it_here_unless_it_was_asked_there(there, client, asks):
    lead = linked(holding("lead"))
    secret = with_app(lead)
    provider_at(there.issuer, asks_second_factor=asks)
    says(there)
    answer = go(client, there)
    assert is_signed_in(client) is asks
    if not asks:
        assert path(answer) == "/sign-in/second-factor/"
        client.post("/sign-in/second-factor/", {"code": app_code(secret)})
        assert client.get(PAGE).status_code == 200


# --- Whose it is --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "claims"),
    [
        ("address not verified", {"email_verified": False}),
        ("address not verified", {"email_verified": "true"}),
        ("address not verified", {"email_verified": 1}),
        ("address not verified", {"email_verified": None}),
        ("another domain", {"email": "bob@elsewhere.example"}),
        ("another domain", {"email": "bob@sub.larkshire.example"}),
        ("another domain", {"email": "bob@larkshire.example.evil.example"}),
        ("no address", {"email": None}),
        ("no address", {"email": ""}),
        ("no address", {"email": ["ann@larkshire.example"]}),
        ("no address", {"email": "ann@larkshire.example\0"}),
        ("no address", {"email": "ann@larkshire.example\n"}),
        ("no address", {"email": "a" * 10_000 + "@larkshire.example"}),
        ("no address", {"email": "a@evil.example@larkshire.example"}),
        ("no such open account", {"email": "nobody@larkshire.example"}),
    ],
)
def test_no_link_where_the_organisation_does_not_vouch_for_the_address(there, ann, client, caplog, reason, claims):
    known_as("bob@elsewhere.example")
    provider_at(there.issuer)
    says(there, **claims)
    there.userinfo = {"sub": "s-1"}
    with caplog.at_level(logging.WARNING):
        refused(go(client, there), client)
    assert f"Work account refused: larkshire, {reason}" in caplog.text
    assert "@" not in caplog.text
    assert "s-1" not in caplog.text


def test_saying_that_its_addresses_are_its_own_does_not_make_a_false_one_true(there, ann, client):
    provider_at(there.issuer, verifies_addresses=True)
    for verified in (False, "true", 0):
        says(there, email_verified=verified)
        refused(go(Client(), there), client)


def test_the_pages_for_a_known_and_an_unknown_address_are_the_same(there, ann):
    provider_at(there.issuer)
    pages = []
    for email in (ann.email, "bob@larkshire.example"):
        says(there, email=email, email_verified=False)
        pages.append(go(Client(), there).content)
    assert pages[0] == pages[1]


def test_whoever_holds_an_access_role_is_not_linked_by_an_address(there, client):
    known_as("ann@larkshire.example", holding("administrator"))
    provider_at(there.issuer, asks_second_factor=True)
    says(there)
    refused(go(client, there), client)


def test_the_same_address_with_another_id_is_somebody_else(there, ann, client):
    linked(ann)
    provider_at(there.issuer)
    says(there, sub="s-2")
    assert go(client, there).status_code == 403
    assert not is_signed_in(client)
    assert SocialAccount.objects.get().uid == "s-1"


def test_a_closed_account_gets_the_closed_page(there, ann, client):
    linked(ann)
    provider_at(there.issuer)
    User.objects.filter(person=ann).update(is_active=False)
    says(there)
    assert path(go(client, there)) == "/sign-in/closed/"
    assert not is_signed_in(client)


def test_an_unlinked_closed_account_is_linked_to_nobody(there, ann, client):
    provider_at(there.issuer)
    User.objects.filter(person=ann).update(is_active=False)
    says(there)
    refused(go(client, there), client)


def test_nobody_signs_up(there, client):
    provider_at(there.issuer)
    says(there)
    before = User.objects.count()
    refused(go(client, there), client)
    assert User.objects.count() == before


# --- Tokens that prove nothing ------------------------------------------------------------------------------------


def lie(**how):
    def told(there) -> None:
        for name, value in how.items():
            setattr(there, name, value)

    return told


@pytest.mark.parametrize(
    ("told", "claims"),
    [
        pytest.param(lie(), {"aud": "another-client"}, id="for another client"),
        pytest.param(lie(), {"aud": [CLIENT, "other"], "azp": "other"}, id="made out to another client"),
        pytest.param(lie(), {"iss": "https://elsewhere.example"}, id="by another issuer"),
        pytest.param(lie(), {"exp": int(time.time()) - 300}, id="expired"),
        pytest.param(lie(), {"iat": int(time.time()) + 3000}, id="from the future"),
        pytest.param(lie(), {"exp": None}, id="without an end"),
        pytest.param(lie(), {"nonce": "another"}, id="for another attempt"),
        pytest.param(lie(), {"nonce": None}, id="for any attempt"),
        pytest.param(lie(algorithm="none", key=None), {}, id="alg none"),
        pytest.param(lie(algorithm="HS256", key="s3cret" * 8), {}, id="signed with a secret"),
        pytest.param(lie(key=STRANGERS_KEY), {}, id="signed by a stranger"),
        pytest.param(lie(header={"kid": "two"}), {}, id="with a key that is not there"),
        pytest.param(lie(token_answer={"access_token": "a"}), {}, id="no token"),
        pytest.param(lie(token_answer={"access_token": "a", "id_token": "x.y.z"}), {}, id="rubbish"),
        pytest.param(lie(token_answer={"access_token": "a", "id_token": 7}), {}, id="a number"),
        pytest.param(lie(token_answer={"error": "ann@larkshire.example is unknown"}), {}, id="an error"),
        pytest.param(lie(token_answer=b"<html>"), {}, id="a page"),
        pytest.param(lie(token_answer=[1]), {}, id="a list"),
        pytest.param(lie(), {"sub": "s\0"}, id="an id with NUL"),
        pytest.param(lie(), {"sub": "s" * 10_000}, id="an id of 10,000 characters"),
        pytest.param(lie(), {"sub": ""}, id="an empty id"),
        pytest.param(lie(), {"sub": 7}, id="a number as id"),
        pytest.param(lie(), {"sub": None}, id="no id"),
    ],
)
def test_no_link_and_no_sign_in_by_a_token_that_proves_nothing(there, ann, client, caplog, told, claims):
    provider_at(there.issuer)
    says(there, **claims)
    told(there)
    with caplog.at_level(logging.WARNING):
        refused(go(client, there), client)
    assert "Work account refused: larkshire" in caplog.text
    assert "@" not in caplog.text
    linked(ann)  # the same lie, about somebody who is linked already
    says(there, **claims)
    go(client, there)
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    "configuration",
    [
        {"issuer": "https://elsewhere.example"},
        {"jwks_uri": "http://169.254.169.254/latest/"},
        {"token_endpoint": "http://elsewhere.example/"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": None},
    ],
)
def test_a_server_that_says_odd_things_of_itself_is_not_talked_to(there, client, configuration):
    provider_at(there.issuer)
    there.configuration = configuration
    page = client.get("/sign-in/with/larkshire/")
    assert page.status_code == 403
    assert "try Larkshire Council again" in page.content.decode()


def test_a_server_that_is_down_leaves_a_clear_page(client):
    provider_at("http://127.0.0.1:9")
    assert client.get("/sign-in/with/larkshire/").status_code == 403


def test_a_server_in_trouble_is_asked_again_after_half_a_minute_and_not_by_every_visitor(there, client):
    provider_at(there.issuer)
    there.configuration = {"token_endpoint": None}
    assert client.get("/sign-in/with/larkshire/").status_code == 403
    there.configuration = {}
    assert client.get("/sign-in/with/larkshire/").status_code == 403
    cache.clear()  # half a minute later
    assert client.get("/sign-in/with/larkshire/").status_code == 302


@pytest.mark.parametrize("query", ["", "?state=x&code=y", "?error=access_denied", "?code=%00&state=%00"])
def test_coming_back_without_having_gone_leaves_a_clear_page(there, client, query):
    provider_at(there.issuer)
    refused(client.get(f"/sign-in/with/larkshire/back/{query}"), client)


def test_an_attempt_of_another_browser_is_worth_nothing_here(there, ann, client):
    provider_at(there.issuer)
    says(there)
    away = Client().get("/sign-in/with/larkshire/")
    state = parse_qs(urlsplit(away["Location"]).query)["state"][0]
    refused(client.get("/sign-in/with/larkshire/back/", {"code": "c", "state": state}), client)


def test_one_that_is_switched_off_or_unknown_is_not_there(there, client):
    provider_at(there.issuer, is_on=False)
    assert (
        "Larkshire Council" not in client.get("/sign-in/").content.decode().partition("<main")[2].partition("</main")[0]
    )
    for address in ("/sign-in/with/larkshire/", "/sign-in/with/larkshire/back/", "/sign-in/with/none/"):
        assert client.get(address).status_code == 404


# --- Linking one's own --------------------------------------------------------------------------------------------

LINK = "/account/work-accounts/larkshire/link/"


def test_somebody_with_an_access_role_links_from_their_own_page_with_a_second_factor(there, client):
    lead = holding("lead")
    provider_at(there.issuer)
    says(there, email="whoever@elsewhere.example")
    without = signed_in(lead.user, second_factor=False)
    assert path(without.get(LINK)) == "/account/second-factor/"
    browser = signed_in(lead.user)
    assert "Not linked" in browser.get("/account/").content.decode()
    assert path(go(browser, there, LINK)) == "/account/"
    assert SocialAccount.objects.get().user == lead.user
    assert "Linked on" in browser.get("/account/").content.decode()
    go(client, there)
    assert client.session["_auth_user_id"] == str(lead.user.pk)


def test_an_account_of_somebody_else_is_not_taken_from_them(there, ann):
    linked(ann)
    provider_at(there.issuer)
    says(there)
    page = go(signed_in(employed().user), there, LINK)
    assert "is linked to someone else here" in page.content.decode()
    assert SocialAccount.objects.get().user == ann.user


def test_a_second_account_of_the_same_organisation_is_not_linked(there, ann):
    linked(ann)
    provider_at(there.issuer)
    says(there, sub="s-2")
    assert "is linked now first" in go(signed_in(ann.user), there, LINK).content.decode()
    assert SocialAccount.objects.count() == 1


def test_unlinking_is_said_done_told_and_audited(there, ann, client):
    linked(ann)
    provider_at(there.issuer)
    browser = signed_in(ann.user)
    address = f"/account/work-accounts/{SocialAccount.objects.get().pk}/unlink/"
    assert signed_in(employed().user).post(address).status_code == 404
    assert "You no longer sign in here" in browser.get(address).content.decode()
    assert SocialAccount.objects.exists(), "looking unlinks nothing"
    browser.post(address)
    assert not SocialAccount.objects.exists()
    assert AuditEvent.objects.filter(kind="work_account.unlinked").exists()
    assert OutboxMessage.objects.filter(kind="partners.work_account_unlinked").exists()


# --- Setting one up -----------------------------------------------------------------------------------------------


def facts(**more) -> dict:
    from tests.factories import AgencyFactory

    return {
        "agency": AgencyFactory().pk,
        "name": "Larkshire Council",
        "issuer": "https://login.example/tenant/v2.0",
        "client_id": "abc",
        "client_secret": "very-secret",
        "domains": "larkshire.example\n@Schools.Larkshire.example",
        "id_claim": "oid",
        "verifies_addresses": "on",
        "is_on": "on",
    } | more


def test_an_administrator_sets_one_up_and_never_sees_the_secret_again(client):
    from partners.models import Provider

    browser = signed_in(holding("administrator").user)
    page = browser.post("/system/sign-in/new/", facts(), follow=True).content.decode()
    made = Provider.objects.get()
    assert f"http://testserver/sign-in/with/{made.key}/back/" in page
    assert "very-secret" not in page
    assert "very-secret" not in made.sealed_secret
    assert made.client_secret == "very-secret"
    assert made.domains == ["larkshire.example", "schools.larkshire.example"]
    event = AuditEvent.objects.get(kind="sign_in_provider.made")
    assert "secret" not in json.dumps(event.details)
    browser.post(f"/system/sign-in/{made.pk}/", facts(client_secret="", name="Lark", key="evil", agency=made.agency_id))
    changed = Provider.objects.get()
    assert (changed.client_secret, changed.name, changed.key) == ("very-secret", "Lark", made.key)
    assert "Lark" in browser.get("/system/sign-in/").content.decode()


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"issuer": "http://login.example/"}, "starts with https://"),
        ({"issuer": "https://user:pw@login.example/"}, "starts with https://"),
        ({"issuer": "https://login.example/?x=1"}, "no ? or #"),
        ({"issuer": "ftp://login.example/"}, "starts with https://"),
        ({"issuer": "https://[::1"}, "starts with https://"),
        ({"issuer": ""}, "Enter the issuer address"),
        ({"domains": "not a domain!"}, "is no domain"),
        ({"domains": ""}, "Enter at least one domain"),
        ({"client_secret": ""}, "Enter the client secret"),
        ({"name": ""}, "Enter a name for the button"),
        ({"id_claim": "email"}, "Select a valid choice"),
    ],
)
def test_what_is_wrong_gets_a_sentence_and_nothing_typed_is_lost(wrong, error):
    page = signed_in(holding("administrator").user).post("/system/sign-in/new/", facts(client_id="typed-by-me") | wrong)
    html = page.content.decode()
    assert error in html
    assert "typed-by-me" in html
    assert "very-secret" not in html


def test_plain_http_is_for_this_machine_and_never_in_production(settings):
    from academy.lib.addresses import is_safe_address

    assert is_safe_address("http://localhost:8000/x")
    settings.PRODUCTION = True
    assert not is_safe_address("http://localhost:8000/x")
    assert is_safe_address("https://login.example")


def test_nobody_else_sets_one_up(there):
    made = provider_at(there.issuer)
    for role in ("lead", "director"):
        browser = signed_in(holding(role).user)
        for address in ("/system/sign-in/", "/system/sign-in/new/", f"/system/sign-in/{made.pk}/"):
            assert browser.post(address, facts()).status_code in (403, 405)
            assert browser.get(address).status_code == 403


def test_the_list_takes_as_many_queries_for_three_as_for_one(there):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    browser, counts = signed_in(holding("administrator").user), []
    for n in range(3):
        provider_at(there.issuer, key=f"k{n}", client_id=f"c{n}")
        with CaptureQueriesContext(connection) as queries:
            browser.get("/system/sign-in/")
        counts.append(len(queries))
    assert counts[0] == counts[2]


def test_what_an_organisation_says_of_itself_is_asked_for_once_an_hour(there, ann, client):
    provider_at(there.issuer)
    says(there)
    go(client, there)
    there.configuration = {"issuer": "https://elsewhere.example"}
    assert client.get("/sign-in/with/larkshire/").status_code == 302
    cache.clear()
    assert Client().get("/sign-in/with/larkshire/").status_code == 403
    registry.run_due(NOW)
