"""Names in order, references, and dates as people write them."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy.lib import text
from academy.lib.dates import LONDON


@given(st.text("abcXYZ éÉöÖñß-'", max_size=50))
def test_capitals_do_not_change_a_sort_key(name):
    assert text.sort_key(name.upper()) == text.sort_key(name.lower()) == text.sort_key(name)


def test_accents_and_capitals_sort_beside_the_plain_letter():
    names = ["Eve", "Zara", "Étienne", "adam", "Ödön", "Olga"]
    assert sorted(names, key=text.sort_key) == ["adam", "Étienne", "Eve", "Ödön", "Olga", "Zara"]


def test_composed_and_decomposed_letters_are_one_name():
    assert text.sort_key("Chloé") == text.sort_key("Chloe\u0301") == "chloe"


def test_empty_parts_leave_no_gap():
    assert text.sort_key("", "Ada") == text.sort_key("Ada", "") == "ada"


def test_references_are_readable_and_do_not_repeat():
    made = {text.new_reference("LCW") for _ in range(500)}
    assert len(made) == 500
    assert not set("".join(made).replace("LCW", "")) & set("01IOL")


@pytest.mark.parametrize(
    ("at", "reads"),
    [(time(0), "midnight"), (time(12), "midday"), (time(9, 30), "9:30am"), (time(16), "4pm"), (time(0, 5), "12:05am")],
)
def test_times_read_as_people_say_them(at, reads):
    assert text.clock_time(datetime.combine(date(2026, 7, 1), at, LONDON)) == reads


def test_times_are_told_in_london():
    assert text.clock_time(datetime(2026, 7, 1, 8, tzinfo=UTC)) == "9am"


def test_days_read_without_a_leading_nought():
    assert text.day(date(2026, 11, 3)) == "3 November 2026"


@given(st.integers(0, 10**6))
def test_only_one_is_singular(count):
    words = text.plural(count, "person", "people")
    assert words.endswith("person") == (count == 1)
    assert words.split()[0].replace(",", "") == str(count)


def test_plurals_need_no_second_word_when_they_end_in_s():
    assert text.plural(2, "course") == "2 courses"


@given(st.lists(st.text("abc", min_size=1), max_size=6))
def test_a_list_in_words_names_everything_and_ends_in_and(items):
    words = text.in_words(items)
    assert words.replace(" and ", ", ").split(", ") == (items or [""])
    assert words.count(" and ") == (len(items) > 1)


def test_days_that_are_near_are_called_by_name():
    days = [date(2026, 11, day) for day in (22, 23, 24, 25)]
    assert [text.near_day(day, date(2026, 11, 23)) for day in days] == [
        "Sunday 22 November 2026",
        "Today",
        "Tomorrow",
        "Wednesday 25 November 2026",
    ]


def test_what_happened_within_the_second_happened_just_now():
    at = datetime(2026, 11, 24, 9, tzinfo=UTC)
    assert [text.ago(at - timedelta(seconds=n), at) for n in (0, 1, 59, 60)] == [
        *("just now", "1 second ago", "59 seconds ago", "1 minute ago"),
    ]


def test_a_label_stands_within_a_sentence_without_its_capital_unless_it_is_an_abbreviation():
    said = [text.within(words) for words in ("School or college", "NHS", "GP practice", "")]
    assert said == ["school or college", "NHS", "GP practice", ""]
