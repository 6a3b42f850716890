"""Sensitive steps ask again who one is, lead back to where one was, and lose nothing that was typed."""

from dataclasses import dataclass
from datetime import date
from html import unescape

import pytest
from django.test import Client

from academy.privacy import holds
from academy.privacy.models import Hold
from partners.actions import merges
from partners.models import Grant, Import, Person
from tests.factories import NOW, TODAY, AgencyFactory, employed, holding
from tests.signing.steps import app_code, later, path, with_app
from tests.signing_in import signed_in
from tests.test_architecture import every_pattern
from tests.who_may_world import written

ASKS = {  # every page that asks, its form included
    *("merge", "merge_undo", "import_confirm", "import_undo", "give_access_role", "end_access_role", "act_as"),
    *("reset_second_factor", "new_provider", "provider", "everything", "everything_of", "erase"),
    *("hold_person", "hold_agency", "end_hold", "password", "remove_password", "end_sign_in", "end_other_sign_ins"),
    *("mfa_activate_totp", "mfa_deactivate_totp", "mfa_add_webauthn", "mfa_remove_webauthn"),
    *("mfa_view_recovery_codes", "download_recovery_codes", "link_work_account", "unlink_work_account"),
}


@dataclass
class Step:
    """Something sensitive: who does it, at which address, and what they send."""

    who: Person
    address: str
    data: dict[str, str]


def _merge(lead: Person, administrator: Person, at: object) -> Step:
    ann, twin = employed(), employed()
    return Step(lead, f"/people/{ann.pk}/merge/{twin.pk}/", {"reason": "She says so"})


def _merge_undo(lead: Person, administrator: Person, at: object) -> Step:
    done = merges.merge(kept=employed(), absorbed=employed(), by=lead, at=at, reason="She says so")
    return Step(lead, f"/people/merges/{done.pk}/undo/", {})


def _import_undo(lead: Person, administrator: Person, at: object) -> Step:
    load = Import.objects.create(by=lead, at=at, ended_at=at, file_name="a.csv", file=b"", state="imported")
    return Step(lead, f"/people/import/{load.pk}/undo/", {})


def _give(lead: Person, administrator: Person, at: object) -> Step:
    data = {"access_role": "lead", "from_date": str(TODAY), "reason": "Covers for Bo"}
    return Step(administrator, f"/access-roles/give/{employed().pk}/", data)


def _end(lead: Person, administrator: Person, at: object) -> Step:
    data = {"from_date": str(TODAY), "reason": "Has moved on"}
    return Step(administrator, f"/access-roles/{lead.grants.get().pk}/end/", data)


def _act(lead: Person, administrator: Person, at: object) -> Step:
    return Step(administrator, f"/acting/as/{employed().pk}/", {"reason": "They rang us"})


def _provider(lead: Person, administrator: Person, at: object) -> Step:
    return Step(administrator, "/system/sign-in/new/", {"name": "Larkshire"})


def _own_archive(lead: Person, administrator: Person, at: object) -> Step:
    return Step(employed(), "/privacy/everything/", {})


def _archive(lead: Person, administrator: Person, at: object) -> Step:
    return Step(administrator, f"/system/privacy/people/{employed().pk}/everything/", {"reason": "Asked by letter"})


def _erase(lead: Person, administrator: Person, at: object) -> Step:
    return Step(administrator, f"/system/privacy/people/{employed().pk}/erase/", {"reason": "Asked by letter"})


def _hold(lead: Person, administrator: Person, at: object) -> Step:
    data = {"reason": "A claim", "review_on": "2027-03-01"}
    return Step(administrator, f"/system/privacy/people/{employed().pk}/hold/", data)


def _hold_agency(lead: Person, administrator: Person, at: object) -> Step:
    data = {"reason": "A claim", "review_on": "2027-03-01"}
    return Step(administrator, f"/system/privacy/agencies/{AgencyFactory().pk}/hold/", data)


def _end_hold(lead: Person, administrator: Person, at: object) -> Step:
    held = holds.place(on=employed(), by=administrator, at=at, reason="A claim", review_on=date(2027, 3, 1))
    return Step(administrator, f"/system/privacy/holds/{held.pk}/end/", {})


STEPS = [
    *(_merge, _merge_undo, _import_undo, _give, _end, _act, _provider, _own_archive, _archive, _erase),
    *(_hold, _hold_agency, _end_hold),
]


@pytest.fixture(params=STEPS, ids=lambda make: make.__name__[1:])
def step(request, db, at) -> Step:
    return request.param(holding("lead"), holding("administrator"), at)


def test_every_sensitive_page_and_no_other_asks():
    asking = {pattern.name for _, pattern in every_pattern() if getattr(pattern.callback, "recently_confirmed", False)}
    assert asking == ASKS


