"""Seeing the academy as somebody else: for a reason, for a short time, and under both names."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from academy.lib import clock
from partners import audit
from partners.models import AuditEvent, Grant, OutboxMessage, Person, User
from partners.permissions import AccessRole
from tests.factories import (
    NOW,
    TODAY,
    AgencyFactory,
    achieved,
    booked,
    employed,
    holding,
    planned_run,
)

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def sam():
    """An administrator."""
    return _named(holding(AccessRole.ADMINISTRATOR), "Sam", "Reed")


@pytest.fixture
def amira():
    return _named(employed(), "Amira", "Khan")


@pytest.fixture
def acting(sam, amira, as_person):
    """Sam's browser, in which Sam acts as Amira."""
    browser = as_person(sam)
    begin(browser, amira)
    return browser


def _named(person: Person, given: str, family: str) -> Person:
    person.given_name, person.family_name = given, family
    person.save()
    return person


def begin(browser, person: Person, reason: str = "They rang us"):
    return browser.post(f"/acting/as/{person.pk}/", {"reason": reason}, follow=True)


def kinds() -> list[str]:
    return list(AuditEvent.objects.order_by("pk").values_list("kind", flat=True))


def is_amira(browser) -> bool:
    return "see the academy as Amira Khan" in browser.get("/bookings/").content.decode()


def test_an_administrator_sees_what_the_other_sees_under_a_banner_on_every_page(sam, amira, as_person):
    booking = booked(planned_run(title="Neglect"), amira)
    browser = as_person(sam)
    page = begin(browser, amira).content.decode()
    assert "You are Sam Reed, and see the academy as Amira Khan</strong> until 10:30am" in page
    assert "Neglect" in page
    assert "System" not in page
    assert is_amira(browser)
    assert browser.get(f"/bookings/{booking.reference}/").status_code == 200
    assert browser.get("/system/").status_code == 403
    assert browser.session["_auth_user_id"] == str(sam.user.pk)


def test_it_ends_by_the_button_and_start_and_end_are_events(acting, sam, amira):
    page = acting.post("/acting/stop/", follow=True).content.decode()
    assert "You no longer see the academy as Amira Khan." in page
    assert not is_amira(acting)
    begun, ended = AuditEvent.objects.order_by("pk")
    assert (begun.kind, begun.by, begun.person, begun.acting_id) == ("acting.begun", sam, amira, None)
    assert (ended.kind, ended.by, ended.person, ended.acting_id) == ("acting.ended", sam, amira, None)
    assert [line.text for line in audit.told([begun, ended])] == [
        "Sam Reed began to act as Amira Khan, for 30 minutes at most, because “They rang us”.",
        "Sam Reed stopped acting as Amira Khan.",
    ]
    acting.post("/acting/stop/")
    assert len(kinds()) == 2


def test_it_ends_by_signing_out(acting):
    acting.post("/sign-out/")
    assert kinds() == ["acting.begun", "acting.ended"]
    assert acting.get("/bookings/").status_code == 302


@pytest.mark.parametrize(("minutes", "still"), [(29, True), (30, False)])
def test_it_ends_by_itself_after_thirty_minutes_and_says_so_once(acting, minutes, still):
    clock.use(lambda: NOW + minutes * MINUTE)
    assert is_amira(acting) == still
    assert not still or kinds() == ["acting.begun"]
    clock.use(lambda: NOW + timedelta(hours=3))
    assert not is_amira(acting)
    assert not is_amira(acting)
    assert kinds() == ["acting.begun", "acting.ended"]
    assert AuditEvent.objects.get(kind="acting.ended").at == NOW + 30 * MINUTE


def test_it_ends_at_once_with_the_access_role(acting, sam):
    sam.grants.update(to_date=TODAY)
    assert not is_amira(acting)
    assert kinds()[-1] == "acting.ended"


def test_it_ends_at_once_with_the_account_of_either(acting, sam, amira):
    User.objects.filter(person=amira).update(is_active=False)
    assert not is_amira(acting)
    User.objects.filter(person=sam).update(is_active=False)
    assert acting.get("/bookings/").status_code == 302


def test_it_ends_at_once_when_the_other_is_given_a_higher_access_role(acting, amira):
    Grant.objects.create(person=amira, access_role="director", from_date=TODAY, reason="x")
    assert not is_amira(acting)


@pytest.mark.parametrize("reason", ["", "   ", "x" * 201])
def test_a_reason_is_required(sam, amira, as_person, reason):
    browser = as_person(sam)
    page = begin(browser, amira, reason).content.decode()
    assert "There is a problem" in page
    assert not is_amira(browser)


@pytest.mark.parametrize(
    ("theirs", "own", "may"),
    [
        ("lead", None, False),
        ("director", None, False),
        ("administrator", "administrator", False),
        ("coordinator", None, True),
        ("lead", "lead", True),
        ("director", "lead", False),
        ("director of an agency", "director", True),
        ("director", "director of an agency", False),
        ("director of an agency", "director of an agency", False),
    ],
)
def test_nobody_acts_as_someone_with_a_higher_access_role(sam, as_person, theirs, own, may):
    other = employed()
    for person, words in ((other, theirs), (sam, own)):
        role = (words or "").partition(" ")[0]
        agency = AgencyFactory() if words and (" of " in words or role == "coordinator") else None
        if words and not (person == sam and role == "administrator"):
            Grant.objects.create(person=person, access_role=role, agency=agency, from_date=TODAY, reason="x")
    browser = as_person(sam)
    page = begin(browser, other).content.decode()
    assert (f"see the academy as {other.name}</strong>" in page) == may
    assert ("Nobody acts as someone with a higher access role than their own." in page) != may


