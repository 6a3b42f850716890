"""Every journey once more, in a browser that runs no script."""

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from academy.lib import clock, registry
from academy.lib.dates import london_day
from academy.tryout.models import Letter
from courses.actions import certificates
from courses.models import Achievement, Booking, Run
from evaluation.models import FollowUp
from partners.models import OutboxMessage
from tests.browser.test_journey import GOOD, guide, neglect_run
from tests.factories import (
    AgencyFactory,
    achieved,
    asye_cohort,
    booked,
    crowd,
    employ,
    employed,
    enrolled,
    holding,
    planned_run,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DAY = timedelta(days=1)


@pytest.fixture
def me(walk):
    """A window without scripts; that it has none is asked of every test that uses it."""
    window = walk(java_script_enabled=False)
    yield window
    expect(window.page.locator("body.js-enabled")).to_have_count(0)


def test_one_signs_in_by_code_and_out_again(me):
    person = employed()
    me.to("/sign-in/?next=/bookings/")
    me.press("Send me a code")
    expect(me.page.get_by_role("alert").get_by_text("Enter your work e-mail address")).to_be_visible()
    me.page.get_by_label("Work e-mail address").fill(person.email)
    me.press("Send me a code")
    expect(me.page.get_by_role("heading", name="Enter your code")).to_be_visible()
    me.page.get_by_label("Code").fill(re.search(r"^\w+-\w+$", Letter.objects.get().text, re.MULTILINE).group())
    me.press("Sign in")
    expect(me.page.get_by_text(f"Signed in as {person.name}")).to_be_attached()
    me.press("Sign out")
    expect(me.page.get_by_text("Signed in as")).to_have_count(0)
    me.to("/bookings/")
    expect(me.page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_one_chooses_a_demo_person_reads_their_mail_and_moves_the_clock_on(me):
    guide(employed(), "Amara Osei", "Social worker", 1)
    today = london_day(clock.now())
    me.to("/")
    me.press("Amara Osei")
    expect(me.page.get_by_role("heading", name="Your list")).to_be_visible()
    me.press("Move the clock on", "link")
    me.press("A week")
    expect(me.page.get_by_text("A week later.")).to_be_visible()
    me.press("Mailbox", "link")
    me.page.get_by_label("To").fill("nobody@agency.example")
    me.press("Show")
    expect(me.page.get_by_text("No messages.")).to_be_visible()
    assert london_day(clock.now()) == today + 7 * DAY


def test_one_finds_a_course_books_a_place_and_gives_it_up(me):
    run = neglect_run(employed())
    planned_run(title="Thresholds")
    me.be(person := employed())
    me.to("/courses/")
    me.page.get_by_label("Search by word").fill("neglect")
    me.page.get_by_label("In person").check()
    me.page.get_by_label("Only with places left").check()
    me.press("Apply filters")
    expect(me.page.get_by_text("1 course found")).to_be_visible()
    me.press("Noticing neglect", "link")
    me.page.locator(".ac-card").get_by_role("link").click()
    me.press("Book a place")
    me.page.get_by_label("Do you need any adjustments?").fill("a" * 1001)
    me.press("Book a place")
    me.press("Use 1,000 characters or fewer", "link")
    me.page.get_by_label("Do you need any adjustments?").fill("A hearing loop, please")
    me.press("Book a place")
    expect(me.page.get_by_role("heading", name="Place booked")).to_be_visible()
    assert run.bookings.get().person == person
    me.press("Give up my place", "link")
    me.press("Give up my place")
    expect(me.page.get_by_text("You have given up your place on Noticing neglect")).to_be_visible()
    assert run.bookings.get().state == Booking.State.GIVEN_UP


def test_one_joins_a_queue_and_leaves_it(me):
    run = neglect_run(employed(), capacity=1)
    booked(run)
    me.be(person := employed())
    me.to(f"/runs/{run.pk}/")
    me.press("Join the queue")
    me.press("Join the queue")
    expect(me.page.get_by_role("heading", name="You are in the queue")).to_be_visible()
    me.press("Leave the queue", "link")
    me.press("Leave the queue")
    expect(me.page.get_by_text("You have left the queue for Noticing neglect")).to_be_visible()
    assert run.bookings.get(person=person).state == Booking.State.LEFT_QUEUE


def test_a_trainer_takes_a_register_and_closes_the_run(me):
    run = neglect_run(trainer := employed())
    person = booked(run).person
    yesterday = clock.now() - DAY
    Run.objects.filter(pk=run.pk).update(starts_at=yesterday, ends_at=clock.now())
    run.sessions.update(starts_at=yesterday, ends_at=clock.now())
    me.be(trainer)
    me.to("/registers/")
    me.press("Noticing neglect", "link")
    me.page.get_by_label("Present").check()
    me.press("Save this register")
    expect(me.page.get_by_text("Register saved: 1 person marked.")).to_be_visible()
    me.press("Go on to close the run")
    me.press("Close the run")
    expect(me.page.get_by_text("1 person has completed the course")).to_be_visible()
    assert Achievement.objects.get().person == person


def test_one_answers_what_changed(me):
    person = employed()
    achieved(person, on=london_day(clock.now()) - 95 * DAY)
    registry.run_due(clock.now())
    me.be(person)
    me.to("/")
    me.press("Tell us what changed", "link")
    me.press("Send my answers")
    expect(me.page.get_by_role("alert").get_by_text("There is a problem")).to_be_visible()
    for option in GOOD.values():
        me.page.get_by_label(option, exact=True).check()
    me.press("Send my answers")
    expect(me.page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert FollowUp.objects.get(months=3).state == "answered"


def test_a_director_opens_figures_down_to_people_and_asks_for_another_day(me):
    agency = AgencyFactory()
    cohort = asye_cohort()
    for place, person in enumerate(crowd(6)):
        left = {"end_date": date(2026, 3, 31), "leaving_reason": 1, "destination": 1} if place < 2 else {}
        employ(person, agency=agency, dfe_role=5, employee_number=f"a-{place}", **left)
        enrolled(cohort, person, agency, start=date(2024, 9, 2), completed_on=date(2025, 9, 1), outcome="pass")
    me.be(holding("director", agency=agency, scoped=True))
    me.to("/retention/")
    me.press(re.compile("2 left after, overall"), "link")
    expect(me.page.get_by_role("rowheader")).to_have_count(2)
    me.press("Who stays", "link")
    me.press("Count them as having stayed", "link")
    expect(me.page.get_by_text("Count them as having left the job role")).to_be_visible()
    me.page.get_by_text("How this is worked out", exact=True).last.click()
    me.page.get_by_label("As at", exact=True).fill("2025-12-31")
    me.press("Show")
    expect(me.page.get_by_text("6 of 6 · as at 31 December 2025")).to_be_visible()
    me.press("Cohort 1", "link")
    expect(me.page.get_by_role("rowheader")).to_have_count(6)


def test_anyone_checks_a_certificate(me):
    item = achieved(on=date(2026, 9, 1))
    certificates.issue_missing(clock.now())
    number = item.certificate.number
    me.to("/try-out/")
    me.press("Check a certificate", "link")
    me.page.get_by_label("Certificate number").fill("LCW-0000")
    me.page.get_by_role("button", name="Check").click()
    expect(me.page.get_by_role("alert").get_by_text("We issued no certificate")).to_be_visible()
    me.troubles.clear()  # that page answers 404, which the browser remarks
    me.page.get_by_label("Certificate number").fill(number.lower())
    me.page.get_by_role("button", name="Check").click()
    expect(me.page.get_by_role("heading", name="This certificate is genuine")).to_be_visible()


def test_a_manager_finds_someone_and_an_administrator_sends_a_message_again(me):
    manager = holding("administrator")
    person = employed(manager=manager)
    facts = {"kind": "courses.place_booked", "key": "k", "state": "failed"}
    message = OutboxMessage.objects.create(person=person, due_at=clock.now(), created_at=clock.now(), **facts)
    me.be(manager)
    me.to("/people/")
    me.page.get_by_label("Name").fill(person.family_name)
    me.press("Show")
    expect(me.page.get_by_role("rowheader", name=person.name)).to_be_visible()
    me.press("System", "link")
    me.press("Send again")
    expect(me.page.get_by_text("The message will be sent again")).to_be_visible()
    message.refresh_from_db()
    assert message.state == "queued"
