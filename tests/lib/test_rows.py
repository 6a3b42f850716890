"""Reading people's files: every fault to a line, a column and a reason."""

from datetime import date
from decimal import Decimal

import pytest
from django.db.models import IntegerChoices
from hypothesis import given
from hypothesis import strategies as st

from academy.lib import rows
from academy.lib.rows import BadValue, FileRefused, RowError
from academy.lib.sheets import read_sheet


class Fruit(IntegerChoices):
    APPLE = 1, "Apple or pear"
    PLUM = 2, "Plum"


def read(data: bytes | str, columns=("name", "day"), required=("name",)):
    return rows.read_rows(read_sheet(data.encode() if isinstance(data, str) else data), columns, required)


def values(data: bytes | str) -> list[dict[str, str]]:
    found, outcome = read(data)
    assert outcome.ok, outcome.errors
    return [row.values for row in found]


ZOE = [{"name": "Zoë", "day": "2026-11-21"}]


@pytest.mark.parametrize(
    "data",
    [
        "name,day\nZoë,2026-11-21\n".encode(),
        "name,day\r\nZoë,2026-11-21\r\n".encode(),
        "name,day\rZoë,2026-11-21".encode(),
        "name,day\nZoë,2026-11-21\n".encode("utf-8-sig"),
        "name,day\nZoë,2026-11-21\n".encode("cp1252"),
        "  Name , DAY\n  Zoë , 2026-11-21 \n".encode(),
        '"name","day"\n"Zoë","2026-11-21"\n\n,\n'.encode(),
    ],
    ids=["utf-8", "windows line ends", "old mac line ends", "BOM", "cp1252", "spaces and capitals", "quotes, blanks"],
)
def test_the_same_file_as_different_programs_save_it(data):
    assert values(data) == ZOE


def test_columns_may_stand_in_any_order():
    assert values("day,name\n2026-11-21,Zoë\n") == ZOE


def test_reading_windows_1252_is_said():
    _, outcome = read("name,day\nZoë,\n".encode("cp1252"))
    assert any("Windows-1252" in note for note in outcome.notes)


def test_columns_that_are_not_used_are_named_and_nothing_more():
    found, outcome = read("name,shoe size\nAda,38\n")
    assert outcome.ok
    assert [row.take("name") for row in found] == ["Ada"]
    assert outcome.notes == ["The column ‘shoe size’ is not used."]


def test_a_missing_required_column_is_an_error_of_line_1():
    _, outcome = read("day\n2026-11-21\n")
    assert [(error.line, error.column) for error in outcome.errors] == [(1, "name")]


def test_two_columns_of_one_name_are_an_error():
    _, outcome = read("name,day,Name\nAda,,Ida\n")
    assert [(error.line, error.column) for error in outcome.errors] == [(1, "name")]


def test_values_beyond_the_header_are_an_error():
    _, outcome = read("name,day\nAda,2026-11-21,3\n")
    assert [error.line for error in outcome.errors] == [2]


def test_lines_are_counted_as_an_editor_counts_them_also_after_a_quoted_line_break():
    found, _ = read('name,day\n"Ada\nof Larkshire",2026-11-21\nIda,soon\n')
    assert [row.line for row in found] == [2, 4]
    assert found[0].take("name") == "Ada of Larkshire"
    found[1].take("day", rows.iso_date)
    assert str(found[1].errors[0]).startswith("line 4, day: 'soon' is not a date")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b" , ,\n",
        b"\xef\xbb\xbf",
        b"name,day\n",
        b"name,day\n,\n , \n",
        b"PK\x03\x04rest",
        b"name\0day\n1,2",
    ],
)
def test_a_file_without_lines_or_that_is_no_text_is_refused(data):
    with pytest.raises(FileRefused, match=r"file|workbook"):
        read(data)


def test_a_field_too_long_for_any_csv_is_refused():
    with pytest.raises(FileRefused, match="line 2"):
        read("name,day\n" + "x" * 200_000 + ",\n")


def test_a_missing_file_is_refused_by_name(tmp_path):
    with pytest.raises(FileRefused, match=r"nowhere\.csv"):
        read_sheet(tmp_path / "nowhere.csv")


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(FileRefused):
        read_sheet(tmp_path)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data):
    try:
        found, outcome = rows.read_rows(read_sheet(data), ["name"], ["name"])
    except FileRefused:
        return
    assert found or outcome.errors


