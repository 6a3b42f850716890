"""An administrator's morning: mail that failed, what runs by itself, and people who want their records or are to go.

Holding somebody's records is walked in test_privacy_journey.py; putting back a backup is tests/test_backup.py.
"""

import re
import zipfile
from datetime import date, timedelta

import pytest
from django.core import mail
from playwright.sync_api import expect

from courses.actions import bookings
from partners.models import OutboxMessage, Person
from tests.browser.steps import post, see
from tests.browser.test_privacy_journey import named
from tests.factories import NOW, achieved, employed, holding, planned_run

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def administrator(later) -> Person:
    return named(holding("administrator"), "Ruth", "Penhaligon")


def test_an_administrator_sees_what_runs_and_sends_again_what_failed(walk, later, administrator):
    ann = named(employed(), "Annika", "Sørby")
    bookings.book(run=planned_run(title="Noticing neglect"), person=ann, by=ann, at=NOW)
    refused = {"state": "failed", "note": "The mail server refused the address"}
    OutboxMessage.objects.filter(person=ann).update(**refused)
    later(minutes=1)
    assert mail.outbox == []
    me = walk()
    page = me.page
    me.be(administrator)
    me.to("/")
    see(me, "1300-first-page")
    me.press("System", "link")
    see(me, "1301-system")
    ran = page.get_by_role("table", name="What runs by itself, in order")
    expect(ran.get_by_role("row", name="Send messages")).to_contain_text(re.compile("just now|seconds? ago"))
    expect(ran.get_by_text("Not yet")).to_have_count(0)
    failed = page.get_by_role("row", name="Annika Sørby")
    expect(failed).to_contain_text("Failed: The mail server refused the address")
    failed.get_by_role("button", name="Send again").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("The message will be sent again within a few seconds.")).to_be_visible()
    expect(page.get_by_text("None: every message arrived, or will be tried again.")).to_be_visible()
    later(minutes=1)
    assert "Noticing neglect" in post(ann.email).subject


def test_an_administrator_hands_out_everything_about_somebody(walk, later, administrator, tmp_path):
    ann = named(employed(), "Annika", "Sørby", access_needs="A hearing loop")
    achieved(ann, on=date(2026, 5, 4), run=planned_run(title="Noticing neglect", starts_at=NOW - timedelta(days=200)))
    me = walk()
    page = me.page
    me.be(administrator)
    me.to("/system/")
    me.press("Privacy requests and holds", "link")
    page.get_by_label("Name, work e-mail address or Social Work England number").fill("sørby")
    page.keyboard.press("Enter")
    me.press("Annika Sørby", "link")
    see(me, "1310-person")
    me.press("Everything held about them", "link")
    page.get_by_label("Who asked, and how do you know that it was them?").fill("By letter, known to the service desk")
    see(me, "1311-everything")
    with page.expect_download() as download:
        me.press("Make the archive")
    with zipfile.ZipFile(download.value.path()) as archive:
        archive.extractall(tmp_path)
    page.goto((tmp_path / "index.html").as_uri())
    expect(page.get_by_role("heading", level=1)).to_contain_text("Annika Sørby")
    expect(page.get_by_text("A hearing loop").first).to_be_visible()
    expect(page.get_by_text("Noticing neglect").first).to_be_visible()
    see(me, "1312-archive")


def test_leavers_go_by_hand_after_a_look_and_by_the_schedule_at_night(walk, later, administrator):
    left = named(employed(end_date=date(2024, 5, 31)), "Ottoline", "Marchbanks")
    gone = named(employed(start=date(2009, 1, 5), end_date=date(2012, 6, 30)), "Ignatius", "Marchbanks")
    for person in (left, gone):
        achieved(person, on=date(2011, 5, 4))
    me = walk()
    page = me.page
    me.be(administrator)
    finds_marchbanks(me)
    expect(page.get_by_text("2 people found.")).to_be_visible()
    see(me, "1320-found")
    me.press("Ottoline Marchbanks", "link")
    me.press("To be erased", "link")
    expect(page.get_by_role("table", name="What goes and what stays")).to_be_visible()
    see(me, "1321-what-goes")
    page.get_by_label("Why are they erased?").fill("Asked in writing")
    me.press("Erase this person")
    expect(page.get_by_text("The person has been erased.")).to_be_visible()
    finds_marchbanks(me)
    expect(page.get_by_text("1 person found.")).to_be_visible()
    later(days=1)
    finds_marchbanks(me)
    expect(page.get_by_text("Nobody matches.")).to_be_visible()
    see(me, "1322-nobody")
    expect(page.get_by_role("row", name=f"Person {gone.pk}")).to_be_visible()
    me.be(holding("lead"))
    for address in ("/people/", "/people/?q=Marchbanks", "/what-happened/"):
        me.to(address)
        assert "Marchbanks" not in page.get_by_role("main").inner_text()
    see(me, "1323-what-happened")


def finds_marchbanks(me) -> None:
    me.to("/system/privacy/")
    me.page.get_by_label("Name, work e-mail address or Social Work England number").fill("marchb")
    me.page.keyboard.press("Enter")
    expect(me.page.get_by_role("status")).to_be_visible()
