"""The code on the trainer's screen, and those who scan it."""

import re
from datetime import timedelta

import pytest

from academy.lib import clock
from courses.actions import signing_in
from courses.models import Attendance, Booking, Run
from partners.models import AuditEvent
from tests.courses.days import MINUTE
from tests.factories import NOW, booked, employed, holding, planned_run
from tests.signing_in import signed_in
from tests.who_may_world import written

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.fixture
def trainer():
    return employed()


@pytest.fixture
def run(trainer) -> Run:
    """It starts now."""
    return planned_run(starts_at=NOW, trainers=[trainer], title="Thresholds")


def link(run: Run, at=NOW) -> str:
    """What the screen's picture says at that moment, without the site."""
    return f"/here/{signing_in.code(run.sessions.get(), at)}/"


def scan(browser, run: Run, at=NOW):
    with clock.standing_at(at):
        return browser.get(link(run, at), follow=True)


def press(browser, at=NOW):
    with clock.standing_at(at):
        return browser.post("/here/", follow=True)


# --- The screen --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("minutes", "shown"), [(-31, False), (-30, True), (0, True), (359, True), (360, False)])
def test_the_code_is_shown_from_half_an_hour_before_the_session_until_its_end(run, trainer, as_person, minutes, shown):
    address = f"/runs/{run.pk}/register/{run.sessions.get().pk}/code/"
    with clock.standing_at(NOW + minutes * MINUTE):
        page = as_person(trainer).get(address).content.decode()
    assert ("Are you here?" in page) is shown
    assert ("People can sign in to this session from 9:30am" in page) is not shown