@given(st.dates(date(1900, 1, 1), date(2200, 12, 31)))
def test_iso_dates_are_read_with_or_without_midnight(day):
    assert rows.iso_date(day.isoformat()) == day
    assert rows.iso_date(f"{day} 00:00:00") == day
    assert rows.iso_date(f"{day}T00:00:00") == day


@pytest.mark.parametrize(
    "raw", ["01/02", "01/02/2019", "1.2.2019", "1 Feb 19", "20190201", "2019-02-30", "0019-02-01", "2019-02-01 09:00"]
)
def test_a_date_that_could_be_another_is_never_guessed(raw):
    with pytest.raises(BadValue):
        rows.iso_date(raw)


def test_excels_day_number_is_recognised_and_refused():
    with pytest.raises(BadValue, match="Excel"):
        rows.iso_date("43739")


@pytest.mark.parametrize("raw", ["1", "1.0", "apple", "APPLE", "Apple or pear", "apple OR pear"])
def test_a_choice_is_known_by_code_name_and_label(raw):
    assert rows.choice(Fruit)(raw) == Fruit.APPLE


@pytest.mark.parametrize("raw", ["3", "0", "1.5", "pear", "-1"])
def test_an_unknown_code_is_refused_with_those_that_are_known(raw):
    with pytest.raises(BadValue, match="not one of 1, 2"):
        rows.choice(Fruit)(raw)


@pytest.mark.parametrize("raw", ["1", "0.6", "0.405", "2", "1.00"])
def test_a_full_time_equivalent_is_a_number_up_to_two(raw):
    assert rows.fte(raw) == Decimal(raw)


@pytest.mark.parametrize(("raw", "share"), [("1,0", "1"), ("0,6", "0.6"), ("60%", "0.6")])
def test_a_full_time_equivalent_may_have_a_comma_or_be_a_percentage(raw, share):
    assert rows.fte(raw) == Decimal(share)


@pytest.mark.parametrize("raw", ["0", "0.0001", "-1", "2.001", "36.25", "full", "NaN", "-NaN", "sNaN", "Infinity"])
def test_no_other_full_time_equivalent_is_taken(raw):
    with pytest.raises(BadValue):
        rows.fte(raw)


def test_an_email_address_is_kept_in_lower_case():
    assert rows.email("Ada.Ode@Council.Example") == "ada.ode@council.example"


@pytest.mark.parametrize("raw", ["ada", "ada@", "@council.example", "a b@council.example", "a" * 250 + "@x.example"])
def test_what_is_no_email_address_is_refused(raw):
    with pytest.raises(BadValue):
        rows.email(raw)


@pytest.mark.parametrize(("raw", "means"), [("yes", True), ("Y", True), ("1", True), ("No", False), ("false", False)])
def test_yes_and_no(raw, means):
    assert rows.yes_no(raw) is means


def test_neither_yes_nor_no_is_refused():
    with pytest.raises(BadValue):
        rows.yes_no("perhaps")


@given(st.integers(1, 30), st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40))
def test_short_text_fits_its_column_also_as_a_sort_key(limit, raw):
    """'ß' is sorted as 'ss', so fifty of them need a hundred characters."""
    from academy.lib.text import sort_key

    try:
        taken = rows.short(limit)(raw)
    except BadValue:
        return
    assert len(taken) <= limit
    assert len(sort_key(taken)) <= limit


def test_text_of_exactly_the_limit_is_taken_and_one_more_is_not():
    assert rows.short(5)("abcde") == "abcde"
    with pytest.raises(BadValue, match="6 characters"):
        rows.short(5)("abcdef")


def test_an_error_of_a_whole_line_names_no_column():
    assert str(RowError(3, "", "too long")) == "line 3: too long"
    assert str(RowError(3, "name", "too long")) == "line 3, name: too long"


def test_a_required_value_must_be_there_and_another_has_its_default():
    [row], _ = read("name,day\nAda,\n")
    assert row.take("day", rows.iso_date, default=date.min) == date.min
    assert row.take("day", required=True) is None
    assert [str(error) for error in row.errors] == ["line 2, day: this must not be empty"]
