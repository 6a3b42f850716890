"""Whether the mail server had a message when the talk broke off, and what a time limit may cost."""

import signal
from datetime import timedelta

import pytest
from celery.exceptions import SoftTimeLimitExceeded

from evaluation.actions import follow_ups
from partners import outbox
from partners.actions import work
from partners.models import OutboxMessage, Person
from tests.factories import NOW, TODAY, achieved, booked, employed, planned_run

pytestmark = pytest.mark.django_db
State = OutboxMessage.State


@pytest.fixture
def surveys() -> None:
    """Three follow-ups that are queued."""
    for _ in range(3):
        achieved(employed(), on=TODAY - timedelta(days=92))
    follow_ups.plan(NOW)
    follow_ups.send_due(NOW)


def letters(count: int) -> None:
    """So many messages about places."""
    from courses import emails

    run = planned_run(capacity=count)
    for _ in range(count):
        emails.place_booked(booked(run), NOW)


def test_a_server_that_hangs_up_before_it_has_the_text_was_handed_nothing(smtp, surveys):
    server = smtp(on_rcpt=lambda number, to: "" if number == 2 else "250 ok")
    assert outbox.send_due(NOW) == {"messages_sent": 2, "messages_retried": 1}
    assert outbox.send_due(NOW + timedelta(minutes=2)) == {"messages_sent": 1}
    assert set(server.ids.values()) == {1}


def test_a_survey_that_the_server_may_have_taken_is_never_sent_again_by_itself(smtp, surveys):
    server = smtp(on_data=lambda number, to: "" if number == 2 else "250 ok")
    assert outbox.send_due(NOW) == {"messages_sent": 2, "messages_doubtful": 1}
    assert OutboxMessage.objects.get(state=State.DOUBTFUL).note == "in doubt: SMTPServerDisconnected"
    assert outbox.send_due(NOW + timedelta(days=1)) == {}
    assert set(server.ids.values()) == {1}


def test_what_someone_needs_to_know_is_sent_again_under_the_same_id(smtp):
    letters(3)
    server = smtp(on_data=lambda number, to: "" if number == 2 else "250 ok")
    assert outbox.send_due(NOW) == {"messages_sent": 2, "messages_retried": 1}
    assert outbox.send_due(NOW + timedelta(minutes=2)) == {"messages_sent": 1}
    assert sorted(server.ids.values()) == [1, 1, 2]


def test_an_address_refused_for_good_is_kept_with_the_person_until_a_message_arrives(smtp):
    letters(1)
    server = smtp(on_rcpt=lambda number, to: "550 no such person" if number == 1 else "250 ok")
    assert outbox.send_due(NOW) == {"messages_failed": 1}
    person = OutboxMessage.objects.get().person
    assert person.mail_is_refused
    OutboxMessage.objects.update(state=State.QUEUED)
    assert outbox.send_due(NOW) == {"messages_sent": 1}
    assert not Person.objects.get(pk=person.pk).mail_is_refused
    assert len(server.mail) == 1


def test_a_sender_that_is_refused_fails_nobody(smtp, monkeypatch):
    letters(2)
    smtp()
    monkeypatch.setattr("smtplib.SMTP.mail", lambda self, sender, options=(): (550, b"sender unknown"))
    assert outbox.send_due(NOW) == {"messages_retried": 2}


def test_a_time_limit_that_strikes_while_a_letter_is_rendered_fails_nobody(smtp, monkeypatch):
    smtp()
    letters(3)

    def limit(number, frame):
        raise SoftTimeLimitExceeded

    def slowly(about):
        signal.setitimer(signal.ITIMER_REAL, 0.01)
        signal.pause()

    kind = outbox._kinds["courses.place_booked"]
    monkeypatch.setitem(
        outbox._kinds, "courses.place_booked", outbox.Kind(kind.subject, kind.load, slowly, kind.unwanted, False)
    )
    before = signal.signal(signal.SIGALRM, limit)
    try:
        with pytest.raises(SoftTimeLimitExceeded):
            work.run_all(NOW)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert not OutboxMessage.objects.filter(state=State.FAILED).exists()


def test_a_batch_that_is_claimed_late_in_a_long_dispatch_has_a_whole_lease(smtp, monkeypatch):
    letters(2)
    smtp()
    monkeypatch.setattr(outbox, "BATCH", 1)
    clock = iter(range(0, 10_000, 240))  # each look at it is four minutes after the last
    monkeypatch.setattr(outbox.time, "monotonic", lambda: next(clock))
    leases = []
    take = outbox._take

    def noting(message, talk):
        leases.append(OutboxMessage.objects.get(pk=message.pk).lease_until - NOW)
        return take(message, talk)

    monkeypatch.setattr(outbox, "_take", noting)
    outbox.send_due(NOW)
    assert leases == [timedelta(minutes=9), timedelta(minutes=13)]
