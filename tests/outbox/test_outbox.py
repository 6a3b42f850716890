"""One outbox, one sender: nothing lost, nothing twice, nobody held up by somebody else's trouble."""

from datetime import timedelta

import pytest
from django.db import transaction

from courses import emails
from courses.actions.bookings import book, give_up
from courses.models import Booking
from evaluation.actions import follow_ups
from evaluation.models import FollowUp
from partners import outbox
from partners.models import OutboxMessage, Person
from tests.factories import NOW, achieved, booked, crowd, employ, employed, planned_run

pytestmark = pytest.mark.django_db
State = OutboxMessage.State
LATER = NOW + timedelta(minutes=6)  # past a lease


def waiting(count: int) -> list[Booking]:
    """So many people who hold a place and are about to be told so."""
    run = planned_run(capacity=count)
    held = [booked(run, person) for person in crowd(count)]
    for booking in held:
        emails.place_booked(booking, NOW)
    return held


def asked(person: Person | None = None) -> OutboxMessage:
    """A follow-up that waits in the outbox."""
    person = person or employed()
    achieved(person, on=(NOW - timedelta(days=92)).date())
    follow_ups.plan(NOW)
    follow_ups.send_due(NOW)
    return OutboxMessage.objects.get(kind="evaluation.follow_up", person=person)


def states() -> list[str]:
    return list(OutboxMessage.objects.order_by("pk").values_list("state", flat=True))


# --- Queueing ----------------------------------------------------------------------------------------------------


def test_a_message_is_queued_with_the_fact_and_vanishes_with_it():
    run, person = planned_run(), employed()
    with transaction.atomic():
        book(run=run, person=person, by=person, at=NOW)
        assert OutboxMessage.objects.count() == 1
        transaction.set_rollback(True)
    assert (Booking.objects.count(), OutboxMessage.objects.count()) == (0, 0)


def test_a_message_is_queued_once_under_its_key():
    booking = booked(planned_run())
    emails.place_booked(booking, NOW)
    emails.place_booked(booking, NOW + timedelta(days=1))
    assert OutboxMessage.objects.get().created_at == NOW


def test_nothing_goes_out_before_it_is_due(smtp):
    sink = smtp()
    outbox.queue(outbox.new("courses.place_booked", key="1", person=employed(), at=NOW, due_at=LATER, booking=0))
    outbox.send_due(NOW)
    assert (sink.mail, states()) == ([], [State.QUEUED])


# --- Sending -----------------------------------------------------------------------------------------------------


def test_a_letter_arrives_as_it_was_meant(smtp):
    sink = smtp()
    person = employed()
    Person.objects.filter(pk=person.pk).update(given_name="Zoë O’Neill & <b>")
    emails.place_booked(booked(planned_run(title="Thresholds & <levels>"), person), NOW)
    assert outbox.send_due(NOW) == {"messages_sent": 1}
    (mail,) = sink.to(person.email)
    assert mail["Subject"] == "Booked: Thresholds & <levels>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "Hello Zoë O’Neill & <b>" in mail.get_body(("plain",)).get_content()
    assert OutboxMessage.objects.get().sent_at == NOW


def test_many_letters_share_one_connection(smtp):
    sink = smtp()
    waiting(120)
    assert outbox.send_due(NOW) == {"messages_sent": 120}
    assert (len(sink.mail), sink.connections) == (120, 1)


def test_running_again_sends_nothing_again(smtp):
    sink = smtp()
    waiting(3)
    outbox.send_due(NOW)
    assert outbox.send_due(NOW + timedelta(days=1)) == {}
    assert set(sink.ids.values()) == {1}


