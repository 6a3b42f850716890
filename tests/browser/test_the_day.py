"""The trainer's day in a real browser: a phone that loses its connection, the code on the screen, closing the run."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from academy.lib import clock
from academy.tryout.models import Letter
from courses.models import Achievement, Attendance, Run
from partners.models import AuditEvent, OutboxMessage, Person
from tests.browser.test_journey import neglect_run
from tests.factories import booked, employed

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 375, "height": 800}
HOUR = timedelta(hours=1)


@pytest.fixture
def trainer() -> Person:
    return employed()


@pytest.fixture
def run(reseed, trainer) -> Run:
    """It started a few minutes ago, and three people hold a place."""
    run = neglect_run(trainer)
    for _ in range(3):
        booked(run)
    start = clock.now() - HOUR / 10
    for rows in (Run.objects.filter(pk=run.pk), run.sessions):
        rows.update(starts_at=start, ends_at=start + 6 * HOUR)
    run.refresh_from_db()
    return run


def phone(walk, person: Person, **how):
    me = walk(**how)
    me.page.set_viewport_size(PHONE)
    me.be(person)
    return me


def tap(me, person: Person, mark: str) -> None:
    me.page.get_by_role("group", name=person.name).get_by_label(mark, exact=True).check()


def marks(run: Run) -> dict[str, str]:
    return {mark.booking.person.name: mark.mark for mark in Attendance.objects.filter(session__run=run)}


def names(run: Run) -> list[Person]:
    return [booking.person for booking in run.bookings.order_by("person__name_key")]


def test_marks_made_without_a_connection_are_kept_and_sent_once(walk, run, trainer):
    one, two, three = names(run)
    me = phone(walk, trainer)
    me.to(f"/runs/{run.pk}/register/")
    me.context.set_offline(True)
    tap(me, one, "Present")
    tap(me, two, "Late")
    expect(me.page.get_by_text("2 marks kept on this phone, not sent yet.")).to_be_visible()
    me.press("Save this register")
    expect(me.page.get_by_text("2 marks kept on this phone, not sent yet.")).to_be_visible()
    me.shot("80-offline")
    tap(me, two, "Absent")
    assert marks(run) == {}
    me.troubles.clear()  # the browser remarks that there was no connection
    me.context.set_offline(False)
    expect(me.page.get_by_text("All marks are saved.")).to_be_visible()
    assert marks(run) == {one.name: "present", two.name: "absent"}
    assert AuditEvent.objects.filter(kind="register.taken").count() == 1
    me.press("Everyone else is present")
    expect(me.page.get_by_text("Register saved: 3 people marked.")).to_be_visible()
    assert marks(run) == {one.name: "present", two.name: "absent", three.name: "present"}
    assert me.page.evaluate("localStorage.length") == 0


def test_marks_outlive_a_phone_that_is_switched_off(walk, run, trainer):
    one, *_ = names(run)
    me = phone(walk, trainer)
    me.to(f"/runs/{run.pk}/register/")
    me.context.set_offline(True)
    tap(me, one, "Late")
    expect(me.page.get_by_text("1 mark kept on this phone, not sent yet.")).to_be_visible()
    me.troubles.clear()
    me.page.close()
    me.context.set_offline(False)
    me.page = me.context.new_page()
    me.to("/registers/")
    me.press("1 mark kept on this phone", "link")
    expect(me.page.get_by_text("All marks are saved.")).to_be_visible()
    expect(me.page.get_by_role("group", name=one.name).get_by_label("Late")).to_be_checked()
    assert marks(run) == {one.name: "late"}


def test_an_answer_that_is_lost_on_the_way_back_doubles_nothing(walk, run, trainer):
    one, *_ = names(run)
    me = phone(walk, trainer)
    me.to(f"/runs/{run.pk}/register/")
    lost = []

    def lose(route) -> None:
        route.fetch()
        lost.append(route.request.url)
        route.abort() if len(lost) == 1 else route.continue_()

    me.page.route(re.compile(r"/register/\d+/$"), lose)
    tap(me, one, "Present")
    expect(me.page.get_by_text("1 mark kept on this phone, not sent yet.")).to_be_visible()
    me.page.wait_for_timeout(1500)
    assert marks(run) == {one.name: "present"}
    me.page.evaluate("dispatchEvent(new Event('online'))")
    expect(me.page.get_by_text("All marks are saved.")).to_be_visible()
    me.troubles.clear()
    assert marks(run) == {one.name: "present"}
    assert AuditEvent.objects.filter(kind="register.taken").count() == 1


def test_a_phone_that_comes_back_does_not_undo_what_another_marked_later(walk, run, trainer):
    one, two, _ = names(run)
    other = employed()
    run.trainers.add(other)
    mine, theirs = phone(walk, trainer), phone(walk, other)
    for me in (mine, theirs):
        me.to(f"/runs/{run.pk}/register/")
    mine.context.set_offline(True)
    tap(mine, one, "Absent")
    tap(theirs, two, "Late")
    tap(theirs, one, "Present")
    expect(theirs.page.get_by_text("All marks are saved.")).to_be_visible()
    mine.troubles.clear()
    mine.context.set_offline(False)
    expect(mine.page.get_by_text("All marks are saved.")).to_be_visible()
    assert marks(run) == {one.name: "present", two.name: "late"}
    expect(mine.page.get_by_role("group", name=one.name).get_by_label("Present")).to_be_checked()


def test_marks_of_a_run_that_was_closed_meanwhile_can_be_forgotten(walk, run, trainer):
    me = phone(walk, trainer)
    me.to(f"/runs/{run.pk}/register/")
    me.context.set_offline(True)
    tap(me, names(run)[0], "Late")
    Run.objects.filter(pk=run.pk).update(state=Run.State.COMPLETED)
    me.context.set_offline(False)
    expect(me.page.get_by_text("This run is closed, so its register cannot be changed.")).to_be_visible()
    me.look("81-refused")
    me.press("Forget these marks")
    expect(me.page.get_by_text("This run is completed")).to_be_visible()
    me.troubles.clear()
    assert me.page.evaluate("localStorage.length") == 0


def test_a_signed_out_phone_says_so_and_keeps_its_marks(walk, run, trainer):
    me = phone(walk, trainer)
    me.to(f"/runs/{run.pk}/register/")
    cookies = me.context.cookies()
    me.context.clear_cookies(name="sessionid")
    tap(me, names(run)[0], "Late")
    expect(me.page.get_by_text("Load this page again, and sign in if you are asked to.")).to_be_visible()
    me.troubles.clear()
    me.context.add_cookies(cookies)
    me.to(f"/runs/{run.pk}/register/")
    expect(me.page.get_by_text("All marks are saved.")).to_be_visible()
    assert marks(run) == {names(run)[0].name: "late"}


@pytest.mark.parametrize("scripts", [True, False])
def test_a_trainers_day_from_the_code_on_the_screen_to_closing_the_run(walk, run, trainer, scripts):
    one, two, three = names(run)
    screen = walk(java_script_enabled=scripts)
    screen.be(trainer)
    screen.to("/registers/")
    screen.press("Noticing neglect", "link")
    screen.press("Show the code to scan", "link")
    expect(screen.page.get_by_text("0 of 3")).to_be_visible()
    typed = screen.page.locator(".ac-code__code").inner_text()
    if scripts:
        screen.look("82-code")

    me = walk(java_script_enabled=scripts)
    me.page.set_viewport_size(PHONE)
    me.to(f"/here/{typed.replace(' ', '')}/")
    me.page.get_by_label("Work e-mail address").fill(one.email)
    me.press("Send me a code")
    me.page.get_by_label("Code").fill(re.search(r"^\w+-\w+$", Letter.objects.get().text, re.MULTILINE).group())
    me.press("Sign in")
    expect(me.page.get_by_role("heading", name="Noticing neglect")).to_be_visible()
    if scripts:
        me.look("83-here")
    me.press("I am here")
    expect(me.page.get_by_role("heading", name="You are on the register")).to_be_visible()
    if scripts:
        me.look("84-on-the-register")
    assert marks(run) == {one.name: "present"}

    taking = phone(walk, trainer, java_script_enabled=scripts)
    taking.to(f"/runs/{run.pk}/register/")
    expect(taking.page.get_by_role("group", name=one.name).get_by_label("Present")).to_be_checked()
    tap(taking, two, "Absent")
    taking.press("Everyone else is present")
    expect(taking.page.get_by_text("Register saved: 3 people marked.")).to_be_visible()
    if scripts:
        taking.look("85-register-taken")
    ended = clock.now()
    for rows in (Run.objects.filter(pk=run.pk), run.sessions):
        rows.update(ends_at=ended)
    taking.page.reload()
    taking.press("Go on to close the run")
    expect(taking.page.get_by_text("2 people completed the course")).to_be_visible()
    if scripts:
        taking.look("86-close")
    taking.press("Close the run")
    expect(taking.page.get_by_text("2 people have completed the course")).to_be_visible()
    assert {item.person for item in Achievement.objects.all()} == {one, three}


def test_the_screen_shows_the_next_code_by_itself_although_a_question_for_it_is_lost(walk, run, trainer):
    screen = walk()
    screen.be(trainer)
    screen.to(f"/runs/{run.pk}/register/{run.sessions.get().pk}/code/")
    first = screen.page.locator(".ac-code__code").inner_text()
    lost = []
    screen.page.route("**/code/", lambda route: route.continue_() if lost else lost.append(route))
    expect(screen.page.locator(".ac-code__code")).not_to_have_text(first, timeout=60_000)
    assert lost
    screen.troubles.clear()  # the browser remarks that the question was given up


@pytest.mark.parametrize("scripts", [True, False])
def test_somebody_who_came_instead_of_another_and_one_whom_nobody_knows(walk, run, trainer, scripts):
    away, came = names(run)[0], employed()
    me = phone(walk, trainer, java_script_enabled=scripts)
    me.to(f"/runs/{run.pk}/register/")
    me.press("Add somebody who came unbooked", "link")
    me.page.get_by_label("Work e-mail address").fill(came.email)
    me.page.get_by_label("Did they come instead").select_option(label=away.name)
    me.press("Find them")
    expect(me.page.get_by_role("heading", name="Is this who came?")).to_be_visible()
    if scripts:
        me.look("87-is-this-who-came")
    me.press("Add to the register")
    expect(me.page.get_by_text(f"{came.name} is on the register. Mark them below.")).to_be_visible()
    assert came in names(run)
    me.press("Add somebody who came unbooked", "link")
    me.page.get_by_label("Their name").fill("Ivo Ashdown")
    me.page.get_by_label("Where they work").fill("A nursery")
    if scripts:
        me.shot("88-walk-in")
    me.press("Write them down")
    expect(me.page.get_by_text("Ivo Ashdown, A nursery: came on")).to_be_visible()
    if scripts:
        me.look("89-register-with-newcomer")


def test_a_message_is_looked_at_before_it_is_sent(walk, run, trainer):
    me = phone(walk, trainer)
    me.to(f"/runs/{run.pk}/message/")
    me.page.get_by_label("Your message").fill("Bring a pen.\n\nWe start at 9:30am.")
    me.press("Go on")
    expect(me.page.get_by_text("the 3 people who hold a place")).to_be_visible()
    me.look("90-check-message")
    me.press("Change it")
    expect(me.page.get_by_label("Your message")).to_have_value(re.compile(r"Bring a pen\.\s+We start"))
    me.press("Go on")
    me.press("Send to 3 people")
    expect(me.page.get_by_text("Your message goes to 3 people.")).to_be_visible()
    assert OutboxMessage.objects.filter(kind="courses.run_message").count() == 3
