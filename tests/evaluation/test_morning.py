"""What directors find in the morning."""

from datetime import date

import pytest

from evaluation.models import Paper
from tests.factories import NOW, AgencyFactory, asye_cohort, employed, enrolled, holding
from tests.morning import said, section

pytestmark = pytest.mark.django_db


def test_a_director_sees_the_figures_of_who_stays_with_their_day_and_n_and_each_opens_its_people(as_person):
    council, cohort, director = AgencyFactory(), asye_cohort(), holding("director")
    done = {"start": date(2024, 9, 2), "completed_on": date(2025, 9, 1), "outcome": "pass"}
    enrolled(cohort, employed(agency=council, dfe_role=5), council, **done)
    enrolled(cohort, employed(agency=council, dfe_role=5, end_date=date(2026, 3, 31)), council, **done)
    enrolled(cohort, employed(agency=council, dfe_role=5), council, start=date(2026, 9, 7))
    found = section(director, "Who stays")
    assert [(tile.label, tile.number, tile.detail) for tile in found.tiles] == [
        ("In post, of those who completed", "50%", "1 of 2 · as at 23 November 2026"),
        ("On the programme", "1", "As at 23 November 2026"),
        ("Left", "1", "As at 23 November 2026"),
    ]
    browser = as_person(director)
    for tile in found.tiles:
        page = browser.get(tile.people)
        assert page.status_code == 200
        assert len(page.context["lines"]) == 1  # as many as the figure's numerator


def test_what_cannot_be_observed_yet_has_no_figure_and_opens_nobody():
    council, director = AgencyFactory(), holding("director")
    enrolled(asye_cohort(), employed(agency=council, dfe_role=5), council, start=date(2026, 9, 7))
    in_post, _, left = section(director, "Who stays").tiles
    assert (in_post.number, in_post.people) == ("Not yet", "")
    assert (left.number, left.people) == ("0", "")


def test_a_director_finds_the_newest_paper(as_person):
    director = holding("director")
    assert section(director, "Who stays").lines == []
    for month in (9, 10):
        Paper.objects.create(
            name="retention",
            period=date(2026, month, 1),
            as_at=date(2026, month, 30),
            made_at=NOW,
            pdf=b"%PDF-1.7 invented",
        )
    found = section(director, "Who stays")
    assert said(found) == ["The paper for October 2026 | PDF, made on 23 November 2026, as at 30 October 2026"]
    assert as_person(director).get(found.lines[0].url).status_code == 200


def test_before_the_first_cohort_a_director_is_told_that_there_is_none():
    found = section(holding("director"), "Who stays")
    assert (found.tiles, found.nothing) == ([], "No cohort has begun yet.")
