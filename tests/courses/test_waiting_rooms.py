"""Sessions online: the waiting room before, the way in, and the recording afterwards."""

from datetime import timedelta

import pytest

from academy.lib import clock
from courses.models import Booking, Run
from partners import outbox
from tests.courses.steps import told
from tests.factories import NOW, booked, employed, holding, planned_run

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
LINK, RECORDING = "https://meet.example/neglect", "https://video.example/neglect"


@pytest.fixture
def run() -> Run:
    run = planned_run(starts_at=NOW + 48 * HOUR, kind="event", trainers=[employed()], title="An evening with speakers")
    run.sessions.update(join_url=LINK)
    return run


def page(browser, run: Run, at=NOW):
    with clock.standing_at(at):
        return browser.get(f"/sessions/{run.sessions.get().pk}/join/")


def test_before_the_doors_open_the_page_says_when_and_not_where(as_person, run):
    answer = page(as_person(booked(run).person), run)
    assert "The doors open on <strong>Tuesday 24 November 2026 at 10am" in answer.text
    assert LINK not in answer.text
    assert "Refresh" not in answer.headers  # a day is too long to wait in front of it


def test_shortly_before_it_looks_again_by_itself_as_the_doors_open(as_person, run):
    answer = page(as_person(booked(run).person), run, NOW + 24 * HOUR - timedelta(minutes=10))
    assert answer.headers["Refresh"] == "601"


def test_where_the_link_is_late_it_looks_again_every_minute(as_person, run):
    run.sessions.update(join_url="")
    answer = page(as_person(booked(run).person), run, NOW + 25 * HOUR)
    assert "The link is not here yet" in answer.text
    assert answer.headers["Refresh"] == "60"


def test_then_a_button_leads_in_and_the_page_stays(as_person, run):
    for person in (booked(run).person, run.trainers.get(), holding("lead")):
        answer = page(as_person(person), run, NOW + 25 * HOUR)
        assert f'href="{LINK}"' in answer.text
        assert "Refresh" not in answer.headers


@pytest.mark.parametrize("gone", ["queued", "given_up", "cancelled"])
def test_nobody_else_finds_it(as_person, run, gone):
    waits = booked(run)
    Booking.objects.filter(pk=waits.pk).update(state=gone, queue_position=1 if gone == "queued" else None)
    for person in (waits.person, employed(), holding("director")):
        assert page(as_person(person), run, NOW + 25 * HOUR).status_code == 404


def test_a_cancelled_run_has_no_waiting_room(as_person, run):
    person = booked(run).person
    Run.objects.filter(pk=run.pk).update(state=Run.State.CANCELLED)
    assert page(as_person(person), run).status_code == 404


def add(browser, run: Run, url: str = RECORDING, at=NOW + 72 * HOUR):
    with clock.standing_at(at):
        return browser.post(f"/runs/{run.pk}/recording/", {"url": url})


def test_the_trainer_adds_the_recording_and_those_who_were_booked_are_told_once(as_person, run, mailoutbox):
    person, gone = booked(run).person, booked(run)
    Booking.objects.filter(pk=gone.pk).update(state="given_up")
    trainer = as_person(run.trainers.get())
    add(trainer, run)
    add(trainer, run, RECORDING + "-better")
    assert told(person) == ["recording_added"]
    assert told(gone.person) == []
    assert f"{RECORDING}-better" in page(as_person(person), run, NOW + 72 * HOUR).text
    outbox.send_due(NOW + 72 * HOUR)
    (mail,) = mailoutbox
    assert f"/bookings/{Booking.objects.get(person=person).reference}/" in mail.body


def test_no_recording_before_the_end_nor_of_what_is_not_an_address(as_person, run):
    trainer = as_person(run.trainers.get())
    assert "once the run has ended" in add(trainer, run, at=NOW).text
    answer = add(trainer, run, "javascript:alert(1)").text
    assert "Enter a link like" in answer
    assert "javascript:alert(1)" in answer
    run.refresh_from_db()
    assert run.recording_url == ""


def test_only_those_who_keep_the_run_add_a_recording(as_person, run):
    for person in (booked(run).person, employed(), holding("director")):
        assert add(as_person(person), run).status_code == 404
