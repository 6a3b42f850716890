"""What an administrator sees of how the academy runs, and what a load balancer and a log may know."""

import json
import logging
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from academy import readiness
from academy.lib import registry
from academy.logs import JsonLines
from partners.actions import work
from partners.models import AuditEvent, OutboxMessage, Person, Work
from partners.permissions import AccessRole
from tests.factories import NOW, TODAY, AgencyFactory, achieved, employed, holding

pytestmark = pytest.mark.django_db
State = OutboxMessage.State


@pytest.fixture
def administrator():
    return holding(AccessRole.ADMINISTRATOR)


def a_message(state: str, person: Person | None = None, **facts) -> OutboxMessage:
    facts = {"due_at": NOW - timedelta(minutes=12), "created_at": NOW - timedelta(hours=1)} | facts
    key = f"k-{OutboxMessage.objects.count()}"
    return OutboxMessage.objects.create(
        kind="courses.place_booked", key=key, person=person or employed(), state=state, **facts
    )


@pytest.fixture
def broken(monkeypatch):
    """Some work that always ends in a fault, before everything else."""
    item = registry.Due(1, "Break", lambda at: 1 // 0)
    monkeypatch.setattr(registry, "_due", [item, *registry._due])


def test_what_ends_in_a_fault_keeps_nothing_else_from_being_done(broken, caplog):
    achieved(employed(), on=TODAY - timedelta(days=92))
    done = work.run_all(NOW)
    assert done["faults"] == 1
    assert done["follow_ups_planned"] == 3
    assert Work.objects.get(what="Break").fault == "ZeroDivisionError"
    assert "Break ended in a fault" in caplog.text


def test_a_fault_is_forgotten_once_the_work_goes_well(broken, monkeypatch):
    work.run_all(NOW)
    monkeypatch.setattr(registry, "_due", [registry.Due(1, "Break", lambda at: {})])
    work.run_all(NOW + timedelta(seconds=5))
    assert Work.objects.get(what="Break").fault == ""


def test_the_page_says_what_ran_when_and_what_it_did(administrator, as_person):
    achieved(employed(), on=TODAY - timedelta(days=92))
    work.run_all(NOW - timedelta(seconds=4))
    page = as_person(administrator).get("/system/").content.decode()
    assert "4 seconds ago" in page
    assert "3 follow ups planned" in page
    assert "It looks every few seconds." in page


@pytest.mark.parametrize(("minutes", "said"), [(4, "well"), (6, "late")])
def test_a_worker_that_has_not_looked_for_work_for_five_minutes_is_late(administrator, as_person, minutes, said):
    work.run_all(NOW - timedelta(minutes=minutes))
    assert Client().get("/health/ready/").json()["worker"] == said
    page = as_person(administrator).get("/system/").content.decode()
    assert ("It looks every few seconds." in page) is (said == "well")


def test_the_page_says_when_nothing_has_run_for_long(administrator, as_person):
    browser = as_person(administrator)
    assert "Start a worker and a scheduler." in browser.get("/system/").content.decode()
    work.run_all(NOW - timedelta(hours=3))
    page = browser.get("/system/").content.decode()
    assert "3 hours ago" in page
    assert "Late: do the worker and the scheduler run?" in page


def test_the_page_counts_messages_by_what_became_of_them(administrator, as_person):
    a_message(State.QUEUED)
    a_message(State.QUEUED, due_at=NOW + timedelta(days=1))
    a_message(State.SENT, sent_at=NOW - timedelta(hours=2))
    a_message(State.SENT, sent_at=NOW - timedelta(days=2))
    a_message(State.FAILED)
    a_message(State.DOUBTFUL)
    page = as_person(administrator).get("/system/")
    assert [tile.number for tile in page.context["tiles"]][1:] == ["1", "1", "2"]
    assert "1 failed, 1 may have arrived" in page.content.decode()
    assert "The oldest was due 12 minutes ago." in page.content.decode()


def test_the_page_offers_every_message_that_needs_a_decision_and_no_other(administrator, as_person):
    made = {state: a_message(state) for state in State}
    page = as_person(administrator).get("/system/").content.decode()
    offered = {state for state, message in made.items() if f"/system/messages/{message.pk}/send-again/" in page}
    assert offered == {State.FAILED, State.DOUBTFUL}


@pytest.mark.parametrize("state", [State.FAILED, State.DOUBTFUL])
def test_a_message_is_sent_again_when_an_administrator_says_so(administrator, as_person, state):
    message = a_message(state, note="refused: 550", attempts=8)
    page = as_person(administrator).post(f"/system/messages/{message.pk}/send-again/", follow=True)
    message.refresh_from_db()
    assert (message.state, message.attempts, message.due_at) == (State.QUEUED, 0, NOW)
    assert "will be sent again" in page.content.decode()
    assert AuditEvent.objects.get(kind="message.sent_again").by == administrator


@pytest.mark.parametrize("state", [State.SENT, State.QUEUED, State.SENDING, State.SKIPPED])
def test_a_message_that_needs_no_decision_is_left_alone(administrator, as_person, state):
    message = a_message(state)
    page = as_person(administrator).post(f"/system/messages/{message.pk}/send-again/", follow=True)
    message.refresh_from_db()
    assert message.state == state
    assert "dealt with this message already" in page.content.decode()


@pytest.mark.parametrize("role", [role for role in AccessRole if role in ("lead", "director", "coordinator")])
def test_nobody_else_sees_the_page_or_sends_anything(as_person, role):
    message = a_message(State.FAILED)
    other = as_person(holding(role, scoped=role == "coordinator"))
    assert other.get("/system/").status_code == 403
    assert other.post(f"/system/messages/{message.pk}/send-again/").status_code == 403
    message.refresh_from_db()
    assert message.state == State.FAILED


def test_the_page_takes_as_many_queries_for_three_messages_as_for_one(administrator, as_person):
    from django.test.utils import CaptureQueriesContext

    browser = as_person(administrator)
    counts = []
    for more in (1, 2):
        for _ in range(more):
            a_message(State.FAILED)
        with CaptureQueriesContext(connection) as queries:
            browser.get("/system/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_coordinators_are_told_of_their_people_whose_mail_is_refused(as_person):
    coordinator = holding("coordinator", scoped=True)
    agency = coordinator.employments.get().agency
    lost, fine, elsewhere = employed(agency=agency), employed(agency=agency), employed(agency=AgencyFactory())
    for person in (lost, elsewhere):
        Person.objects.filter(pk=person.pk).update(email_refused=person.email)
    browser = as_person(coordinator)
    assert "Put right the e-mail address of 1 person whose mail is refused" in browser.get("/").content.decode()
    page = browser.get("/people/?refused=1").content.decode()
    assert lost.name in page
    assert "Mail is refused" in page
    assert fine.name not in page
    Person.objects.filter(pk=lost.pk).update(email="new@larkshire.example")
    assert "Put right" not in browser.get("/").content.decode()


# --- For machines ------------------------------------------------------------------------------------------------


def test_readiness_is_well_when_every_part_is(broker, settings, monkeypatch):
    monkeypatch.setattr("celery.current_app.conf.broker_url", broker)
    work.run_all(NOW)
    answer = Client().get("/health/ready/")
    assert answer.status_code == 200
    assert answer.json() == dict.fromkeys(["status", "database", "migrations", "worker", "broker"], "well")


def test_without_a_broker_or_a_worker_people_still_book(monkeypatch, tmp_path):
    monkeypatch.setattr("celery.current_app.conf.broker_url", f"redis+socket://{tmp_path}/none.sock")
    answer = Client().get("/health/ready/")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "degraded", "database": "well", "migrations": "well", "worker": "late", "broker": "down"
    }  # fmt: skip


def test_a_missing_migration_takes_this_process_out(monkeypatch):
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM django_migrations WHERE app = 'evaluation'"
            " AND name = (SELECT max(name) FROM django_migrations WHERE app = 'evaluation')"
        )
    answer = Client().get("/health/ready/")
    assert answer.status_code == 503
    assert answer.json()["migrations"] == "missing"


