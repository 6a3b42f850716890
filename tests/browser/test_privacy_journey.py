"""Somebody asks for everything and reads it; an administrator holds, lets go and erases, in a real browser."""

import zipfile
from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from academy.lib import clock
from academy.privacy import erasing, retention
from academy.privacy.models import ERASED_NAME
from partners.models import Person
from tests.browser.conftest import DESK, width
from tests.factories import achieved, booked, employed, holding, planned_run

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def named(person: Person, given: str, family: str, **facts) -> Person:
    person.given_name, person.family_name = given, family
    for name, value in facts.items():
        setattr(person, name, value)
    person.save()
    return person


def test_somebody_downloads_everything_and_can_read_it(walk, tmp_path):
    manager = named(employed(), "Harriet", "Voss")
    me = named(employed(manager=manager), "Amara", "Osei <script>alert(1)</script>", access_needs="A hearing loop")
    achieved(me, on=date(2026, 5, 4), run=planned_run(starts_at=clock.now() - timedelta(days=200)))
    window = walk()
    window.be(me)
    for address in ("/privacy/", "/privacy/how-long/", "/privacy/cookies/"):
        window.to(address)
        window.look(f"privacy-notices-{address.strip('/').rpartition('/')[2]}")
    window.to("/bookings/")
    window.page.get_by_role("link", name="Everything we hold about you").click()
    window.look("privacy-everything")
    with window.page.expect_download() as download:
        window.press("Download everything")
    with zipfile.ZipFile(download.value.path()) as archive:
        archive.extractall(tmp_path)
    window.page.goto((tmp_path / "index.html").as_uri())
    expect(window.page.get_by_role("heading", level=1)).to_contain_text("Amara Osei <script>alert(1)</script>")
    expect(window.page.get_by_text("your manager then").first).to_be_visible()
    assert "Voss" not in window.page.content()
    window.look("privacy-archive")


def test_an_administrator_holds_a_person_lets_go_and_erases(walk):
    administrator = named(holding("administrator"), "Ruth", "Penhaligon")
    left = named(employed(end_date=date(2024, 5, 31)), "Ottoline", "Marchbanks")
    booked(planned_run(title="Noticing neglect", starts_at=clock.now() + timedelta(days=20)), left)
    achieved(left, on=date(2023, 5, 4))
    employed(start=date(2012, 1, 9), end_date=date(2015, 6, 30))
    erasing.erase(person=employed(), by=administrator, at=clock.now(), reason="Asked in writing on 3 March")
    retention.run(clock.now())
    window = walk()
    page = window.page
    window.be(administrator)
    window.to("/system/")
    page.get_by_role("link", name="Privacy requests and holds").click()
    page.get_by_label("Name, work e-mail address or Social Work England number").fill("marchb")
    window.press("Find")
    window.look("privacy-found")
    page.get_by_role("link", name="Ottoline Marchbanks").click()
    window.look("privacy-person")
    page.get_by_role("link", name="Place a legal hold").click()
    window.press("Place the hold")
    window.look("privacy-hold-errors")
    page.get_by_label("Why must nothing be erased?").fill("A claim before the employment tribunal")
    page.get_by_label("When will you look").fill((clock.today() + timedelta(days=90)).isoformat())
    window.press("Place the hold")
    expect(page.get_by_text("The hold is in force")).to_be_visible()
    window.look("privacy-desk")
    window.to(f"/system/privacy/people/{left.pk}/erase/")
    expect(page.get_by_text("A legal hold of")).to_be_visible()
    window.look("privacy-erase-held")
    window.to("/system/privacy/")
    page.get_by_role("link", name="End the hold").click()
    window.look("privacy-end-hold")
    window.press("End the hold")
    window.to(f"/system/privacy/people/{left.pk}/erase/")
    window.look("privacy-erase")
    page.get_by_label("Why are they erased?").fill("Ottoline asked for it")
    window.press("Erase this person")
    expect(page.get_by_text("Leave the name, address and numbers out").first).to_be_visible()
    expect(page.get_by_label("Why are they erased?")).to_have_value("Ottoline asked for it")
    page.get_by_label("Why are they erased?").fill("Asked in writing")
    window.press("Erase this person")
    expect(page.get_by_text("The person has been erased.")).to_be_visible()
    width(page, DESK)
    left.refresh_from_db()
    assert left.name == ERASED_NAME
