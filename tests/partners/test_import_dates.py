"""Dates of which Excel has swapped day and month: somebody who knows the people says so, the file cannot."""

from datetime import date

import pytest

from partners.importers import loads
from partners.models import Employment, Import
from tests.partners.files import taken
from tests.partners.test_vicious_files import browser, checked, confirmed, larkshire, wrong  # noqa: F401
from tests.partners.test_workbooks import ADA, BO, CY, HEADER, book, take

pytestmark = pytest.mark.django_db
S = Import.State


def starting(*starts: object) -> bytes:
    """A workbook of as many people, who start on these days."""
    people = [["Larkshire", *person[1:4], None, "Social worker"] for person in (ADA, BO, CY)]
    return book(HEADER, *([*person, start] for person, start in zip(people, starts, strict=False)))


def starts() -> dict[str, date]:
    return dict(Employment.objects.exclude(employee_number="COORD").values_list("employee_number", "start_date"))


HALF_SWAPPED = [date(2024, 3, 4), "25/04/2024", date(2024, 12, 1)]


def test_a_column_of_dates_and_texts_that_go_together_in_one_way_only_is_asked_about(browser):  # noqa: F811
    load = checked(browser, starting(*HALF_SWAPPED))
    assert loads.undecided(load) == ["swapped"]
    page = browser.get(f"/people/import/{load.pk}/").content.decode()
    assert "Start date: lines 2 and 4 have a real date, never after the 12th of a month; line 3 has a text" in page
    assert "4 March 2024 on line 2 was 3 April 2024" in page
    assert confirmed(browser, load).state == S.CHECKED
    assert starts() == {}


@pytest.mark.parametrize(
    ("said", "first", "last"),
    [("swapped", date(2024, 4, 3), date(2024, 1, 12)), ("right", date(2024, 3, 4), date(2024, 12, 1))],
)
def test_such_dates_are_read_as_somebody_decided(browser, said, first, last):  # noqa: F811
    load = checked(browser, starting(*HALF_SWAPPED))
    browser.post(f"/people/import/{load.pk}/decide/", {"swapped": said})
    loads.do_waiting(load.at)
    load.refresh_from_db()
    assert (loads.undecided(load), wrong(load)) == ([], [])
    assert any("2 dates put right" in note for note in load.notes) == (said == "swapped")
    assert confirmed(browser, load).state == S.IMPORTED
    assert starts() == {"0017": first, "0018": date(2024, 4, 25), "0019": last}


def test_it_may_be_the_other_way_round(browser):  # noqa: F811
    assert loads.undecided(checked(browser, starting(date(2024, 4, 3), "04/25/2024"))) == ["swapped"]


@pytest.mark.parametrize(
    "days",
    [
        [date(2024, 3, 13), "25/04/2024"],
        [date(2024, 3, 4), "4 May 2024"],
        ["2024-03-13", "25/04/2024"],
        [date(2024, 3, 4), date(2024, 4, 5)],
        ["03/04/2024", "25/04/2024"],
        [date(2024, 4, 4), "25/04/2024"],
    ],
    ids=["a day after the 12th", "a text that is clear", "ISO texts", "dates alone", "texts alone", "nothing to swap"],
)
def test_nothing_is_asked_where_nothing_can_have_been_swapped(browser, days):  # noqa: F811
    assert loads.undecided(checked(browser, starting(*days))) == []


def test_the_command_says_it_too():
    assert any("may have swapped" in note for note in take(starting(*HALF_SWAPPED), dates="day_first").notes)


def test_nobodys_last_day_is_no_date_to_wonder_at():
    people = [[*ADA, date(9999, 12, 31)], [*ADA[:1], *BO[1:4], None, "Mentor", date(2020, 1, 6), "25/04/2026"]]
    outcome = taken(take(book([*HEADER, "Leaving date"], *people), dates="day_first"))
    assert not any("swapped" in note for note in outcome.notes)
