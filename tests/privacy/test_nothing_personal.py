"""No name, address or number in logs, error pages, task messages, addresses of pages or caches."""

import inspect
import json
import logging
import re

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from academy import tasks
from academy.celery import app
from academy.logs import JsonLines
from academy.privacy import retention
from courses.actions.bookings import book
from courses.models import Booking, Run
from partners.actions import work
from partners.models import AuditEvent, Person
from tests.factories import NOW, TODAY, achieved, booked, employed, holding, planned_run
from tests.privacy.someone import EMAIL, FAMILY, GIVEN, NEEDS, NUMBER, SWE, zephyrine
from tests.test_architecture import every_pattern

pytestmark = pytest.mark.django_db
MARKS = [GIVEN, "Quillfeather", EMAIL, SWE, NUMBER, "no nuts"]


def marked(text: str) -> list[str]:
    return [mark for mark in MARKS if mark.casefold() in text.casefold()]


@pytest.fixture
def logged(caplog):
    """What has gone into the log so far, as its lines are written, at the most talkative level."""
    caplog.set_level(logging.DEBUG)
    caplog.handler.setFormatter(JsonLines())

    def text() -> str:
        return "\n".join(JsonLines().format(record) for record in caplog.records if record.name != "faker")

    return text


@pytest.fixture
def someone():
    return zephyrine()


def everyone(someone, as_person) -> list[Client]:
    """Browsers of everyone who may see something of hers, her own first."""
    roles = [holding("administrator"), holding("lead"), holding("director"), someone.manager]
    return [as_person(person) for person in (someone.person, *roles)]


def filled(route: str, someone) -> str:
    """A page's address with what is hers in it, where it asks for something."""
    run = someone.follow_up.achievement.run
    values = {
        "reference": run.bookings.get().reference,
        "number": someone.certificate.number,
        "token": someone.open_follow_up.token,
        "session_pk": str(run.sessions.get().pk),
    }
    pk = someone.person.pk if "privacy/people" in route else run.pk
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(values.get(found[1], pk)), route)


def visit_everything(someone, as_person) -> None:
    """Every page, opened and sent, with her marks typed into every field."""
    typed = dict.fromkeys(
        ["q", "reason", "email", "number", "access_needs", "code", "to", "review_on"], f"{GIVEN} {EMAIL}"
    )
    for browser in everyone(someone, as_person):
        browser.raise_request_exception = False
        for route, pattern in every_pattern():
            if pattern.name not in ("account_logout", "tryout_sign_in"):
                browser.get(filled(route, someone))
                browser.post(filled(route, someone), typed)


def test_the_marks_are_on_pages_so_that_there_is_something_to_find(someone, as_person):
    assert marked(as_person(someone.person).get("/").content.decode())


def test_no_page_opened_or_sent_leaves_a_mark_in_the_log(someone, as_person, logged):
    visit_everything(someone, as_person)
    assert '"status": 200' in logged()
    assert marked(without_sql(logged())) == []


def without_sql(text: str) -> str:
    """Django's record of queries is written only with DEBUG, which production refuses."""
    return "\n".join(line for line in text.splitlines() if '"from": "django.db.backends' not in line)


@pytest.mark.parametrize("address", ["/bookings/", "/people/", "/runs/{run}/register/", "/courses/?q={mark}"])
def test_a_fault_on_a_page_shows_and_logs_no_mark(someone, as_person, logged, monkeypatch, address):
    def fail(*args, **kwargs):
        raise ValueError(f"{GIVEN} {FAMILY} <{EMAIL}> {NEEDS}")

    browser = as_person(holding("lead"))
    browser.raise_request_exception = False
    run = planned_run()
    booked(run, someone.person)
    monkeypatch.setattr("academy.lib.pages.Paginator", fail)
    monkeypatch.setattr("courses.actions.registers.missing_marks", fail)
    page = browser.get(address.format(run=run.pk, mark=GIVEN))
    assert page.status_code == 500
    assert marked(page.content.decode()) == []
    assert '"fault": "ValueError"' in logged()
    assert marked(without_sql(logged())) == []


