"""An academy lead signs in through the employer, publishes a course with three dates, and plans a year again."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from oidc_provider_mock import User as Someone
from oidc_provider_mock import run_server_in_thread
from playwright.sync_api import expect

from courses.models import Course, Room, Run
from partners.models import Person, User
from tests.browser.conftest import Walk
from tests.browser.steps import see
from tests.browser.test_journey import tab_to
from tests.factories import NOW, employed, holding, planned_run
from tests.signing.provider import provider_at
from tests.signing.steps import app_code, with_app

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TITLE = "Leading on neglect"
ROOM, TAKEN = "The Old Mill", "2027-01-12"


@pytest.fixture
def lead(later) -> Person:
    lead = holding("lead")
    User.objects.filter(person=lead).update(email="lena@larkshire.example")
    return lead


@pytest.fixture
def trainer(later) -> Person:
    """She teaches in the old mill on 12 January."""
    trainer, room = employed(), Room.objects.create(name=ROOM, area="Saltmarsh", seats=24)
    taken = planned_run(title="Thresholds", starts_at=NOW + timedelta(days=50), trainers=[trainer])
    taken.sessions.update(room=room, venue=room.name)
    return trainer


def test_a_lead_signs_in_with_the_work_account_and_a_second_factor(walk, lead):
    secret = with_app(lead)
    claims = {"email": "lena@larkshire.example", "email_verified": True}
    with run_server_in_thread(user_claims=[Someone(sub="lena", claims=claims)]) as server:
        provider_at(f"http://localhost:{server.server_port}")
        me = walk()
        me.be(lead)
        me.to("/account/")
        see(me, "700-account")
        me.press("Link your Larkshire Council account", "link")
        me.press("lena")
        expect(me.page.get_by_text("Linked on")).to_be_visible()
        me.press("Sign out")
        me.to("/sign-in/")
        me.press("Sign in with Larkshire Council", "link")
        me.press("lena")
        expect(me.page.get_by_role("heading", name="Your second factor")).to_be_visible()
        see(me, "700-second-factor")
        me.page.get_by_label("Code").fill(app_code(secret))
        me.page.keyboard.press("Enter")
        expect(me.page.get_by_role("heading", name="Your list")).to_be_visible()
        expect(me.page.get_by_role("link", name="Plan training")).to_be_visible()
        me.troubles[:] = [trouble for trouble in me.troubles if urlsplit(me.site).netloc in trouble]  # ours alone


def test_a_lead_publishes_a_course_with_three_dates(walk, lead, trainer):
    me = walk()
    page = me.page
    me.be(lead)
    me.to("/")
    tab_to(me, "Plan training")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Plan training")).to_be_visible()
    see(me, "701-planning")
    me.press("Courses", "link")
    me.press("Add a course", "link")
    page.get_by_label("Title").fill(TITLE)
    page.get_by_label("In one sentence").fill("Hold a case of neglect to its plan.")
    page.get_by_label("Format", exact=True).select_option(label="In person")
    page.get_by_label("CPD hours").fill("6")
    page.get_by_label("Offered by").select_option(index=1)
    see(me, "702-course-form")
    me.press("Save")
    expect(page.get_by_text("It is not in the catalogue until you publish it.")).to_be_visible()
    see(me, "703-course")
    course = Course.objects.get(title=TITLE)

    adds_a_run(me, trainer, TAKEN)
    expect(page.get_by_role("heading", name="This clashes with something")).to_be_visible()
    hours = "10am to 4pm on 12 January 2027"
    expect(page.get_by_text(f"{ROOM} is taken by Thresholds, {hours}.")).to_be_visible()
    expect(page.get_by_text(f"{trainer.name} teaches Thresholds, {hours}.")).to_be_visible()
    see(me, "704-clash")
    assert not course.runs.exists()
    page.get_by_label("Day", exact=True).fill("2027-01-13")
    me.press("Save as a draft")
    expect(page.get_by_text("Look at it once more, then publish it.")).to_be_visible()
    see(me, "705-draft")
    expect(page.get_by_role("link", name="publish it first")).to_be_visible()
    me.press("publish it first", "link")
    me.press("Publish it")
    expect(page.get_by_text("The course is in the catalogue.")).to_be_visible()

    adds_a_run(me, trainer, "2027-02-02", "2027-02-16")
    me.press("Change places, trainers and terms", "link")
    row = page.get_by_role("group", name="Places kept, row 1")
    row.get_by_label("For").select_option(label="School or college (any)")
    row.get_by_label("How many").fill("6")
    row.get_by_label("Until the end of").fill("2027-01-19")
    see(me, "706-kept")
    me.press("Save")
    expect(page.get_by_text("6 for school or college")).to_be_visible()
    see(me, "707-run")
    adds_a_run(me, trainer, "2027-03-09")
    for run in course.runs.all():
        me.to(f"/planning/runs/{run.pk}/")
        tab_to(me, "Publish it")
        page.keyboard.press("Enter")
        expect(page.get_by_text("The run is open for booking.")).to_be_visible()
    me.to(f"/courses/{course.pk}/")
    expect(page.locator(".ac-card")).to_have_count(3)
    see(me, "708-as-others-see-it")
    me.to(f"/planning/courses/{course.pk}/")
    see(me, "709-three-dates")


def adds_a_run(me: Walk, trainer: Person, *days: str) -> None:
    """From half past nine on each of these days, in the old mill: 20 places."""
    course = Course.objects.get(title=TITLE)
    me.to(f"/planning/courses/{course.pk}/")
    me.press("Add a run")
    for number, day in enumerate(days, start=1):
        if number > 1:
            me.press("Add another session")
        row = me.page.get_by_role(
            "group", name=f"Session {number}" if number > 1 else re.compile("session( 1)?$", re.IGNORECASE)
        )
        for label, value in (("Day", day), ("Starts at", "9:30"), ("Ends at", "16:00")):
            row.get_by_label(label).fill(value)
        row.get_by_label("Room", exact=True).select_option(index=1)
    me.page.get_by_label("Places", exact=True).fill("20")
    me.page.get_by_label("Trainers").fill(trainer.name)
    see(me, f"703-run-of-{len(days)}")
    me.press("Save as a draft")


def test_a_lead_plans_last_years_runs_again(walk, lead):
    was = [planned_run(title=f"Course {n}", starts_at=NOW - timedelta(days=90 * n), sessions=n) for n in (1, 2, 3)]
    Run.objects.update(state=Run.State.COMPLETED)
    me = walk()
    me.be(lead)
    me.to("/planning/")
    me.press("Plan a year again", "link")
    see(me, "720-again")
    me.press("See what that makes")
    expect(me.page.get_by_role("row")).to_have_count(4)
    see(me, "721-what-that-makes")
    me.page.get_by_role("checkbox", name="Course 1").uncheck()
    tab_to(me, "Make drafts of those ticked")
    me.page.keyboard.press("Enter")
    expect(me.page.get_by_text("2 drafts are made.")).to_be_visible()
    see(me, "722-drafts")
    made = Run.objects.filter(state=Run.State.DRAFT)
    assert {run.course for run in made} == {was[1].course, was[2].course}
    assert all(
        run.starts_at == other.starts_at + timedelta(weeks=52) for run, other in zip(made, was[:0:-1], strict=True)
    )
