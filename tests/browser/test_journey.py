"""The journeys of the academy in a real browser: found, booked, attended, completed, followed up, and seen."""

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from academy.lib import clock
from academy.lib.dates import at_hour, london_day
from academy.templatetags.academy_text import weekday
from academy.tryout.models import Guide
from courses.models import Achievement, Booking, PracticeTheme, Run
from evaluation.actions import follow_ups
from evaluation.models import FollowUp
from partners.models import Person
from tests.factories import (
    AgencyFactory,
    CourseFactory,
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
GOOD = {"used": "A great deal", "confidence": "Good", "difference": "Some difference"}


def guide(person: Person, name: str, what: str, position: int) -> Person:
    given, family = name.split(" ")
    Person.objects.filter(pk=person.pk).update(given_name=given, family_name=family)
    Guide.objects.create(person=person, position=position, what=what, see="See what there is to see.")
    person.refresh_from_db()
    return person


def neglect_run(trainer: Person, **facts) -> Run:
    theme = PracticeTheme.objects.create(name="Neglect", slug="neglect")
    course = CourseFactory(
        title="Noticing neglect: seeing it early and acting on it",
        summary="Recognise neglect early, name it with colleagues, and agree what to do next.",
        aims="Name the signs of neglect\nUse the graded care profile\nChallenge drift",
        audience="Anyone who visits families at home",
        owner=AgencyFactory(name="Larkshire County Council"),
    )
    course.themes.add(theme)
    start = at_hour(london_day(clock.now()) + timedelta(days=10), 10)
    return planned_run(course=course, starts_at=start, trainers=[trainer], **facts)


def answered_by_the_others(run: Run) -> None:
    for item in FollowUp.objects.filter(achievement__run=run, state="sent"):
        questions = {question.key: question for question in item.questionnaire.questions.all()}
        follow_ups.answer(follow_up=item, answers={questions[k]: v for k, v in GOOD.items()}, at=clock.now())


def test_from_finding_a_course_to_what_it_changed(walk):
    learner = guide(employed(), "Amara Osei", "Social worker", 1)
    trainer = guide(employed(), "Tom Reed", "Trainer", 2)
    run = neglect_run(trainer)
    for person in crowd(4):
        booked(run, person)
    planned_run(title="Thresholds")
    me = walk()
    page = me.page

    me.to("/")
    me.shot("01-people")
    me.press("Amara Osei")
    expect(page.get_by_role("heading", name="Your list")).to_be_visible()
    me.shot("02-home-empty")

    me.press("Find training", "link")
    page.get_by_label("Search by word").fill("neglected")
    page.get_by_label("In person").check()
    me.press("Apply filters")
    expect(page.get_by_text("1 course found")).to_be_visible()
    me.shot("03-catalogue")
    me.press("Noticing neglect", "link")
    me.shot("04-course")
    page.locator(".ac-card").get_by_role("link").click()
    me.shot("05-run")
    me.press("Book a place")
    page.get_by_label("Do you need any adjustments?").fill("A hearing loop, please")
    me.shot("06-book")
    me.press("Book a place")
    expect(page.get_by_role("heading", name="Place booked")).to_be_visible()
    reference = Booking.objects.get(person=learner).reference
    expect(page.get_by_text(reference)).to_be_visible()
    me.shot("07-booked")
    me.press("Give up my place", "link")
    me.shot("08-give-up")
    me.press("Keep it", "link")
    me.press("My training", "link")
    me.shot("09-my-training")

    me.press("Move the clock on", "link")
    me.shot("10-clock")
    me.press("A month")
    expect(page.get_by_text("A month later.")).to_be_visible()
    me.press("Mailbox", "link")
    me.shot("11-mailbox")
    me.press("Booked: Noticing neglect", "link")
    expect(page.get_by_text(reference)).to_be_visible()
    me.shot("12-letter")

    me.press("Sign in as someone else", "link")
    me.press("Tom Reed")
    me.shot("13-trainers-list")
    me.press("Take the register and close", "link")
    expect(page.get_by_text("A hearing loop, please")).to_be_visible()
    expect(page.get_by_text("5 marks are still missing.")).to_be_visible()
    me.shot("14-register")
    me.press("Everyone else is present")
    expect(page.get_by_text("Register saved: 5 people marked.")).to_be_visible()
    me.look("15-register-saved")
    me.press("Go on to close the run")
    me.press("Close the run")
    expect(page.get_by_text("5 people have completed the course")).to_be_visible()
    me.look("16-closed")
    me.press("Registers", "link")
    me.shot("17-registers")
    assert Achievement.objects.filter(run=run, completed_on=run.last_day).count() == 5

    me.to("/try-out/clock/")
    me.press("Three months")
    expect(page.get_by_text("Three months later.")).to_be_visible(timeout=30_000)
    me.to(f"/try-out/mailbox/?to={learner.email}")
    me.press(re.compile(r"^3 months on: Noticing neglect"), "link")
    page.get_by_role("link", name="follow-ups").click()
    expect(page.get_by_role("heading", name="What has changed, 3 months on?")).to_be_visible()
    me.shot("18-follow-up")
    me.press("Send my answers")
    expect(page.get_by_role("alert").get_by_text("There is a problem")).to_be_visible()
    me.shot("19-follow-up-errors")
    page.get_by_role("link", name="Choose an answer: How much have you used").click()
    assert page.evaluate("document.activeElement.id") == "id_used_1"
    for option in GOOD.values():
        page.get_by_label(option, exact=True).check()
    page.get_by_label("What have you done differently?").fill("I asked the school first.")
    me.press("Send my answers")
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    me.shot("20-thank-you")
    page.reload()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()

    answered_by_the_others(run)
    me.be(trainer)
    me.to(f"/runs/{run.pk}/")
    expect(page.get_by_text("5 of 5 asked have answered (100%).")).to_be_visible()
    page.get_by_text("two best options: as a table").click()
    expect(page.get_by_role("cell", name="100%", exact=True).first).to_be_visible()
    me.look("21-results")
    me.be(learner)
    me.to("/bookings/")
    expect(page.get_by_role("rowheader", name="Noticing neglect")).to_have_count(2)
    me.shot("22-completed")


def test_a_director_opens_a_figure_down_to_its_people(walk):
    agency = AgencyFactory(name="Larkshire County Council")
    director = guide(holding("director", agency=agency, scoped=True), "Grace Okafor", "Director", 1)
    for number, name in enumerate(("Cohort 1", "Cohort 2")):
        cohort = asye_cohort(name)
        for place, person in enumerate(crowd(6)):
            left = {"end_date": date(2026, 3, 31), "leaving_reason": 1, "destination": 1} if place < 2 + number else {}
            employ(person, agency=agency, dfe_role=5, employee_number=f"{number}-{place}", **left)
            enrolled(cohort, person, agency, start=date(2024, 9, 2), completed_on=date(2025, 9, 1), outcome="pass")
    me = walk()
    page = me.page
    me.to("/")
    me.press("Grace Okafor")
    assert director.pk
    me.press("Who stays", "link")
    expect(page.get_by_text("7 of 12 · as at")).to_be_visible()
    me.shot("30-retention")
    me.press(re.compile("See the people.*In post"), "link")
    expect(page.get_by_role("heading", name="In post: 7 people")).to_be_visible()
    expect(page.get_by_role("rowheader")).to_have_count(7)
    me.shot("31-retention-people")
    me.press("Who stays", "link")
    page.get_by_role("link", name=re.compile("3.*left after, Cohort 2")).click()
    expect(page.get_by_role("rowheader")).to_have_count(3)
    me.press("ASYE cohorts", "link")
    me.shot("32-cohorts")
    page.get_by_role("main").get_by_role("link", name="Cohort 1").click()
    me.shot("33-cohort")


def test_a_full_run_is_queued_for_and_the_queue_is_left(walk):
    run = neglect_run(employed(), capacity=1)
    booked(run)
    me = walk()
    me.be(person := employed())
    me.to(f"/runs/{run.pk}/")
    me.shot("40-run-full")
    me.press("Join the queue")
    me.shot("41-join")
    me.press("Join the queue")
    expect(me.page.get_by_role("heading", name="You are in the queue")).to_be_visible()
    me.shot("42-queued")
    me.press("Leave the queue", "link")
    me.shot("43-leave")
    me.press("Leave the queue")
    expect(me.page.get_by_text("You have left the queue for Noticing neglect")).to_be_visible()
    me.look("44-left")
    assert Booking.objects.get(person=person).state == "left_queue"


def test_control_the_checks_find_what_they_look_for(walk):
    me = walk()
    me.to("/help/")
    spoilt = "<h1>Help</h1><img src='/nothing.png'><svg width='900' height='9'></svg>"
    me.page.evaluate("html => { document.querySelector('main').innerHTML = html }", spoilt)
    me.look("spoilt")
    found = "\n".join(me.troubles)
    assert "image-alt" in found
    assert "at 320: sticks out by" in found
    assert "404" in found
    me.troubles.clear()


def test_a_phone_starts_with_the_filters_closed(walk):
    planned_run(title="Thresholds")
    me = walk()
    me.be(employed())
    me.page.set_viewport_size({"width": 375, "height": 800})
    me.to("/courses/")
    me.page.wait_for_function("!document.querySelector('.ac-filter').open")
    expect(me.page.get_by_role("link", name="Thresholds")).to_be_in_viewport()
    me.shot("60-phone-catalogue")


def test_filters_work_as_one_types_and_stay_in_the_address(walk):
    planned_run(title="Thresholds")
    planned_run(title="Neglect")
    me = walk()
    me.be(employed())
    me.to("/courses/")
    expect(me.page.get_by_text("2 courses found")).to_be_visible()
    me.page.get_by_label("Search by word").press_sequentially("threshold")
    expect(me.page.get_by_text("1 course found")).to_be_visible()
    assert "q=threshold" in me.page.url
    me.page.reload()
    expect(me.page.get_by_text("1 course found")).to_be_visible()


def tab_to(me, text: str) -> None:
    """Press Tab until what has the focus reads `text`, and can be seen to have it."""
    for _ in range(60):
        me.page.keyboard.press("Tab")
        if me.page.evaluate("(({innerText: t, value: v}) => t || v || '')(document.activeElement)").strip() == text:
            look = "(({outlineStyle: o, outlineWidth: w, boxShadow: s}) => o !== 'none' && w !== '0px' || s !== 'none')"
            assert me.page.evaluate(f"{look}(getComputedStyle(document.activeElement))"), f"{text}: focus is invisible"
            return
    raise AssertionError(f"Tab never reached '{text}'")


def test_a_place_is_booked_by_keyboard_alone(walk):
    run = neglect_run(employed())
    me = walk()
    me.be(person := employed())
    me.to("/courses/")
    me.page.keyboard.press("Tab")
    assert me.page.evaluate("document.activeElement.innerText") == "Skip to main content"
    for words in (run.course.title, weekday(run.starts_at)):
        tab_to(me, words)
        me.page.keyboard.press("Enter")
        expect(me.page.get_by_role("link", name=words)).to_have_count(0)
    tab_to(me, "Book a place")
    me.page.keyboard.press("Space")
    expect(me.page.get_by_role("heading", name="Book a place")).to_be_visible()
    tab_to(me, "Book a place")
    me.page.keyboard.press("Enter")
    expect(me.page.get_by_role("heading", name="Place booked")).to_be_visible()
    assert run.bookings.get().person == person