def test_ten_minutes_later_the_page_asks_and_leads_back(step):
    secret = with_app(step.who)
    browser = later(signed_in(step.who.user), 11)
    asked = browser.get(step.address)
    assert asked["Location"] == f"/account/confirm/?next={step.address.replace('/', '%2F')}"
    back = browser.post(asked["Location"], {"code": app_code(secret)})
    assert back["Location"] == step.address
    assert browser.get(step.address).status_code == 200


def test_a_form_that_lay_open_for_long_does_nothing_and_gives_back_what_was_typed(step):
    browser = later(signed_in(step.who.user), 41)
    before = written()
    page = browser.post(step.address, step.data | {"csrfmiddlewaretoken": "x"})
    assert (page.status_code, page["Cache-Control"]) == (403, "max-age=0, no-cache, no-store, must-revalidate, private")
    assert written() == before
    text = unescape(page.content.decode())
    assert 'href="/account/confirm/" target="_blank"' in text
    for name, value in step.data.items():
        assert f'name="{name}" value="{value}"' in text


def test_sent_once_more_it_is_done(at):
    step = _give(holding("lead"), holding("administrator"), at)
    secret = with_app(step.who)
    browser = later(signed_in(step.who.user), 41)
    page = browser.post(step.address, step.data)
    typed = dict(page.context["typed"])
    browser.post("/account/confirm/", {"code": app_code(secret)})
    assert browser.post(step.address, typed)["Location"] != "/account/confirm/"
    assert Grant.objects.filter(reason="Covers for Bo").exists()


def test_what_is_typed_within_forty_minutes_is_taken(at):
    step = _hold(holding("lead"), holding("administrator"), at)
    later(signed_in(step.who.user), 39).post(step.address, step.data)
    browser = later(signed_in(step.who.user), 39)
    browser.post(step.address, step.data)
    assert Hold.objects.exists()


@pytest.mark.parametrize("secret", ["password", "client_secret"])
def test_a_secret_stays_in_the_browser(secret):
    address = {"password": "/account/password/", "client_secret": "/system/sign-in/new/"}[secret]
    browser = later(signed_in(holding("administrator").user), 41)
    page = browser.post(address, {"name": "Larkshire", secret: "otter lantern"}).content.decode()
    assert "go back a page with your browser" in page
    assert "otter lantern" not in page
    assert 'name="name"' not in page, "half of a form is not sent"


# --- An import, which is confirmed on the page that shows what it would do --------------------------------------------


def checked(by: Person) -> Import:
    found = {"people_in_file": 1}
    return Import.objects.create(by=by, at=NOW, file_name="a.csv", file=b"", state="checked", findings=found)


def test_the_preview_of_an_import_asks_so_that_its_confirmation_does_not():
    lead = holding("lead")
    load = checked(lead)
    address = f"/people/import/{load.pk}/"
    browser = later(signed_in(lead.user), 11)
    assert path(browser.get(address)) == "/account/confirm/"
    assert later(browser, 35).post(f"{address}confirm/").status_code == 302
    assert Import.objects.get().state == "importing"


def test_an_import_whose_preview_lay_open_for_long_is_not_taken_in():
    lead = holding("lead")
    load = checked(lead)
    browser = later(signed_in(lead.user), 41)
    page = browser.post(f"/people/import/{load.pk}/confirm/", {"leaving": "on"})
    assert 'name="leaving" value="on"' in page.content.decode()
    assert Import.objects.get().state == "checked"


def test_an_import_in_another_state_is_looked_at_freely():
    lead = holding("lead")
    load = checked(lead)
    Import.objects.update(state="refused", notes=["Empty."])
    assert later(signed_in(lead.user), 41).get(f"/people/import/{load.pk}/").status_code == 200


def test_a_page_that_asks_for_how_far_it_is_leads_the_whole_browser_to_confirm():
    """The form on that page posts to its own address, which a part of another page would not have."""
    lead = holding("lead")
    browser = later(signed_in(lead.user), 11)
    answer = browser.get(f"/people/import/{checked(lead).pk}/", headers={"HX-Request": "true"})
    assert answer["HX-Redirect"].startswith("/account/confirm/?next=")


# --- Whoever acts as somebody else ------------------------------------------------------------------------------------


@pytest.fixture
def acting(at) -> Client:
    """An administrator who has been acting as a coordinator for a quarter of an hour."""
    agency = AgencyFactory()
    coordinator = holding("coordinator", agency=agency, scoped=True)
    browser = signed_in(holding("administrator").user)
    browser.post(f"/acting/as/{coordinator.pk}/", {"reason": "They rang us"})
    browser.load = checked(coordinator)
    Import.objects.update(agency=agency)
    return later(browser, 15)


def test_whoever_acts_as_somebody_else_looks_without_being_asked_and_confirms_nothing(acting):
    """Who they are was asked when they began; the other person's proof is not theirs to give."""
    address = f"/people/import/{acting.load.pk}/"
    assert acting.get(address).status_code == 200
    assert acting.post(f"{address}confirm/").status_code == 403
    assert Import.objects.get().state == "checked"
