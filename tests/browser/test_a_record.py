"""A social worker's record: what was completed and learnt elsewhere, who can check it, and a private calendar."""

import io
from datetime import date, timedelta

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from courses.actions import certificates
from courses.models import CalendarFeed
from tests.browser.judges import DESK, PHONE
from tests.browser.steps import see
from tests.browser.test_journey import tab_to
from tests.browser.test_privacy_journey import named
from tests.courses.evidence import PDF
from tests.factories import NOW, achieved, booked, employed, planned_run

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
EVIDENCE = {"name": "notes.pdf", "mimeType": "application/pdf", "buffer": PDF}


@pytest.mark.parametrize("pixels", [PHONE, DESK])
def test_a_record_is_kept_shown_copied_and_followed(walk, later, pixels):
    ann = named(employed(), "Annika", "Sørby", swe_number="SW123456")
    run = planned_run(title="Noticing neglect", starts_at=NOW - timedelta(days=40))
    achieved(ann, on=date(2026, 10, 14), run=run)
    certificates.issue_missing(NOW)
    booked(planned_run(title="Early help"), ann)
    me = walk(java_script_enabled=pixels == DESK)
    me.page.set_viewport_size({"width": pixels, "height": 800})
    page = me.page
    me.be(ann)
    me.to("/bookings/")
    expect(page.get_by_role("link", name="Early help")).to_be_visible()
    see(me, "600-my-training")
    tab_to(me, "My record of learning: hours, outside learning, Social Work England")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="My record")).to_be_visible()

    me.press("Add learning")
    page.get_by_label("Type of learning").select_option(index=1)
    page.get_by_label("What it was").fill("A chapter on sleep")
    page.get_by_label("Date", exact=True).fill("2026-11-02")
    page.get_by_label("Hours", exact=True).fill("1.5")
    page.get_by_label("What did you learn?").fill("To ask about sleep first.")
    page.get_by_label("Evidence").set_input_files(EVIDENCE)
    see(me, "601-add")
    me.press("Save")
    expect(page.get_by_role("heading", name="A chapter on sleep")).to_be_visible()
    see(me, "602-learning")
    with page.expect_download() as download:
        me.press("Download notes.pdf", "link")
    assert download.value.path().read_bytes() == EVIDENCE["buffer"]

    me.to("/record/")
    see(me, "603-record")
    expect(page.get_by_role("listitem").filter(has_text="Hours of learning")).to_contain_text("7.5")
    me.press("Record as a PDF", "link")
    see(me, "604-as-a-pdf")
    paper = me.context.request.get(f"{me.site}/record/transcript/?first=2026-01-01&last=2026-11-23").body()
    text = " ".join(each.extract_text() for each in PdfReader(io.BytesIO(paper)).pages)
    assert "Noticing neglect" in text
    assert "A chapter on sleep" in text
    me.to("/record/")
    shared = page.get_by_role("link", name="link to share").get_attribute("href")
    anyone = walk()
    anyone.page.set_viewport_size(page.viewport_size)
    anyone.to(shared)
    expect(anyone.page.get_by_role("heading", name="This certificate is genuine")).to_be_visible()
    see(anyone, "604-genuine-certificate")

    me.press("Ready to copy for Social Work England", "link")
    expect(page.get_by_text("To ask about sleep first.")).to_be_visible()
    see(me, "605-social-work-england")
    me.to("/record/")
    me.press("My places in my calendar", "link")
    see(me, "606-no-calendar")
    tab_to(me, "Make my calendar’s address")
    page.keyboard.press("Enter")
    address = page.locator("#address").inner_text()
    see(me, "607-calendar")
    assert "SUMMARY:Early help" in anyone.context.request.get(address).text()
    me.press("End this address")
    expect(page.get_by_text("The address has ended.")).to_be_visible()
    assert anyone.context.request.get(address).status == 404
    assert not CalendarFeed.objects.exists()