@pytest.mark.parametrize("status", [400, 403, 404])
def test_pages_that_refuse_say_nothing_of_anyone(someone, as_person, status):
    address = {400: "/courses/?" + "a&" * 1001, 403: "/system/privacy/", 404: f"/system/privacy/people/{9**9}/"}[status]
    browser = as_person(employed() if status == 403 else holding("administrator"))
    response = browser.get(address)
    assert response.status_code == status
    assert marked(response.content.decode()) == []


def test_what_falls_due_leaves_no_mark_in_the_log_even_in_a_fault(someone, logged, monkeypatch):
    achieved(someone.person, on=TODAY.replace(month=8))
    work.run_all(NOW)
    monkeypatch.setattr("partners.outbox._email", lambda *args: (_ for _ in ()).throw(ValueError(EMAIL)))
    booking = book(run=planned_run(), person=someone.person, by=someone.person, at=NOW)
    work.run_all(NOW)
    assert "cannot be rendered: ValueError" in logged()
    Booking.objects.filter(pk=booking.pk).update(state="given_up")
    monkeypatch.setattr("academy.privacy.erasing._erase", lambda *a, **k: (_ for _ in ()).throw(ValueError(EMAIL)))
    someone.person.employments.get().versions.update(end_date=TODAY.replace(year=2019))
    retention.run(NOW)
    assert "ended in a fault: ValueError" in logged()
    assert marked(without_sql(logged())) == []


def test_tasks_carry_no_arguments_at_all():
    """What is due is asked of the database, so the broker holds a name of a task and nothing else."""
    ours = {name: task for name, task in app.tasks.items() if not name.startswith("celery.")}
    assert ours.keys() == {"academy.tasks.tick"}
    assert not inspect.signature(tasks.tick.run).parameters
    assert all(not entry.get("args") and not entry.get("kwargs") for entry in app.conf.beat_schedule.values())


def test_no_link_on_any_page_carries_a_mark(someone, as_person):
    found = []
    for browser in everyone(someone, as_person):
        browser.raise_request_exception = False
        for route, _ in every_pattern():
            if route.startswith("/try-out/"):  # whose invented mail is listed by address
                continue
            response = browser.get(filled(route, someone))
            if response.get("Content-Type", "").startswith("text/html"):
                links = re.findall(r'(?:href|action|src)="([^"]*)"', response.content.decode())
                found += [link for link in links if marked(link)]
            found += [response.url for _ in "1" if response.status_code == 302 and marked(response.url)]
    assert found == []


def test_pages_of_privacy_are_kept_by_no_cache(someone, as_person):
    browser = as_person(holding("administrator"))
    for route, pattern in every_pattern():
        if pattern.name in ("privacy_desk", "privacy_person", "erase", "everything_of", "hold_person", "everything"):
            assert "no-store" in browser.get(filled(route, someone))["Cache-Control"], route


def test_audit_events_and_sessions_of_these_pages_hold_no_name(someone, as_person):
    AuditEvent.objects.all().delete()
    browser = as_person(holding("administrator"))
    base = f"/system/privacy/people/{someone.person.pk}"
    browser.post("/system/privacy/", {"q": GIVEN})
    browser.post(f"{base}/everything/", {"reason": "by letter"})
    browser.post(f"{base}/hold/", {"reason": "a claim", "review_on": "2027-03-31"})
    browser.get(f"{base}/erase/")
    kept = json.dumps([*AuditEvent.objects.values("kind", "details", "object_type")])
    kept += json.dumps([session.get_decoded() for session in Session.objects.all()][-1:])
    assert AuditEvent.objects.count() == 2
    assert marked(kept) == []
    assert Person.objects.get(pk=someone.person.pk).given_name == GIVEN
    assert Run.objects.exists()
