"""Every page carries the content policy, and holds nothing that the policy would stop."""

import re
from datetime import timedelta

import pytest

from academy.lib import registry
from academy.tryout.models import Guide, Letter
from evaluation.models import FollowUp
from tests.evaluation.asking import answer
from tests.factories import (
    NOW,
    AgencyFactory,
    achieved,
    asye_cohort,
    booked,
    crowd,
    employ,
    employed,
    enrolled,
    planned_run,
)

pytestmark = pytest.mark.django_db
INLINE_STYLE = re.compile(r"<style|\sstyle\s*=", re.IGNORECASE)
INLINE_SCRIPT = re.compile(r"<script(?![^>]*\ssrc=)|\son[a-z]+\s*=|javascript:", re.IGNORECASE)


@pytest.fixture
def everything() -> dict[str, object]:
    """A person who may open every page, and something to see on each."""
    from partners.models import Grant

    agency = AgencyFactory()
    lead = employed(agency=agency)
    for access_role in ("lead", "director"):
        Grant.objects.create(person=lead, access_role=access_role, from_date=NOW.date(), reason="a test")
    employed(manager=lead)
    run = planned_run(sessions=2, capacity=1)
    past = planned_run(starts_at=NOW - timedelta(days=92), trainers=[lead])
    booked(past)
    booking = booked(planned_run(), lead)
    for person in crowd(5):
        achieved(person, on=past.last_day, run=past)
    achieved(lead, on=past.last_day, course=past.course)
    registry.run_due(NOW)
    for follow_up in FollowUp.objects.filter(state="sent", achievement__run=past):
        answer(follow_up)
    member = employed()
    employ(member, agency=agency, dfe_role=5, employee_number="m")
    cohort = asye_cohort()
    enrolled(cohort, member, agency, start=(NOW - timedelta(days=400)).date(), completed_on=NOW.date())
    Guide.objects.create(person=lead, position=1, what="Lead", see="Everything.")
    letter = Letter.objects.create(to="a@b.example", sender="c", subject="S", text="T", message_id="1", received_at=NOW)
    open_follow_up = FollowUp.objects.get(state="sent")
    return {
        "lead": lead,
        "addresses": [
            *("/", "/people/", "/courses/", "/courses/?q=zzz", "/bookings/", "/registers/", "/cohorts/", "/retention/"),
            f"/courses/{run.course_id}/",
            *(f"/runs/{run.pk}/", f"/runs/{past.pk}/", f"/runs/{run.pk}/book/"),
            *(f"/runs/{run.pk}/register/", f"/runs/{past.pk}/register/"),
            *(f"/bookings/{booking.reference}/", f"/bookings/{booking.reference}/give-up/"),
            *(f"/cohorts/{cohort.pk}/", "/retention/people/?figure=in_post"),
            *(
                f"/follow-ups/{open_follow_up.token}/",
                f"/follow-ups/{FollowUp.objects.filter(state='answered')[0].token}/",
            ),
            *("/help/", "/privacy/", "/accessibility/", "/sign-in/closed/", "/nothing/"),
            *("/try-out/", "/try-out/mailbox/", f"/try-out/mailbox/{letter.pk}/", "/try-out/clock/"),
        ],
    }


def test_no_page_holds_an_inline_style_or_script_and_every_page_carries_the_policy(everything, as_person):
    browser = as_person(everything["lead"])
    for address in everything["addresses"]:
        page = browser.get(address)
        assert page.status_code == (404 if address == "/nothing/" else 200), address
        html = page.content.decode()
        assert not INLINE_STYLE.search(html), address
        assert not INLINE_SCRIPT.search(html), address
        policy = page["Content-Security-Policy"]
        assert "default-src 'none'" in policy, address
        assert "unsafe" not in policy, address
        assert page["X-Frame-Options"] == "DENY", address


def test_every_page_has_one_heading_a_title_and_a_main_part(everything, as_person):
    browser = as_person(everything["lead"])
    for address in everything["addresses"]:
        html = browser.get(address).content.decode()
        assert html.count("<h1") == 1, address
        assert re.search(r"<title>[^–\s][^–]* – ", html), address
        assert html.count("<main") == 1, address
        ids = re.findall(r'\sid="([^"]+)"', html)
        assert len(ids) == len(set(ids)), (address, sorted({i for i in ids if ids.count(i) > 1}))


def test_every_form_that_changes_something_is_protected(everything, as_person):
    browser = as_person(everything["lead"])
    for address in everything["addresses"]:
        html = browser.get(address).content.decode()
        forms = re.findall(r"<form[^>]*method=\"post\".*?</form>", html, re.DOTALL | re.IGNORECASE)
        assert all("csrfmiddlewaretoken" in form for form in forms), address