def test_a_message_is_not_sent_when_what_it_says_is_no_longer_so(smtp):
    sink = smtp()
    run, person = planned_run(), employed()
    booking = book(run=run, person=person, by=person, at=NOW)
    give_up(booking=booking, by=person, at=NOW)
    assert outbox.send_due(NOW) == {"messages_skipped": 1, "messages_sent": 1}
    assert [mail["Subject"].split(":")[0] for mail in sink.mail] == ["Place given up"]
    skipped = OutboxMessage.objects.get(state=State.SKIPPED)
    assert skipped.note == "the booking has changed since"


def test_a_question_is_not_sent_to_someone_who_left_meanwhile(smtp):
    sink = smtp()
    message = asked()
    spell = message.person.employments.get()
    spell.versions.update(end_date=NOW.date())
    outbox.send_due(NOW)
    message.refresh_from_db()
    assert (sink.mail, message.state, message.note) == ([], State.SKIPPED, "the person has left")


def test_a_question_is_not_sent_once_it_was_answered(smtp):
    sink = smtp()
    message = asked()
    FollowUp.objects.filter(pk=message.subjects["follow_up"]).update(state=FollowUp.State.ANSWERED)
    outbox.send_due(NOW)
    message.refresh_from_db()
    assert (sink.mail, message.state, message.note) == ([], State.SKIPPED, "the follow-up is answered")


def test_someone_without_an_address_is_skipped_with_a_reason(smtp):
    smtp()
    booking = booked(planned_run())
    Person.objects.update(email="")
    emails.place_booked(booking, NOW)
    outbox.send_due(NOW)
    message = OutboxMessage.objects.get()
    assert (message.state, message.note) == (State.SKIPPED, "no e-mail address")


def test_a_changed_address_is_the_one_that_is_written_to(smtp):
    sink = smtp()
    message = asked()
    employ(message.person)
    Person.objects.filter(pk=message.person_id).update(email="new@trust.example")
    outbox.send_due(NOW)
    assert [mail["To"] for mail in sink.mail] == ["new@trust.example"]


# --- Trouble -----------------------------------------------------------------------------------------------------


def test_refused_now_is_tried_again_later_and_the_others_go_out(smtp):
    sink = smtp(on_rcpt=lambda number, to: "250 ok" if number % 3 else "451 try later")
    waiting(9)
    assert outbox.send_due(NOW) == {"messages_sent": 6, "messages_retried": 3}
    retried = OutboxMessage.objects.filter(state=State.QUEUED)
    assert {message.due_at - NOW for message in retried} == {timedelta(minutes=1)}
    assert {message.note for message in retried} == {"refused: 451"}
    moment = NOW
    while states().count(State.SENT) < 9:
        moment += timedelta(minutes=5)
        outbox.send_due(moment)
    assert len(sink.ids) == 9
    assert set(sink.ids.values()) == {1}


