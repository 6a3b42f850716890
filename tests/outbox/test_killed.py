"""Senders at the same time, and a sender that is killed."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection

from courses import emails
from courses.models import Booking
from evaluation.models import FollowUp
from partners import outbox
from partners.models import OutboxMessage
from tests.courses.test_races import together
from tests.factories import LONG_AGO, NOW, CourseFactory, achieved, crowd, planned_run
from tests.outbox.sink import listening

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("reseed")]
State = OutboxMessage.State
HALF = 150


def booking_mails(count: int) -> None:
    run = planned_run(capacity=count)
    for booking in Booking.objects.bulk_create(
        Booking(run=run, person=person, reference=f"T-{person.pk}", state="booked", asked_at=LONG_AGO)
        for person in crowd(count)
    ):
        emails.place_booked(booking, NOW)


def questions(count: int) -> None:
    from evaluation.actions import follow_ups

    course = CourseFactory()
    for person in crowd(count):
        achieved(person, on=(NOW - timedelta(days=92)).date(), course=course)
    follow_ups.plan(NOW)
    follow_ups.send_due(NOW)


def run_due(port: int, at: str) -> subprocess.Popen:
    """The command in a process of its own, against the tests' database and a mail server at that port."""
    database = os.environ["DATABASE_URL"].rpartition("/")[0] + "/" + connection.settings_dict["NAME"]
    environment = {
        **os.environ,
        "DATABASE_URL": database,
        "EMAIL_URL": f"smtp://127.0.0.1:{port}",
        "TRY_OUT": "0",
        "PGOPTIONS": "-c synchronous_commit=off",  # the database outlives the sender here, and disks are slow
    }
    command = [sys.executable, settings.BASE_DIR / "manage.py", "run_due", "--at", at]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def test_two_senders_at_once_send_each_message_once(smtp):
    sink = smtp(seconds=0.002)
    booking_mails(2 * outbox.BATCH + 20)
    done = together(lambda: outbox.send_due(NOW), lambda: outbox.send_due(NOW))
    assert [counts["messages_sent"] > 0 for counts in done] == [True, True], "both had work, or nothing was raced"
    assert not any("messages_left_to_another_sender" in counts for counts in done), "each claimed what was its own"
    assert len(sink.ids) == 2 * outbox.BATCH + 20
    assert set(sink.ids.values()) == {1}


def test_a_slow_sender_leaves_what_another_took_over_meanwhile(smtp):
    """Slow, not dead: while it waits for the server its lease runs out, and the next sender does its work."""
    booking_mails(5)

    def meanwhile(number: int, recipient: str) -> str:
        if number == 1:
            outbox.send_due(NOW + timedelta(minutes=6))
            connection.close()
        return "250 ok"

    sink = smtp(on_rcpt=meanwhile)
    outbox.send_due(NOW)
    assert sorted(sink.ids.values()) == [1, 1, 1, 1, 2], "only the one in flight came twice, under one id"


def test_a_sender_killed_in_the_middle_loses_nobody_and_tells_nobody_twice():
    booking_mails(HALF)
    questions(HALF)
    with listening(seconds=0.004) as sink:
        with run_due(sink.port, "2026-11-23T10:00") as victim:
            deadline = time.monotonic() + 30
            while len(sink.mail) < HALF - 20 and time.monotonic() < deadline:
                time.sleep(0.002)
            os.kill(victim.pid, signal.SIGKILL)
        time.sleep(0.05)  # the server finishes what it was handed
        accepted = len(sink.mail)
        assert HALF - 20 <= accepted < 2 * HALF, "it was killed in the middle"
        held = OutboxMessage.objects.filter(state=State.SENDING).count()
        assert held <= 1, "at most one message is in doubt"
        assert OutboxMessage.objects.filter(state=State.CLAIMED).exists(), "its claim outlived it"

        with run_due(sink.port, "2026-11-23T10:02") as too_soon:  # within the lease: only what nobody had claimed
            too_soon.communicate()
        assert OutboxMessage.objects.filter(state=State.CLAIMED).exists()

        with run_due(sink.port, "2026-11-23T10:06") as second:
            done = json.loads(second.communicate()[0])
    doubtful = OutboxMessage.objects.filter(state=State.DOUBTFUL).count()
    assert done["messages_sent"] > 0
    assert doubtful <= 1
    assert OutboxMessage.objects.exclude(state__in=[State.SENT, State.DOUBTFUL]).count() == 0
    assert len(sink.ids) >= 2 * HALF - doubtful, "nobody is missing"
    assert sum(sink.ids.values()) - len(sink.ids) <= 1, "at most the one in flight came twice"
    assert FollowUp.objects.filter(state=FollowUp.State.SENT).count() == HALF
