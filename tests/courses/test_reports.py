"""The reports on training, as leads, directors and coordinators see them."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from academy.lib import clock
from courses.models import PracticeTheme, Run
from courses.stats import trainers
from courses.stats.attendance import Asked
from tests.courses import leicester
from tests.factories import (
    NOW,
    holding,
)
from tests.signing_in import signed_in
from tests.who_may_world import taken_back

pytestmark = pytest.mark.django_db
DAYS = f"first={leicester.FROM}&last={leicester.TO}"
REPORT, PEOPLE = f"/reports/training/?{DAYS}", f"/reports/training/people/?{DAYS}"
FILE = f"/reports/training/people/download/{{}}/?{DAYS}"
ENDED = NOW - timedelta(days=30)


@pytest.fixture(scope="module")
def example(django_db_setup, django_db_blocker) -> Iterator[dict]:
    """The published quarter, with a lead, a director, and a coordinator of each of its agencies."""
    with django_db_blocker.unblock(), clock.standing_at(NOW), taken_back():
        made = leicester.build()
        for name in ("council", "trust"):
            made[f"{name}_coordinator"] = holding("coordinator", agency=made[name], scoped=True)
        made |= {"lead": holding("lead"), "director": holding("director")}
        yield made


def page_of(person, address: str) -> str:
    response = signed_in(person.user).get(address)
    assert response.status_code == 200
    return response.content.decode()


def words(page: str) -> str:
    """What a page says, as one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def file_of(person, address: str) -> bytes:
    response = signed_in(person.user).get(address)
    assert response.status_code == 200
    return b"".join(response.streaming_content) if response.streaming else response.content


def links(page: str) -> list[tuple[str, int]]:
    """Addresses of people behind a count, with the count."""
    found = re.findall(r'href="(/reports/training/people/\?figure=[^"]+)">(\d+)<', page)
    return [(address.replace("&amp;", "&"), int(count)) for address, count in found]


# --- The published quarter ----------------------------------------------------------------------------------------


def test_the_page_shows_the_published_rates_each_with_what_it_is_of_and_how_it_is_worked_out(example):
    page = words(page_of(example["lead"], REPORT))
    for label, percent, of in [
        ("Attended ÷ booked", "96%", "304 of 318"),
        ("Attended ÷ capacity", "77%", "304 of 393"),
        ("Booked and attended ÷ booked", "85%", "269 of 318"),
    ]:
        assert f"{label} {percent} {of} How this is worked out" in page
    assert "Everyone who was there, walk-ins included, out of everyone who was booked." in page


def test_every_figure_on_the_page_opens_as_many_bookings_as_it_says(example):
    found = {
        link for by in ("course", "agency", "theme") for link in links(page_of(example["lead"], f"{REPORT}&by={by}"))
    }
    assert len(found) > 30
    for address, count in found:
        assert "<h1" in (page := page_of(example["lead"], address))
        assert f": {count}</h1>" in page, address


def test_the_downloads_say_what_the_page_says(example):
    address = f"/reports/training/download/{{}}/?{DAYS}"
    rows = list(csv.DictReader(io.StringIO(file_of(example["lead"], address.format("csv")).decode("utf-8-sig"))))
    assert (rows[0]["Booked"], rows[0]["Capacity"], rows[0]["Attended"]) == ("318", "393", "304")
    sheet = load_workbook(io.BytesIO(file_of(example["lead"], address.format("xlsx")))).active
    assert [cell for cell in list(sheet.values)[1] if cell is not None][:5] == ["Everything", 9, 9, 393, 318]


@pytest.mark.parametrize("figure", ["booked", "no_show", "late", "in_time", "walk_in", "attended"])
def test_the_list_behind_a_figure_has_a_line_for_each_in_page_csv_and_workbook(example, figure):
    count = {"booked": 318, "no_show": 20, "late": 12, "in_time": 17, "walk_in": 35, "attended": 304}[figure]
    assert f": {count}</h1>" in page_of(example["lead"], f"{PEOPLE}&figure={figure}")
    text = file_of(example["lead"], f"{FILE.format('csv')}&figure={figure}").decode("utf-8-sig")
    assert len(list(csv.DictReader(io.StringIO(text)))) == count
    sheet = load_workbook(io.BytesIO(file_of(example["lead"], f"{FILE.format('xlsx')}&figure={figure}"))).active
    rows = list(sheet.values)
    assert rows[0] == ("Name", "Agency", "Course", "Last session", "What came of it")
    assert len(rows) == count + 1


