"""A manager books three people at once, and names a deputy for a holiday, who can then approve."""

import pytest
from playwright.sync_api import expect

from academy.lib import clock
from courses.models import Course
from tests.browser.judges import DESK, PHONE
from tests.browser.steps import link_in, post, see
from tests.browser.test_journey import tab_to
from tests.browser.test_privacy_journey import named
from tests.courses.steps import ask
from tests.factories import AgencyFactory, employed, planned_run

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("pixels", [PHONE, DESK])
def test_a_manager_books_for_three_and_a_deputy_approves_in_the_holidays(walk, later, pixels):
    agency = AgencyFactory(name="Little Otters Nursery")
    manager, deputy = (named(employed(agency=agency), name, "Adeyemi-Long") for name in ("Folake", "Tunde"))
    team = [named(employed(agency=agency, manager=manager), name, "Brook") for name in ("Ada", "Bea", "Cleo", "Dee")]
    run = planned_run(title="Noticing neglect", capacity=3)
    ask(run, team[0])
    ask(run)
    me, theirs = (walk(java_script_enabled=pixels == DESK) for _ in range(2))
    for each in (me, theirs):
        each.page.set_viewport_size({"width": pixels, "height": 800})
    page = me.page
    me.be(manager)
    me.to("/people/")
    see(me, "300-people")
    me.to(f"/runs/{run.pk}/")
    tab_to(me, "Book for others")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Ada Brook (has a booking)")).to_be_visible()
    for person in team[1:]:
        page.get_by_label(person.name).check()
    see(me, "301-book-for")
    me.press("Book for them")
    outcomes = page.get_by_role("region", name="What came of it")
    for person, words in zip(team[1:], ("Booked", "In the queue, place 1", "In the queue, place 2"), strict=True):
        expect(outcomes.get_by_role("link", name=f"{words} : {person.name}")).to_be_visible()
    see(me, "302-outcomes")
    later()
    assert [post(person.email, "Noticing neglect").subject[:6] for person in team[1:]] == ["Booked", "In the", "In the"]

    me.to("/people/")
    me.press("Deputies", "link")
    page.get_by_label("Their work e-mail address").fill(deputy.email)
    page.get_by_label("From").fill("2026-12-21")
    page.get_by_label("Until").fill("2027-01-04")
    see(me, "303-deputies")
    me.press("Name this deputy")
    expect(page.get_by_text("21 December 2026 to 4 January 2027")).to_be_visible()
    see(me, "304-named")
    later(days=29)
    assert "Folake" in post(deputy.email).body
    costly = planned_run(title="Thresholds", starts_at=run.starts_at.replace(year=2027, month=2))
    Course.objects.filter(pk=costly.course_id).update(needs_approval=True)
    asked = ask(costly, team[0], at=clock.now())
    later()
    theirs.be(deputy)
    theirs.to(link_in(post(deputy.email, "asks for your approval"), "/approvals/"))
    theirs.page.get_by_label("Yes, approve it").check()
    see(theirs, "305-deputy-approves")
    theirs.press("Save decision")
    expect(theirs.page.get_by_text("Ada Brook’s booking is approved, and they are told.")).to_be_visible()
    assert asked.approvals.get().decided_by == deputy
