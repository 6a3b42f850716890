"""Somebody who works at a nursery: books, queues, and keeps a record. On a phone without scripts, and at a desk."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from playwright.sync_api import expect

from courses.actions import bookings, runs
from courses.actions.runs import Slot
from courses.models import Booking, Course, Run
from partners.models import AgencyKind, Person
from tests.browser.conftest import Walk
from tests.browser.judges import DESK, PHONE
from tests.browser.steps import invitation_in, link_in, open_menu, post, see, sign_in
from tests.browser.test_journey import neglect_run, tab_to
from tests.courses.steps import ask, state
from tests.factories import NOW, AgencyFactory, employed, planned_run

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NEEDS = "A hearing loop, and no nuts, please"
State = Booking.State


@pytest.fixture(params=[PHONE, DESK])
def me(request, walk, later) -> Walk:
    """A phone on which no script runs; or a desk."""
    window = walk(java_script_enabled=request.param == DESK)
    window.page.set_viewport_size({"width": request.param, "height": 800})
    return window


@pytest.fixture
def manager(later) -> Person:
    return employed(agency=AgencyFactory(name="Little Otters Nursery", kind=AgencyKind.EARLY_YEARS))


@pytest.fixture
def ann(manager) -> Person:
    return employed(agency=manager.employments.get().agency, manager=manager)


def mail_to(person: Person) -> list[EmailMessage]:
    return [each for each in mail.outbox if person.email in each.to]


def of_calendar(person: Person) -> tuple[str, str, int]:
    """What the newest invitation to somebody asks of their calendar, about which event, and the how manieth time."""
    text = next(filter(None, map(invitation_in, reversed(mail_to(person)))))
    found = {name: re.search(rf"^{name}:(.*)$", text, re.MULTILINE).group(1) for name in ("METHOD", "UID", "SEQUENCE")}
    return found["METHOD"], found["UID"], int(found["SEQUENCE"])


def test_a_place_is_found_booked_approved_moved_and_given_up(me, walk, later, ann, manager):
    run = neglect_run(employed())
    Course.objects.filter(pk=run.course_id).update(needs_approval=True)
    planned_run(title="Thresholds")
    page = me.page
    sign_in(me, ann.email)
    expect(page.get_by_role("heading", name="Your list")).to_be_visible()
    see(me, "100-first-page")
    finds_neglect(me)
    page.get_by_role("link", name="Noticing neglect").click()
    page.locator(".ac-card").get_by_role("link").click()
    for fact in ("20 of 20 places left.", "Anyone who visits families at home", "10am to 4pm"):
        expect(page.get_by_text(fact).first).to_be_visible()
    see(me, "102-run")
    me.press("Book a place")
    expect(page.get_by_text("Your manager is asked to approve it.")).to_be_visible()
    page.get_by_label("Do you need any adjustments?").fill(NEEDS)
    see(me, "103-book")
    tab_to(me, "Book a place")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Place booked")).to_be_visible()
    see(me, "104-booked")
    later()

    approves(walk, me, manager)
    later()
    method, event, first = of_calendar(ann)
    assert method == "REQUEST"
    moves(run)
    later()
    assert of_calendar(ann)[:2] == ("REQUEST", event)
    assert (second := of_calendar(ann)[2]) > first

    me.to("/bookings/")
    see(me, "106-my-training")
    page.get_by_role("link", name="Noticing neglect").click()
    me.press("Give up my place", "link")
    see(me, "107-give-up")
    tab_to(me, "Give up my place")
    page.keyboard.press("Enter")
    expect(page.get_by_text("You have given up your place on Noticing neglect")).to_be_visible()
    later()
    assert of_calendar(ann)[:2] == ("CANCEL", event)
    assert of_calendar(ann)[2] > second

    other = planned_run(title="Thresholds again")
    me.to(f"/runs/{other.pk}/book/")
    expect(page.get_by_label("Do you need any adjustments?")).to_have_value(NEEDS)


def finds_neglect(me: Walk) -> None:
    """By keyboard, with a slip of the finger; in person, where there are places."""
    page = me.page
    open_menu(me)
    tab_to(me, "Find training")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Find training")).to_be_visible()
    page.get_by_label("Search by word").fill("neglct")
    page.get_by_label("In person").check()
    page.get_by_label("Only with places left").check()
    me.press("Apply filters")
    expect(page.get_by_text("1 course found")).to_be_visible()
    expect(page.get_by_text("Showing results for ‘neglect’")).to_be_visible()
    see(me, "101-found")


def approves(walk, me: Walk, manager: Person) -> None:
    """From the mail: opening its link changes nothing."""
    theirs = walk(java_script_enabled=me.scripts)
    theirs.page.set_viewport_size(me.page.viewport_size)
    letter = post(manager.email, "asks for your approval")
    theirs.be(manager)
    theirs.to(link_in(letter, "/approvals/"))
    expect(theirs.page.get_by_role("group", name="Do you approve it?")).to_be_visible()
    see(theirs, "105-approval")
    approval = Booking.objects.get(approvals__isnull=False).approvals.get()
    assert approval.state == "waiting"
    theirs.page.get_by_label("Yes, approve it").check()
    theirs.press("Save decision")
    expect(theirs.page.get_by_text("booking is approved, and they are told.")).to_be_visible()
    see(theirs, "105-approved")


def moves(run: Run) -> None:
    """An hour later, in another room."""
    session = run.sessions.get()
    slot = Slot(session.starts_at + HOUR, session.ends_at + HOUR, "Room 7", session=session.pk)
    runs.move_run(run=run, slots=[slot], by=employed(), at=NOW)


# --- The run is full ------------------------------------------------------------------------------------------------


def full(title: str, until: timedelta, *waiting: Person) -> tuple[Booking, list[Booking]]:
    """A run of one place that is taken, so far ahead; its booking, and those of people who wait for it."""
    run = planned_run(title=title, starts_at=NOW + until, capacity=1)
    return ask(run), [ask(run, person) for person in waiting]


def frees(booking: Booking, at) -> None:
    bookings.give_up(booking=booking, by=booking.person, at=at)


def test_a_freed_place_reaches_whoever_waits_or_passes_on(me, later, ann):
    held, _ = full("Thresholds", 20 * DAY)
    near, (offered,) = full("Early help", 5 * DAY, ann)
    passing, (missed, after) = full("Safer sleep", 4 * DAY, ann, employed())
    late, (queued,) = full("First aid", 20 * HOUR, ann)
    page = me.page
    me.be(ann)
    me.to(f"/runs/{held.run_id}/")
    expect(page.get_by_text("The only place is taken.")).to_be_visible()
    see(me, "200-full")
    me.press("Join the queue")
    see(me, "201-join")
    tab_to(me, "Join the queue")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your place in it")).to_be_visible()
    see(me, "202-queued")
    for booking in (held, near, passing, late):
        frees(booking, NOW)
    later(minutes=1)
    page.reload()
    expect(page.get_by_role("heading", name="Place booked")).to_be_visible()
    assert "Thresholds" in post(ann.email, "Thresholds").subject

    me.to("/")
    see(me, "203-first-page")
    me.to(link_in(post(ann.email, "Early help"), "/bookings/"))
    expect(page.get_by_text("Held until 24 November 2026, 10am.")).to_be_visible()
    see(me, "204-held")
    me.press("Take the place")
    expect(page.get_by_role("heading", name="Place booked")).to_be_visible()
    assert state(offered) == State.BOOKED

    me.to(f"/bookings/{queued.reference}/")
    expect(page.get_by_text("There is a free place. Nobody is given it by itself any more")).to_be_visible()
    expect(page.get_by_text("the next person in the queue gets it")).to_have_count(0)
    see(me, "205-inside-the-cut-off")
    me.press("Leave the queue", "link")
    see(me, "206-leave")
    me.press("Leave the queue")
    expect(page.get_by_text("You have left the queue for First aid")).to_be_visible()
    assert state(queued) == State.LEFT_QUEUE

    later(days=1)
    me.to(f"/bookings/{missed.reference}/")
    see(me, "207-ran-out")
    assert (state(missed), state(after)) == (State.LAPSED, State.OFFERED)
    assert "/bookings/" in post(after.person.email, "Safer sleep").body