def test_nobody_acts_as_themselves_or_as_someone_who_cannot_sign_in(sam, amira, as_person):
    browser = as_person(sam)
    assert "as yourself already" in begin(browser, sam).content.decode()
    User.objects.filter(person=amira).update(is_active=False)
    assert "Amira Khan cannot sign in" in begin(browser, amira).content.decode()
    assert kinds() == []


@pytest.mark.parametrize("role", ["lead", "director", "coordinator"])
def test_only_administrators_act(amira, as_person, role):
    browser = as_person(holding(role, scoped=role == "coordinator"))
    assert browser.get(f"/acting/as/{amira.pk}/").status_code == 403
    assert browser.post(f"/acting/as/{amira.pk}/", {"reason": "x"}).status_code == 403
    assert kinds() == []


def test_nobody_acts_as_a_third_while_acting_as_a_second(acting, sam):
    assert acting.post(f"/acting/as/{employed().pk}/", {"reason": "x"}).status_code == 403


def test_what_is_done_meanwhile_carries_both_names_and_mail_goes_to_the_person(acting, sam, amira):
    run = planned_run(title="Neglect")
    acting.post(f"/runs/{run.pk}/book/", {"access_needs": ""})
    event = AuditEvent.objects.get(kind="booking.booked")
    assert (event.by, event.acting, event.person) == (amira, sam, amira)
    assert audit.told([event])[0].text == "Sam Reed, as Amira Khan, booked a place on Neglect, 23 December 2026."
    assert OutboxMessage.objects.get().person == amira
    acting.post("/acting/stop/")
    acting.post(f"/runs/{planned_run().pk}/book/", {"access_needs": ""})
    assert AuditEvent.objects.filter(kind="booking.booked").latest("pk").acting_id is None


def test_nothing_of_it_is_left_for_the_next_request_or_for_what_runs_by_itself(acting, amira):
    acting.get("/bookings/")
    assert audit.hand.get() is None
    audit.record("person.access_needs", by=amira, at=NOW, about=amira, person=amira)
    assert AuditEvent.objects.latest("pk").acting_id is None


def test_what_only_ones_own_hand_may_do_is_refused_in_a_sentence(acting, amira):
    achieved(amira, on=TODAY - timedelta(days=92))
    for answer in (acting.get("/sign-in/"), acting.post("/try-out/clock/", {"days": "7"})):
        assert answer.status_code == 403
        assert "Only Amira Khan can do this. Stop acting as them, and ask them to." in answer.content.decode()


def test_a_view_of_which_nobody_said_anything_is_looked_at_and_no_more(sam, amira, acting, rf, settings):
    """Forgetting to say is harmless: no form is sent and no file is taken away."""
    from django.core.exceptions import PermissionDenied
    from django.http import HttpResponse

    from partners.access import Viewer, requires, signed_in
    from partners.acting import Acting
    from partners.permissions import May

    def asked(view, method: str):
        request = getattr(rf, method)("/")
        request.user = sam.user
        request.viewer = Viewer(amira, Acting(sam, amira, NOW + MINUTE))
        return view(request)

    answers = {
        "a page": HttpResponse("page"),
        "a file": HttpResponse(b"%PDF", content_type="application/pdf"),
        "a page to keep": HttpResponse("page", headers={"Content-Disposition": "attachment"}),
    }
    for declare in (signed_in, requires(May.USE_OWN_RECORD)):
        assert asked(declare(lambda request: answers["a page"]), "get").status_code == 200
        for what in ("a file", "a page to keep"):
            with pytest.raises(PermissionDenied, match="take this file"):
                asked(declare(lambda request, what=what: answers[what]), "get")
        for method in ("post", "put", "delete"):
            done = []
            with pytest.raises(PermissionDenied, match="can do this"):
                asked(declare(lambda request, done=done: done.append(1)), method)
            assert done == []


def test_those_who_act_as_nobody_pay_nothing_for_it(as_person, amira, acting):
    counts = []
    for browser in (acting, as_person(amira)):
        with CaptureQueriesContext(connection) as queries:
            browser.get("/courses/")
        counts.append(len(queries))
    assert counts[0] > counts[1] == 5


def test_a_register_can_be_taken_for_a_trainer_and_is_not_closed_for_one(sam, as_person):
    trainer = employed()
    run = planned_run(starts_at=NOW - timedelta(days=1), trainers=[trainer])
    held = booked(run)
    browser = as_person(sam)
    begin(browser, trainer)
    browser.post(f"/runs/{run.pk}/register/{run.sessions.get().pk}/", {f"mark-{held.pk}": "present"})
    assert held.attendances.get().mark == "present"
    assert browser.post(f"/runs/{run.pk}/close/").status_code == 403
    run.refresh_from_db()
    assert run.state == "published"