def test_pages_of_the_list_hold_each_booking_once(example):
    seen = []
    for number in range(1, 14):
        page = page_of(example["lead"], f"{PEOPLE}&figure=booked&page={number}")
        seen += re.findall(
            r'<th scope="row" class="govuk-table__header">([^<]+)</th><td[^>]*>[^<]+</td><td[^>]*>([^<]+)<', page
        )
    assert len(seen) == 318


def test_narrowed_to_an_agency_its_own_figures_are_shown_and_no_share_of_places(example):
    page = words(page_of(example["lead"], f"{REPORT}&agency={example['trust'].pk}"))
    assert "Attended ÷ capacity 77%" not in page
    assert "Booked and attended ÷ booked" in page
    both = sum(
        int(re.search(r"of (\d+) How", words(page_of(example["lead"], f"{REPORT}&agency={example[name].pk}")))[1])
        for name in ("council", "trust")
    )
    assert both == 318


def test_a_courses_own_figures_are_told_by_agency(example):
    page = words(page_of(example["lead"], f"{REPORT}&by=agency&course={example['courses'][0].pk}"))
    assert "Only Course A" in page
    assert "Invented County Council" in page
    assert "Invented Health Trust" in page


def test_a_director_sees_figures_and_names_nobody_elsewhere(example):
    assert "304 of 318" in words(page_of(example["director"], REPORT))
    page = page_of(example["director"], f"{PEOPLE}&figure=attended")
    assert ": 304</h1>" in page
    assert "Of0" not in page
    assert "Someone in another agency" in page
    rows = file_of(example["director"], f"{FILE.format('csv')}&figure=attended").decode()
    assert "Of0" not in rows
    assert rows.count("Someone in another agency") == 304


# --- A coordinator ------------------------------------------------------------------------------------------------


def test_a_coordinator_sees_own_people_alone(example):
    page = page_of(example["trust_coordinator"], f"{REPORT}&by=agency")
    assert "Invented Health Trust" in page
    assert "Invented County Council" not in page
    assert "304 of 318" not in words(page)
    assert "Attended ÷ capacity" not in words(page).partition("How this is worked out")[0]
    listed = page_of(example["trust_coordinator"], f"{PEOPLE}&figure=booked")
    assert "Invented County Council" not in listed
    assert "Someone in another agency" not in listed


@pytest.mark.parametrize(
    "address",
    [
        *(REPORT, f"{PEOPLE}&figure=booked", f"{FILE.format('csv')}&figure=booked"),
        *(f"{FILE.format('xlsx')}&figure=booked", f"/reports/training/download/csv/?{DAYS}"),
        *("/reports/training/demand/?", "/reports/training/trainers/?"),
    ],
)
def test_a_coordinator_who_asks_for_another_agency_gets_nothing(example, address):
    other = f"&agency={example['council'].pk}"
    assert signed_in(example["trust_coordinator"].user).get(address + other).status_code == 404


@pytest.mark.parametrize("agency", ["0", "00", "-1", "1 OR 1=1", "999999", "١"])
def test_no_other_way_of_naming_an_agency_widens_what_a_coordinator_sees(example, agency):
    browser = signed_in(example["trust_coordinator"].user)
    for address in (f"{REPORT}&agency={agency}", f"{FILE.format('csv')}&figure=booked&agency={agency}"):
        response = browser.get(address)
        body = b"".join(response.streaming_content) if response.streaming else response.content
        assert b"Invented County Council" not in body
        assert b"304 of 318" not in body


