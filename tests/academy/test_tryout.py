"""The try-out's mailbox and its clock."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.core.mail import EmailMessage
from django.utils import timezone

from academy.lib import clock, registry
from academy.tryout.clock import moved_on, reset
from academy.tryout.models import Letter
from evaluation.models import FollowUp
from tests.factories import NOW, CourseFactory, achieved, employed

pytestmark = pytest.mark.django_db


@pytest.fixture
def mailbox(settings):
    settings.EMAIL_BACKEND = "academy.tryout.mailbox.MailboxBackend"


@pytest.fixture
def real_clock(settings, tmp_path):
    """The try-out's own clock, kept in a folder of this test's."""
    settings.VAR_DIR = tmp_path
    clock.use(moved_on)
    return tmp_path / "clock"


def letter(**facts) -> Letter:
    usual = {"to": "ann@agency.example", "sender": "academy@agency.example", "subject": "Hello", "text": "Words"}
    return Letter.objects.create(message_id="<1>", **{"received_at": NOW} | usual | facts)


# --- The mailbox -------------------------------------------------------------------------------------------------


def test_mail_stays_in_the_mailbox_one_letter_for_each_recipient(mailbox, client):
    EmailMessage("A place", "is yours", to=["ann@agency.example", "bob@agency.example"]).send()
    page = client.get("/try-out/mailbox/").content.decode()
    assert page.count("A place") == 2
    assert "bob@agency.example" in page
    assert "is yours" in client.get(f"/try-out/mailbox/{Letter.objects.first().pk}/").content.decode()


def test_the_newest_letter_comes_first_and_an_address_narrows(client):
    letter(subject="Older", received_at=NOW - timedelta(days=1))
    letter(subject="Newer")
    letter(subject="For Bob", to="bob@agency.example")
    page = client.get("/try-out/mailbox/").content.decode()
    assert page.index("Newer") < page.index("Older")
    page = client.get("/try-out/mailbox/?to=BOB").content.decode()
    assert "For Bob" in page
    assert "Newer" not in page


def test_markup_in_a_letter_is_words(client):
    evil = "<script>alert(1)</script>"
    shown = letter(subject=evil, text=f"Hello {evil}\nhttp://localhost:8000/x/", sender=evil)
    for address in ("/try-out/mailbox/", f"/try-out/mailbox/{shown.pk}/", f"/try-out/mailbox/?to={evil}"):
        page = client.get(address).content.decode()
        assert "<script>alert" not in page
    page = client.get(f"/try-out/mailbox/{shown.pk}/").content.decode()
    assert '<a href="http://localhost:8000/x/"' in page


def test_a_name_with_markup_is_words_on_every_page_it_reaches(mailbox, client, as_person):
    person = employed()
    type(person).objects.filter(pk=person.pk).update(given_name="<script>alert(1)</script>")
    achieved(person, on=NOW.date() - timedelta(days=92), course=CourseFactory(title="<b>Bold</b>"))

    registry.run_due(NOW)
    item = FollowUp.objects.get(months=3)
    for address in ("/try-out/mailbox/", f"/try-out/mailbox/{Letter.objects.get().pk}/", f"/follow-ups/{item.token}/"):
        page = client.get(address).content.decode()
        assert "<script>alert" not in page
        assert "<b>Bold" not in page
    assert "<script>alert" not in as_person(person).get("/").content.decode()
    assert "Hello <script>alert(1)</script>" in Letter.objects.get().text


def test_an_empty_mailbox_says_what_to_do(client):
    assert "Book a place, or move the clock on." in client.get("/try-out/mailbox/").content.decode()


# --- The clock ---------------------------------------------------------------------------------------------------


def test_moving_the_clock_on_sends_what_falls_due_on_the_way(real_clock, mailbox, client):
    today = timezone.localdate()
    achieved(on=today - timedelta(days=70), course=CourseFactory(title="Noticing neglect"))
    page = client.post("/try-out/clock/", {"days": "31"}, follow=True).content.decode()
    assert "A month later. 1 message arrived in the mailbox." in page
    assert "(the clock was moved on)" in page
    assert Letter.objects.get().subject == "3 months on: Noticing neglect"
    sent_at = FollowUp.objects.get(state="sent").sent_at
    assert timedelta(days=1) < sent_at - timezone.now() < timedelta(days=32)
    assert timedelta(days=30) < clock.now() - timezone.now() < timedelta(days=32)


def test_moving_on_three_months_brings_the_question_its_reminder_and_the_end(real_clock, mailbox, client):
    achieved(on=timezone.localdate() - timedelta(days=85))
    client.post("/try-out/clock/", {"days": "92"})
    subjects = [letter.subject.split(":")[0] for letter in Letter.objects.order_by("received_at")]
    assert subjects == ["3 months on", "Reminder, 3 months on"]
    assert FollowUp.objects.get(months=3).state == "closed"


def test_each_day_on_the_way_is_lived_at_its_own_time(real_clock, mailbox, client):
    achieved(on=timezone.localdate() - timedelta(days=85))
    client.post("/try-out/clock/", {"days": "31"})
    item = FollowUp.objects.get(months=3)
    assert item.sent_at - item.due_at < timedelta(days=1, hours=1)
    letters = Letter.objects.filter(subject__startswith="3 months on")
    assert abs(letters.get().received_at - item.sent_at) < timedelta(days=1)


@pytest.mark.parametrize("days", ["-7", "5000", "", "x"])
def test_the_clock_moves_only_by_the_steps_offered(real_clock, client, days):
    client.post("/try-out/clock/", {"days": days})
    assert not real_clock.exists()
    assert abs(clock.now() - timezone.now()) < timedelta(minutes=1)


def test_looking_at_the_clock_does_not_move_it(real_clock, client):
    assert client.get("/try-out/clock/?days=31").status_code == 200
    assert not real_clock.exists()


def test_a_clock_that_cannot_be_read_tells_the_machines_time(real_clock):
    real_clock.write_text("nonsense")
    assert abs(moved_on() - timezone.now()) < timedelta(minutes=1)
    real_clock.write_text("86400")
    assert moved_on() - timezone.now() > timedelta(hours=23)
    reset()
    assert abs(moved_on() - timezone.now()) < timedelta(minutes=1)


def test_these_pages_are_there_in_a_try_out_only():

    program = "import django; django.setup(); from django.urls import reverse; reverse('tryout_people')"
    environment = {**os.environ, "TRY_OUT": "0", "DJANGO_SETTINGS_MODULE": "academy.settings"}
    ended = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False
    )
    assert "NoReverseMatch" in ended.stderr


def test_a_try_out_on_a_public_host_is_refused():

    environment = {**os.environ, "TRY_OUT": "1", "ALLOWED_HOSTS": "academy.example.gov.uk", "SECRET_KEY": "x"}
    command = [sys.executable, "-c", "import academy.settings"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert "TRY_OUT lets anyone sign in as anyone" in ended.stderr
