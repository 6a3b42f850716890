"""Who must show a second factor, how, and how it is set up and taken away."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from academy.tryout.models import Guide
from partners.models import OutboxMessage
from tests.factories import employed, holding, planned_run
from tests.signing.steps import (
    PAGE,
    app_code,
    by_code,
    by_password,
    is_signed_in,
    path,
    recovery_codes,
    with_app,
    with_password,
)
from tests.signing_in import signed_in

GRANTED = ["coordinator", "lead", "director", "administrator"]


def holder(role: str = "lead"):
    return holding(role, scoped=role == "coordinator")


def told() -> list[str]:
    return [message.kind for message in OutboxMessage.objects.order_by("pk")]


# --- Who must -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", GRANTED)
def test_whoever_holds_a_granted_role_sets_one_up_before_anything_else(role):
    browser = signed_in(holder(role).user, second_factor=False)
    for address in ("/", "/courses/", "/bookings/", PAGE, "/system/", "/account/recovery-codes/"):
        answer = browser.get(f"{address}?page=2")
        assert answer["Location"] == f"/account/second-factor/?next={address.replace('/', '%2F')}%3Fpage%3D2"
    assert "Your access role lets you see" in browser.get("/account/second-factor/").content.decode()


@pytest.mark.parametrize("address", ["/help/", "/privacy/", "/accessibility/", "/health/", "/account/", "/brand.css"])
def test_what_anyone_may_read_and_the_way_there_stay_open(address):
    assert signed_in(holder().user, second_factor=False).get(address).status_code == 200


def test_signing_out_stays_open():
    browser = signed_in(holder().user, second_factor=False)
    browser.post("/sign-out/")
    assert not is_signed_in(browser)


def test_a_learner_a_manager_and_a_trainer_need_none():
    manager = employed()
    employed(manager=manager)
    trainer = planned_run(trainers=[employed()]).trainers.get()
    for person in (employed(), manager, trainer):
        assert signed_in(person.user, second_factor=False).get("/bookings/").status_code == 200


def test_a_grant_that_has_ended_asks_for_none(at):
    lead = holder()
    lead.grants.update(to_date=at.date())
    assert signed_in(lead.user, second_factor=False).get("/bookings/").status_code == 200


def test_the_question_costs_a_learner_nothing():
    """Roles are read once a request, for the navigation as well."""
    browser = signed_in(employed().user, second_factor=False)
    with CaptureQueriesContext(connection) as seen:
        browser.get("/bookings/")
    asked = [query for query in seen if "partners_grant" in query["sql"] and "UNION" in query["sql"]]
    assert len(asked) == 1
    assert not [query for query in seen if "mfa_authenticator" in query["sql"]]


def test_a_form_sent_without_one_is_kept_in_the_browser_and_nothing_happens():
    browser = signed_in(holder().user, second_factor=False)
    run = planned_run()
    answer = browser.post(f"/runs/{run.pk}/book/", {"access_needs": "A loop"}, HTTP_REFERER="http://testserver/x/")
    assert answer.status_code == 403
    assert "What you typed is still in your browser" in answer.content.decode()
    assert not run.bookings.exists()


def test_whoever_has_one_is_asked_for_it_and_goes_on():
    lead = holder()
    secret = with_app(lead)
    browser = signed_in(lead.user, second_factor=False)
    ask = browser.get(f"{PAGE}?q=x")
    assert path(ask) == "/account/confirm/"
    answer = browser.post(ask["Location"], {"code": app_code(secret)})
    assert answer["Location"] == f"{PAGE}?q=x"
    assert browser.get(PAGE).status_code == 200


def test_going_on_leads_nowhere_else():
    lead = holder()
    secret = with_app(lead)
    browser = signed_in(lead.user, second_factor=False)
    answer = browser.post("/account/confirm/?next=https://evil.example/", {"code": app_code(secret)})
    assert answer["Location"] == "/account/"


# --- The try-out --------------------------------------------------------------------------------------------------


def test_being_someone_in_the_try_out_needs_none(client):
    lead = holder()
    Guide.objects.create(person=lead, position=1, what="Lead", see="Everything.")
    client.post(f"/try-out/sign-in/{lead.pk}/")
    assert client.get(PAGE).status_code == 200
    assert client.get("/account/password/").status_code == 200


def test_one_goes_on_as_somebody_else_in_the_try_out(client):
    for person in (holder(), employed(), holder("director")):
        assert client.post(f"/try-out/sign-in/{person.pk}/")["Location"] == "/"
        assert f"Signed in as </span>{person.name}" in client.get("/").content.decode()


def test_the_mark_of_the_try_out_is_worth_nothing_elsewhere(client, settings):
    lead = holder()
    client.post(f"/try-out/sign-in/{lead.pk}/")
    settings.TRY_OUT = False
    assert path(client.get(PAGE)) == "/account/second-factor/"


# --- Setting one up -----------------------------------------------------------------------------------------------


def set_up_app(browser: Client) -> str:
    page = browser.get("/account/app/").content.decode()
    secret = re.search(r'ac-secret">([A-Z2-7 ]+)<', page)[1].replace(" ", "")
    assert "<svg" in page
    return secret


def test_an_app_is_set_up_from_a_picture_or_a_secret_and_leads_on_over_the_recovery_codes(
    mailoutbox, django_capture_on_commit_callbacks
):
    lead = holder()
    browser = Client()
    by_code(browser, lead, mailoutbox)
    ask = browser.get(f"{PAGE}?q=x")
    browser.get(ask["Location"])
    secret = set_up_app(browser)
    with django_capture_on_commit_callbacks(execute=True):
        answer = browser.post("/account/app/", {"code": app_code(secret)})
    assert answer["Location"] == "/account/recovery-codes/"
    page = browser.get(answer["Location"]).content.decode()
    assert all(code in page for code in recovery_codes(lead))
    assert f'href="{PAGE}?q=x"' in page
    assert browser.get(PAGE).status_code == 200
    assert "partners.app_added" in told()
    assert Authenticator.objects.get(user=lead.user, type="totp").data["secret"] != secret, "it is sealed"


def test_a_wrong_first_code_keeps_the_same_secret(mailoutbox):
    browser = signed_in(holder().user, second_factor=False)
    secret = set_up_app(browser)
    page = browser.post("/account/app/", {"code": "000000"}).content.decode()
    assert "That is not the code" in page
    assert secret in page.replace(" ", "")


def test_recovery_codes_are_shown_once_downloaded_and_made_anew():
    ann = employed()
    browser = signed_in(ann.user)
    secret = set_up_app(browser)
    browser.post("/account/app/", {"code": app_code(secret)})
    file = browser.get("/account/recovery-codes/download/")
    assert "attachment" in file["Content-Disposition"]
    assert all(code in file.content.decode() for code in recovery_codes(ann))
    elsewhere = signed_in(ann.user)
    page = elsewhere.get("/account/recovery-codes/").content.decode()
    assert "You have 10 left." in page
    assert not any(code in page for code in recovery_codes(ann))
    assert elsewhere.get("/account/recovery-codes/download/").status_code == 302
    before = recovery_codes(ann)
    page = elsewhere.post("/account/recovery-codes/", follow=True).content.decode()
    assert not set(before) & set(recovery_codes(ann))
    assert all(code in page for code in recovery_codes(ann))


def test_the_last_one_stays_while_an_access_role_needs_it():
    lead = holder()
    with_app(lead)
    browser = signed_in(lead.user)
    page = browser.post("/account/app/remove/").content.decode()
    assert "Add another first" in page
    assert Authenticator.objects.filter(user=lead.user, type="totp").exists()


def test_a_learner_takes_theirs_away_and_the_recovery_codes_go_too():
    ann = employed()
    with_app(ann)
    browser = signed_in(ann.user)
    assert "It is your only one" in browser.get("/account/app/remove/").content.decode()
    assert Authenticator.objects.filter(user=ann.user).count() == 2, "looking removes nothing"
    browser.post("/account/app/remove/")
    assert not Authenticator.objects.filter(user=ann.user).exists()
    assert "partners.app_removed" in told()


def test_nobody_removes_someone_elses(as_person):
    ann, bob = employed(), employed()
    with_app(bob)
    theirs = Authenticator.objects.create(user=bob.user, type="webauthn", data={"name": "Key"})
    assert as_person(ann).post(f"/account/passkeys/{theirs.pk}/remove/").status_code == 404
    assert as_person(ann).post("/account/app/remove/").status_code == 404
    assert Authenticator.objects.filter(user=bob.user).count() == 3


# --- At the door --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["code", "password"])
def test_whoever_has_one_is_asked_at_the_door_whichever_way_they_come(way, mailoutbox):
    ann = with_password(employed())
    secret = with_app(ann)
    browser = Client()
    answer = by_code(browser, ann, mailoutbox) if way == "code" else by_password(browser, ann)
    assert answer["Location"] == "/sign-in/second-factor/"
    assert not is_signed_in(browser)
    assert browser.get("/bookings/").status_code == 302
    browser.post("/sign-in/second-factor/", {"code": app_code(secret)})
    assert is_signed_in(browser)


def test_a_recovery_code_opens_the_door_once(mailoutbox):
    ann = employed()
    with_app(ann)
    code = recovery_codes(ann)[0]
    for expected in (True, False):
        browser = Client()
        by_code(browser, ann, mailoutbox)
        browser.post("/sign-in/second-factor/", {"code": code})
        assert is_signed_in(browser) is expected


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_code_of_an_app_is_taken_once_however_long_it_would_work(mailoutbox, steps):
    ann = employed()
    code = app_code(with_app(ann), steps)
    for expected in (True, False):
        browser = Client()
        by_code(browser, ann, mailoutbox)
        page = browser.post("/sign-in/second-factor/", {"code": code})
        assert is_signed_in(browser) is expected
        # half a minute later, when allauth has forgotten it
        cache.delete(f"allauth.mfa.totp.used?user={ann.user.pk}&code={code}")
    assert "has been used already" in page.content.decode()


def test_an_account_closed_half_way_gets_no_further(mailoutbox):
    ann = employed()
    secret = with_app(ann)
    browser = Client()
    by_code(browser, ann, mailoutbox)
    type(ann.user).objects.update(is_active=False)
    browser.post("/sign-in/second-factor/", {"code": app_code(secret)})
    assert browser.get("/bookings/").status_code == 302


def test_allauths_own_list_of_addresses_stays_empty(mailoutbox):
    """A leaver's address in it would let them in after it was given to a newcomer."""
    ann = with_password(employed())
    by_code(Client(), ann, mailoutbox)
    by_password(Client(), ann)
    Client().post("/sign-in/forgotten-password/", {"email": ann.email})
    assert not EmailAddress.objects.exists()