def test_without_a_database_this_process_is_out_and_still_alive(monkeypatch):
    from django.db import OperationalError

    def fail():
        raise OperationalError("gone")

    monkeypatch.setattr(readiness, "_migrations", fail)
    answer = Client().get("/health/ready/")
    assert (answer.status_code, answer.json()) == (503, {"status": "down", "database": "down"})
    assert Client().get("/health/").status_code == 200


def test_no_statement_is_compiled_before_it_runs():
    """PostgreSQL would take seconds for it where it reckons a statement dear, at county scale."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW jit")
        assert cursor.fetchone() == ("off",)


def test_the_scheduler_runs_without_django_and_knows_the_tick():
    script = (
        "import sys; from academy.scheduler import app; schedule = app.conf.beat_schedule;"
        "print(schedule['tick']['task'], 'django.apps' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=settings.BASE_DIR, capture_output=True, text=True)
    assert done.stdout.split() == ["academy.tasks.tick", "False"], done.stderr


def lines(caplog) -> list[dict]:
    return [json.loads(JsonLines().format(record)) for record in caplog.records]


def test_a_request_is_logged_by_its_route_and_never_by_what_its_address_holds(caplog):
    with caplog.at_level(logging.INFO):
        Client().get("/follow-ups/12.SECRET/?name=Ada+Lovelace")
    text = json.dumps(lines(caplog))
    assert "follow-ups/<str:token>/" in text
    assert "SECRET" not in text
    assert "Ada" not in text


def test_a_fault_is_logged_by_kind_and_place_and_never_in_its_own_words(caplog):
    try:
        raise ValueError("ada@larkshire.example is not a number")
    except ValueError:
        logging.getLogger("academy").exception("Import ended in a fault")
    [line] = lines(caplog)
    assert (line["fault"], line["event"], line["level"]) == ("ValueError", "Import ended in a fault", "ERROR")
    assert "test_system.py" in line["where"][0]
    assert "ada@" not in json.dumps(line)


def test_someone_kept_out_is_one_line_without_a_traceback(as_person, caplog):
    with caplog.at_level(logging.INFO):
        as_person(employed()).get("/system/")
    refused = [line for line in lines(caplog) if line.get("status") == 403]
    assert refused
    assert all("where" not in line for line in refused)
