"""Who stays, in the browser: the days one may ask for, the people behind a number, and the same figures to download."""

import json
from datetime import date

import pytest

from evaluation.reports import retention_report
from tests.factories import TODAY, AgencyFactory, asye_cohort, employed, enrolled, holding

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(as_person):
    """A director of the agency of three members; a fourth is another agency's."""
    director = holding("director", scoped=True)
    agency = director.employments.get().agency
    cohort = asye_cohort()
    for place in (agency, agency, agency, AgencyFactory()):
        enrolled(cohort, employed(agency=place, dfe_role=5), place, start=date(2026, 9, 7))
    return as_person(director)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("as_at=2027-01-01", "1 January 2027 has not come yet"),
        ("known_at=2030-01-01", "1 January 2030 has not come yet"),
        ("as_at=9999-12-31", "has not come yet"),
        ("as_at=0001-01-01", "is before any record"),
        ("as_at=9999-99-99", "Enter the day of the figures as a date"),
        ("known_at=%00", "Enter the day of the knowledge as a date"),
    ],
)
def test_a_day_that_cannot_be_is_told_beside_its_field_and_gives_no_figures(browser, asked, said):
    page = browser.get(f"/retention/?{asked}")
    assert page.status_code == 200
    assert page.content.decode().count(said) == 2  # in the summary, and beside the field
    assert "retention" not in page.context
    for address in ("people/", "download/csv/"):
        assert browser.get(f"/retention/{address}?figure=intake&{asked}").status_code == 404


def test_the_people_behind_a_number_number_exactly_that_and_others_services_are_counted(browser):
    page = browser.get("/retention/people/?figure=on_programme")
    assert len(page.context["lines"]) == browser.get("/retention/").context["overall"].count("on_programme") == 4
    assert page.content.decode().count("Someone in another service") == 1
    assert "1 person in another service: counted, not named." in page.content.decode()


@pytest.mark.parametrize("asked", ["figure=nonsense", "figure=intake&cohort=999", "cohort=x", ""])
def test_people_of_a_figure_that_is_none_are_not_found(browser, asked):
    assert browser.get(f"/retention/people/?{asked}").status_code == 404


def test_a_download_holds_the_figures_of_the_page(browser):
    found = json.loads(browser.get("/retention/download/json/").content)
    assert found["overall"] == dict(retention_report(None, TODAY, TODAY).data["overall"])
    assert browser.get("/retention/download/doc/").status_code == 404