def test_each_try_waits_twice_as_long_and_the_eighth_is_the_last(smtp):
    smtp(on_rcpt=lambda number, to: "451 try later")
    waiting(1)
    moment, waits = NOW, []
    for _ in range(7):
        assert outbox.send_due(moment) == {"messages_retried": 1}
        message = OutboxMessage.objects.get()
        waits.append((message.due_at - moment) // timedelta(minutes=1))
        moment = message.due_at
    assert waits == [1, 2, 4, 8, 16, 32, 64]
    assert outbox.send_due(moment) == {"messages_failed": 1}


def test_an_address_that_does_not_exist_fails_with_a_note_and_the_others_go_out(smtp):
    held = waiting(3)
    gone = held[1].person.email
    sink = smtp(on_rcpt=lambda number, to: "550 no such user" if to == gone else "250 ok")
    assert outbox.send_due(NOW) == {"messages_sent": 2, "messages_failed": 1}
    message = OutboxMessage.objects.get(person=held[1].person)
    assert (message.state, message.note, message.lease_until) == (State.FAILED, "refused: 550", None)
    assert outbox.send_due(NOW + timedelta(days=1)) == {}
    assert sink.connections == 1


def test_a_message_that_is_refused_for_what_it_says_fails_with_a_note_and_is_not_sent_again(smtp):
    waiting(2)
    sink = smtp(on_data=lambda number, to: "554 no thank you" if number == 1 else "250 ok")
    assert outbox.send_due(NOW) == {"messages_sent": 1, "messages_failed": 1}
    assert OutboxMessage.objects.get(state=State.FAILED).note == "refused: 554"
    assert outbox.send_due(NOW + timedelta(days=1)) == {}
    assert len(sink.mail) == 1


def test_a_server_that_hangs_up_is_dialled_again(smtp):
    sink = smtp(on_rcpt=lambda number, to: "" if number == 2 else "250 ok")
    waiting(3)
    assert outbox.send_due(NOW) == {"messages_sent": 2, "messages_retried": 1}
    assert sink.connections == 2
    assert outbox.send_due(LATER) == {"messages_sent": 1}


def test_a_server_that_is_down_costs_nothing_but_time(smtp, settings):
    sink = smtp()
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    waiting(2)
    assert outbox.send_due(NOW) == {"messages_retried": 2}
    settings.EMAIL_PORT = port
    assert outbox.send_due(LATER) == {"messages_sent": 2}
    assert set(sink.ids.values()) == {1}


def test_an_address_that_cannot_be_written_to_holds_nobody_up(smtp):
    sink = smtp()
    held = waiting(3)
    Person.objects.filter(pk=held[0].person_id).update(email="ann@agency.example\nBcc: bob@agency.example")
    done = outbox.send_due(NOW)
    assert (done["messages_sent"], len(sink.mail)) == (2, 2)
    message = OutboxMessage.objects.get(person=held[0].person)
    assert message.state == State.FAILED
    assert message.note


def test_a_message_about_something_that_is_gone_holds_nobody_up(smtp):
    sink = smtp()
    outbox.queue(outbox.new("courses.place_booked", key="0", person=employed(), at=NOW, booking=0))
    outbox.queue(outbox.new("a.kind.of.an.older.version", key="0", person=employed(), at=NOW))
    waiting(1)
    assert outbox.send_due(NOW)["messages_sent"] == 1
    assert len(sink.mail) == 1
    others = OutboxMessage.objects.exclude(state=State.SENT)
    assert {message.state for message in others} <= {State.FAILED, State.SKIPPED}
    assert all(message.note for message in others)


# --- Workers that die --------------------------------------------------------------------------------------------


def held_by_a_dead_worker(message_state: str) -> None:
    OutboxMessage.objects.update(state=message_state, lease_until=NOW + outbox.LEASE)


def test_what_a_dead_worker_had_claimed_goes_out_after_its_lease_and_not_before(smtp):
    sink = smtp()
    waiting(2)
    held_by_a_dead_worker(State.CLAIMED)
    assert outbox.send_due(NOW + outbox.LEASE) == {}
    assert outbox.send_due(LATER) == {"messages_sent": 2}
    assert len(sink.mail) == 2


def test_a_booking_mail_in_doubt_is_sent_again_under_the_same_id(smtp):
    sink = smtp()
    waiting(1)
    outbox.send_due(NOW)
    held_by_a_dead_worker(State.SENDING)  # it died between the server's yes and its own commit
    assert outbox.send_due(LATER) == {"messages_sent": 1}
    assert list(sink.ids.values()) == [2]


def test_a_question_in_doubt_is_marked_and_never_sent_twice(smtp):
    sink = smtp()
    asked()
    held_by_a_dead_worker(State.SENDING)
    assert outbox.send_due(LATER) == {"messages_doubtful": 1}
    assert outbox.send_due(LATER + timedelta(days=1)) == {}
    assert (sink.mail, states()) == ([], [State.DOUBTFUL])


def test_every_kind_says_whether_doubt_means_again():
    surveys = {name for name, kind in outbox._kinds.items() if kind.survey}
    assert surveys == {"evaluation.follow_up", "evaluation.reminder"}
