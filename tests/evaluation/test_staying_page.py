"""How long people stay, on the retention page: charts of the newest, tables of all, either reading, and downloads."""

import json
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from evaluation.reports import retention_curve_report
from evaluation.views.staying import MOST_CHARTS
from tests.factories import TODAY, AgencyFactory, asye_cohort, employed, enrolled, holding

pytestmark = pytest.mark.django_db
BEGAN = date(2023, 9, 4)


@pytest.fixture
def browser(as_person):
    return as_person(holding("director"))


def a_cohort(name: str, size: int = 1, start: date = BEGAN, **facts) -> None:
    cohort, agency = asye_cohort(name), AgencyFactory()
    for _ in range(size):
        enrolled(cohort, employed(agency=agency, dfe_role=5, start=start, **facts), agency, start=start)


def shares(page) -> dict[str, list[str]]:
    return {row.name: [said for _, said in row_shares] for row, row_shares in page.context["staying"].shares}


def test_a_cohort_has_a_chart_with_its_figures_in_words(browser):
    a_cohort("Cohort 1", size=12)
    page = browser.get("/retention/")
    (panel,) = page.context["staying"].panels
    assert panel.desc == (
        "12 members, 0 leavers, 38 months. Still there: after 12 months 100% (76% to 100%), "
        "after 24 months 100% (76% to 100%), after 36 months 100% (76% to 100%)."
    )
    assert "All cohorts together" not in page.content.decode()


def test_months_to_come_are_not_yet_and_a_few_members_are_named_as_few(browser):
    a_cohort("Cohort 1", size=3, start=date(2025, 9, 1))
    assert shares(browser.get("/retention/"))["Cohort 1"] == ["100% (44% to 100%) (n = 3)", "not yet", "not yet"]


def test_a_cohort_that_has_only_begun_is_in_the_tables_and_has_no_chart(browser):
    a_cohort("Cohort 1", start=TODAY)
    page = browser.get("/retention/")
    assert page.context["staying"].panels == []
    assert "Too new for a chart: Cohort 1." in page.content.decode()
    assert page.context["staying"].at_risk == {"columns": ["Cohort", "0"], "rows": [["Cohort 1", 1]]}


def test_the_newest_cohorts_have_charts_and_the_tables_have_all(browser):
    for n in range(MOST_CHARTS + 1):
        a_cohort(f"Cohort {n:02}", start=BEGAN + timedelta(days=n))
    page = browser.get("/retention/")
    assert [panel.name for panel in page.context["staying"].panels] == [f"Cohort {n:02}" for n in range(1, 10)]
    assert "Too old for a chart here, but in the tables: Cohort 00." in page.content.decode()
    assert len(shares(page)) == MOST_CHARTS + 2  # and all cohorts together


def test_a_move_within_the_council_can_be_read_either_way(browser):
    a_cohort("Cohort 1", size=5, end_date=BEGAN + timedelta(days=300), leaving_reason=7)
    page, other = browser.get("/retention/"), browser.get("/retention/?moved=stayed")
    assert shares(page)["Cohort 1"][0] == "0% (0% to 43%)"
    assert shares(other)["Cohort 1"][0] == "not yet"
    assert 'moved=stayed#staying"' in page.content.decode()
    assert 'name="moved" value="stayed"' in other.content.decode()
    assert browser.get("/retention/?moved=nonsense").status_code == 404


def test_members_of_whom_no_job_is_known_are_told_of(browser):
    a_cohort("Cohort 1", size=2, retracted=True)
    assert "Members left out, since no job of theirs is known: 2." in browser.get("/retention/").content.decode()


def test_the_curves_download_in_the_formats_of_the_table(browser):
    a_cohort("Cohort 1")
    answer = browser.get("/retention/download/json/?report=retention-curve")
    made = retention_curve_report(None, TODAY, TODAY).data
    assert json.loads(answer.content)["curves"][0]["steps"] == made["curves"][0]["steps"]
    assert f'filename="retention-curve-{TODAY}.json"' in answer["Content-Disposition"]
    assert browser.get("/retention/download/csv/?report=nonsense").status_code == 404


def test_a_page_of_three_cohorts_asks_as_many_questions_as_one_of_one(browser):
    asked = []
    for n in range(3):
        a_cohort(f"Cohort {n}")
        browser.get("/retention/")
        with CaptureQueriesContext(connection) as queries:
            browser.get("/retention/")
        asked.append(len(queries))
    assert asked[0] == asked[2]
