"""A second factor that somebody lost: who takes it away, what goes with it, and whose nobody can."""

from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.test import Client

from partners.actions import lost_factors
from partners.models import AuditEvent, OutboxMessage, Person
from tests.factories import employed, holding
from tests.signing.passkey import with_passkey
from tests.signing.steps import by_code, is_signed_in, path, with_app
from tests.signing_in import signed_in

WHY = "Rang back on the number that HR has"


def address(person: Person) -> str:
    return f"/access-roles/second-factor/{person.pk}/reset/"


def has_one(person: Person) -> bool:
    return Authenticator.objects.filter(user__person=person).exists()


def is_told(person: Person) -> bool:
    return OutboxMessage.objects.filter(kind="partners.second_factor_reset", person=person).exists()


def signs_in(person: Person, mailoutbox) -> Client:
    """A browser in which they came in by a code from a mail, up to where a second factor is asked for."""
    browser = Client()
    by_code(browser, person, mailoutbox)
    return browser


def test_an_administrator_takes_away_what_somebody_lost_and_they_come_in_and_set_one_up_anew(as_person, mailoutbox):
    lead, administrator = holding("lead"), holding("administrator")
    with_app(lead)
    with_passkey(lead, "Blue key")
    page = as_person(administrator).get(address(lead)).content.decode()
    assert f"told by e-mail at {lead.email}" in page
    answer = as_person(administrator).post(address(lead), {"reason": WHY}, follow=True)
    assert f"{lead.name}’s second factor is reset" in answer.content.decode()
    assert not has_one(lead)
    assert is_told(lead)
    event = AuditEvent.objects.get(kind="second_factor.reset")
    assert (event.by, event.person, event.details["reason"]) == (administrator, lead, WHY)
    mine = signs_in(lead, mailoutbox)
    assert is_signed_in(mine)
    assert path(mine.get("/people/")) == "/account/second-factor/"


def test_whoever_found_the_phone_is_signed_out_at_once(mailoutbox, at):
    ann = employed()
    browser = signs_in(ann, mailoutbox)
    assert browser.get("/bookings/").status_code == 200
    with_app(ann)
    lost_factors.reset(person=ann, by=holding("administrator"), at=at, reason=WHY)
    assert browser.get("/bookings/").status_code == 302
    assert not ann.user.sign_ins.exists()


def test_nobody_resets_their_own(as_person, at):
    administrator = holding("administrator")
    with_app(administrator)
    browser = as_person(administrator)
    assert "Nobody resets their own" in browser.get(address(administrator)).content.decode()
    assert "Nobody resets their own" in browser.post(address(administrator), {"reason": WHY}).content.decode()
    with pytest.raises(lost_factors.ResetRefused):
        lost_factors.reset(person=administrator, by=administrator, at=at, reason=WHY)
    assert has_one(administrator)


def test_it_is_not_done_without_saying_how_the_person_is_known(as_person):
    ann = employed()
    with_app(ann)
    browser = as_person(holding("administrator"))
    assert "Say how you know" in browser.post(address(ann), {"reason": " "}).content.decode()
    page = browser.post(address(ann), {"reason": "x" * 201}).content.decode()
    assert "200 characters or fewer" in page
    assert "x" * 201 in page
    assert has_one(ann)


@pytest.mark.parametrize("role", ["lead", "director", "coordinator"])
def test_nobody_but_an_administrator_does_it(as_person, role):
    ann = employed()
    with_app(ann)
    browser = as_person(holding(role, scoped=role == "coordinator"))
    assert browser.post(address(ann), {"reason": WHY}).status_code == 403
    assert has_one(ann)


def test_there_is_nothing_to_take_away_from_who_has_none_or_cannot_sign_in(as_person):
    browser, ann, gone = as_person(holding("administrator")), employed(), employed()
    with_app(gone)
    type(gone.user).objects.filter(pk=gone.user.pk).update(is_active=False)
    assert "has no second factor" in browser.post(address(ann), {"reason": WHY}).content.decode()
    assert "cannot sign in" in browser.post(address(gone), {"reason": WHY}).content.decode()
    assert not AuditEvent.objects.filter(kind="second_factor.reset").exists()


def test_an_administrator_at_an_unlocked_computer_is_asked_first():
    ann, administrator = employed(), holding("administrator")
    with_app(ann)
    with_app(administrator)
    browser = signed_in(administrator.user)
    session = browser.session
    session["account_authentication_methods"] = [{"method": "mfa", "type": "totp", "at": 1}]
    session.save()
    assert path(browser.get(address(ann))) == "/account/confirm/"
    assert browser.post(address(ann), {"reason": WHY}).status_code == 403
    assert has_one(ann)


def test_an_operator_does_the_same_by_a_command():
    lead = holding("lead")
    with_app(lead)
    call_command("reset_second_factor", lead.email, reason=WHY, stdout=StringIO())
    assert not has_one(lead)
    event = AuditEvent.objects.get(kind="second_factor.reset")
    assert (event.by, event.person, event.details["reason"]) == (None, lead, WHY)
    assert is_told(lead)
    with pytest.raises(CommandError, match="has no second factor"):
        call_command("reset_second_factor", lead.email, reason=WHY, stdout=StringIO())
    with pytest.raises(CommandError, match="Nobody signs in as"):
        call_command("reset_second_factor", "nobody@example.org", reason=WHY, stdout=StringIO())


def test_it_is_found_from_where_a_person_is_looked_for_and_from_their_access_role(as_person):
    lead, browser = holding("lead"), as_person(holding("administrator"))
    pages = (f"/access-roles/find/?q={lead.family_name}", f"/access-roles/{lead.grants.get().pk}/")
    assert not any(address(lead) in browser.get(page).content.decode() for page in pages), "there is none to lose"
    with_app(lead)
    assert all(address(lead) in browser.get(page).content.decode() for page in pages)