def test_the_screen_loads_itself_anew_without_scripts_and_only_its_code_with_them(run, trainer, as_person):
    browser = as_person(trainer)
    address = f"/runs/{run.pk}/register/{run.sessions.get().pk}/code/"
    page = browser.get(address).content.decode()
    assert '<noscript><meta http-equiv="refresh" content="30"></noscript>' in page
    part = browser.get(address, headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith('<div class="ac-code"')
    with clock.standing_at(NOW + 30 * SECOND):
        assert browser.get(address, headers={"HX-Request": "true"}).content.decode() != part


def test_a_closed_run_shows_no_code(run, trainer, as_person):
    Run.objects.filter(pk=run.pk).update(state=Run.State.COMPLETED)
    page = as_person(trainer).get(f"/runs/{run.pk}/register/{run.sessions.get().pk}/code/").content.decode()
    assert "Are you here?" not in page
    assert signing_in.find(signing_in.code(run.sessions.get(), NOW), NOW) is None


# --- Those who scan ----------------------------------------------------------------------------------------------


def test_who_scans_and_presses_is_on_the_register_once(run, as_person):
    booking = booked(run)
    browser = as_person(booking.person)
    assert "I am here" in scan(browser, run).content.decode()
    assert not Attendance.objects.exists()
    for _ in range(2):
        assert "You are on the register" in press(browser).content.decode()
    mark = Attendance.objects.get()
    assert (mark.booking, mark.mark, mark.marked_by, mark.marked_at) == (booking, "present", booking.person, NOW)
    assert AuditEvent.objects.filter(kind="register.signed_in", person=booking.person).count() == 1


@pytest.mark.parametrize(("minutes", "mark"), [(-30, "present"), (15, "present"), (15.1, "late"), (300, "late")])
def test_who_scans_well_after_the_start_came_late(run, as_person, minutes, mark):
    booking = booked(run)
    browser, at = as_person(booking.person), NOW + minutes * MINUTE
    scan(browser, run, at)
    press(browser, at)
    assert Attendance.objects.get().mark == mark


def test_lateness_is_that_of_the_scan_not_of_the_time_it_takes_to_sign_in(run, as_person):
    browser = as_person(booked(run).person)
    scan(browser, run, NOW + 14 * MINUTE)
    press(browser, NOW + 20 * MINUTE)
    assert Attendance.objects.get().mark == "present"


def test_who_is_not_signed_in_signs_in_and_comes_back_to_the_session_after_the_code_has_changed(run, client):
    person = booked(run).person
    page = scan(client, run)
    assert page.redirect_chain[-1][0] == "/sign-in/?next=/here/"
    signed_in(person.user, client=client)
    with clock.standing_at(NOW + 5 * MINUTE):
        assert "I am here" in client.get("/here/").content.decode()
    press(client, NOW + 5 * MINUTE)
    assert Attendance.objects.get().booking.person == person


def test_a_lead_who_comes_as_a_delegate_scans_first_and_shows_the_second_factor_then(run):
    lead = holding("lead")
    booked(run, lead)
    browser = signed_in(lead.user, second_factor=False)
    assert browser.get(link(run)).url == "/here/"
    assert browser.get("/here/").status_code == 302
    assert browser.session["scanned"][0] == run.sessions.get().pk


def test_a_photo_of_the_code_is_of_no_use_a_minute_later(run, as_person):
    browser = as_person(booked(run).person)
    with clock.standing_at(NOW + MINUTE):
        page = browser.get(link(run, NOW))
        assert page.status_code == 404
        assert "That code no longer works" in page.content.decode()
    assert "I am here" not in browser.get("/here/").content.decode()


def test_the_link_in_ones_own_address_bar_is_of_no_use_to_a_colleague(run, as_person):
    scan(as_person(booked(run).person), run)
    colleague = as_person(booked(run).person)
    assert "The code on the trainer’s screen" in colleague.get("/here/").content.decode()
    press(colleague)
    assert not Attendance.objects.exists()


def test_a_scan_is_forgotten_after_a_quarter_of_an_hour(run, as_person):
    browser = as_person(booked(run).person)
    scan(browser, run)
    press(browser, NOW + 15 * MINUTE + SECOND)
    assert not Attendance.objects.exists()


def test_a_code_is_for_its_own_session_only(run, as_person):
    person = booked(run).person
    other = planned_run(starts_at=NOW, title="Neglect")
    browser = as_person(person)
    assert "You have no place on this run" in scan(browser, other).content.decode()
    assert "You have no place on this run" in press(browser).content.decode()
    assert not Attendance.objects.exists()


def test_who_waits_in_the_queue_has_no_place(run, as_person):
    booking = booked(run)
    Booking.objects.filter(pk=booking.pk).update(state="queued", queue_position=1)
    browser = as_person(booking.person)
    scan(browser, run)
    assert "Ask the trainer" in press(browser).content.decode()
    assert not Attendance.objects.exists()


def test_what_the_trainer_has_marked_stays(run, trainer, as_person):
    booking = booked(run)
    Attendance.objects.create(
        booking=booking, session=run.sessions.get(), mark="absent", marked_by=trainer, marked_at=NOW
    )
    browser = as_person(booking.person)
    scan(browser, run)
    assert "Tell them that you are here" in press(browser).content.decode()
    assert Attendance.objects.get().mark == "absent"


def test_opening_the_link_changes_nothing_whoever_opens_it(run, client, as_person):
    delegate = as_person(booked(run).person)
    before = written()
    for browser in (client, delegate):
        for method in (browser.get, browser.head):
            method(link(run), follow=True)
    assert {name: n - before.get(name, 0) for name, n in written().items() if n != before.get(name, 0)} in (
        {},
        {"partners_signin": 1},  # when that browser was last seen
    )


def test_the_code_can_be_typed(run, as_person):
    browser = as_person(booked(run).person)
    shown = signing_in.code(run.sessions.get(), NOW)
    page = browser.get("/here/", {"code": f" {shown[:3].lower()}-{shown[3:]}"}, follow=True).content.decode()
    assert "I am here" in page
    page = browser.get("/here/", {"code": "/../x"}, follow=True)
    assert page.status_code == 404


def test_the_screen_counts_who_is_here_without_names(run, trainer, as_person):
    one, _ = booked(run), booked(run)
    browser = as_person(one.person)
    scan(browser, run)
    press(browser)
    page = as_person(trainer).get(f"/runs/{run.pk}/register/{run.sessions.get().pk}/code/").content.decode()
    assert re.search(r"<strong>1 of 2</strong>", page)
    assert one.person.name not in page.partition("<main")[2]