def test_what_a_coordinator_downloads_is_own_peoples(example):
    for address in (f"{FILE.format('csv')}&figure=attended", f"/reports/training/download/csv/?{DAYS}"):
        text = file_of(example["trust_coordinator"], address).decode()
        assert "Invented Health Trust" in text
        assert "Invented County Council" not in text
    data = file_of(example["trust_coordinator"], f"/reports/training/download/json/?{DAYS}").decode()
    assert "Invented County Council" not in data
    assert '"capacity": 393' not in data


def test_days_that_cannot_be_are_told_and_nothing_else_is_shown(example):
    for days, told in [
        ("last=2999-01-01", "1 January 2999 has not come yet"),
        ("first=2016-06-30&last=2016-04-01", "The first day comes after the last one"),
        ("first=1900-01-01", "1 January 1900 is before any record"),
        ("first=x", "Enter the first day as a date"),
    ]:
        page = page_of(example["lead"], f"/reports/training/?{days}")
        assert told in page
        assert "Quarter by quarter" not in page


# --- Who waits, and what it costs ---------------------------------------------------------------------------------


def test_a_coordinator_is_not_told_what_runs_cost(example):
    Run.objects.update(cost=100)
    assert "What a place costs" not in page_of(example["trust_coordinator"], f"/reports/training/demand/?{DAYS}")
    assert "What a place costs" in page_of(example["lead"], f"/reports/training/demand/?{DAYS}")


# --- Given and taken ----------------------------------------------------------------------------------------------


def test_what_the_trust_gave_and_took_stands_beside_each_other(example):
    found = {each.name: each for each in trainers.exchanges(Asked(date(2016, 4, 1), date(2016, 6, 30), NOW))}
    trust, council = found["Invented Health Trust"], found["Invented County Council"]
    assert (trust.days, trust.trainers, council.days) == (9, 1, 0)
    assert trust.took + council.took == 304
    page = words(page_of(example["trust_coordinator"], f"/reports/training/trainers/?{DAYS}"))
    assert f"Invented Health Trust 9 1 {trust.took}" in page
    assert "Invented County Council" not in page
    assert "Trainers’ load" not in page


# --- Letters ------------------------------------------------------------------------------------------------------


def letter_words(person, agency, year: int = 2016) -> str:
    pdf = PdfReader(io.BytesIO(file_of(person, f"/reports/training/letters/{agency.pk}/{year}/")))
    assert len(pdf.pages) == 1
    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"]
    return " ".join(pdf.pages[0].extract_text().split())


def test_the_yearly_letter_says_on_one_page_what_an_agency_gave_and_took(example):
    found = {each.name: each for each in trainers.exchanges(Asked(date(2016, 4, 1), date(2017, 3, 31), NOW))}
    took = found["Invented Health Trust"].took
    letter = letter_words(example["lead"], example["trust"])
    assert f"In 2016–17 your colleagues gave 9 days and took {took} places." in letter
    assert "9 days taught by 1 trainer." in letter
    assert letter_words(example["trust_coordinator"], example["trust"]) == letter


def test_a_letter_about_a_year_that_is_not_over_says_so(example):
    assert "In 2026–27 so far your colleagues gave 0 days" in letter_words(example["lead"], example["trust"], 2026)


def test_a_coordinator_gets_the_own_agencys_letter_alone(example):
    page = page_of(example["trust_coordinator"], "/reports/training/letters/?year=2016")
    assert f"/letters/{example['trust'].pk}/2016/" in page
    assert f"/letters/{example['council'].pk}/" not in page
    browser = signed_in(example["trust_coordinator"].user)
    assert browser.get(f"/reports/training/letters/{example['council'].pk}/2016/").status_code == 404


@pytest.mark.parametrize("year", ["1", "2999", "x", "²"])
def test_there_is_no_letter_for_a_year_that_cannot_be(example, year):
    assert signed_in(example["lead"].user).get(f"/reports/training/letters/?year={year}").status_code == 404


def test_a_theme_narrows_the_report(example):
    theme = PracticeTheme.objects.get(slug="neglect")
    page = words(page_of(example["lead"], f"{REPORT}&theme={theme.pk}"))
    assert "Course A" in page
    assert "Course B" not in page
