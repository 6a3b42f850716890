"""What trainers write to those who hold a place."""

from uuid import uuid4

import pytest
from django.core import mail

from courses.models import Booking, RunMessage
from partners import outbox
from partners.models import AuditEvent, OutboxMessage
from tests.factories import NOW, booked, employed, planned_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def trainer():
    return employed()


def send(browser, run, text: str = "Bring a <pen> & paper.", **more) -> str:
    sent = {"text": text, "token": uuid4()} | more
    return browser.post(f"/runs/{run.pk}/message/", sent, follow=True).content.decode()


def test_one_sees_to_how_many_it_goes_before_it_is_sent(trainer, as_person):
    run = planned_run(trainers=[trainer])
    booked(run), booked(run)
    told = send(as_person(trainer), run)
    assert "It goes by e-mail to the 2 people who hold a place" in told
    assert "Bring a &lt;pen&gt; &amp; paper." in told
    assert "Send to 2 people" in told
    assert not RunMessage.objects.exists()
    assert "Write to everybody booked" in send(as_person(trainer), run, again="1")


def test_everybody_who_holds_a_place_and_nobody_else_is_told_once(trainer, as_person):
    run = planned_run(trainers=[trainer], title="Thresholds")
    one, two, queued, gone = booked(run), booked(run), booked(run), booked(run)
    Booking.objects.filter(pk=queued.pk).update(state="queued", queue_position=1)
    Booking.objects.filter(pk=gone.pk).update(state="given_up")
    token = uuid4()
    for _ in range(2):
        told = send(as_person(trainer), run, token=token, confirmed="1")
        assert "Your message goes to 2 people." in told
    outbox.send_due(NOW)
    assert sorted(letter.to[0] for letter in mail.outbox) == sorted([one.person.email, two.person.email])
    letter = mail.outbox[0]
    assert letter.subject == "About Thresholds"
    assert f"{trainer.name} writes" in letter.body
    assert "Bring a <pen> & paper." in letter.body
    assert (OutboxMessage.objects.count(), AuditEvent.objects.filter(kind="run.message").count()) == (2, 1)


def test_an_empty_or_endless_message_is_not_sent_and_not_lost(trainer, as_person):
    run = planned_run(trainers=[trainer])
    booked(run)
    assert "Write your message" in send(as_person(trainer), run, text=" ", confirmed="1")
    assert "x" * 3001 in send(as_person(trainer), run, text="x" * 3001, confirmed="1")
    assert not RunMessage.objects.exists()


def test_nobody_is_written_to_where_nobody_holds_a_place(trainer, as_person):
    run = planned_run(trainers=[trainer])
    assert "there is nobody to write to" in send(as_person(trainer), run, confirmed="1")
    assert not RunMessage.objects.exists()
