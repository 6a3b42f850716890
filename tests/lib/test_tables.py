"""Downloads that open safely in a spreadsheet, and say the same in every format."""

import csv
import io
import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from academy.lib import tables
from academy.lib.registry import Report
from academy.lib.spreadsheets import to_xlsx

FORMULAS = [
    '=HYPERLINK("http://evil.example","Ada")',
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1:A9)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "＝1+1",
]
CELLS = st.one_of(
    st.none(),
    st.integers(-999, 999),
    st.dates(date(1990, 1, 1), date(2030, 1, 1)),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=20),
)


def read_csv(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def read_xlsx(data: bytes) -> list[list]:
    return [list(row) for row in load_workbook(io.BytesIO(data)).active.iter_rows()]


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_in_a_name_is_inert_in_csv(formula):
    [[cell]] = read_csv(tables.to_csv(["name"], [[formula]]))[1:]
    assert cell == "'" + formula


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_in_a_name_is_text_in_a_workbook(formula):
    [_, [cell]] = read_xlsx(to_xlsx("People", ["name"], [[formula]]))
    assert cell.data_type == "s"
    assert cell.value.split() == formula.split()


def test_numbers_below_zero_stay_numbers():
    assert read_csv(tables.to_csv(["n"], [[-5]]))[1] == ["-5"]
    [_, [cell]] = read_xlsx(to_xlsx("Figures", ["n"], [[-5]]))
    assert (cell.data_type, cell.value) == ("n", -5)


@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), max_size=5))
def test_no_text_of_a_csv_starts_a_formula_and_nothing_else_is_changed(rows):
    read = read_csv(tables.to_csv(["one", "two"], rows))[1:]
    assert len(read) == len(rows)
    for cells, row in zip(read, rows, strict=True):
        for cell, value in zip(cells, row, strict=True):
            assert cell.removeprefix("'") == ("" if value is None else str(value).removeprefix("'"))
            if isinstance(value, str):
                assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


@settings(max_examples=40)
@given(st.lists(CELLS, max_size=5))
def test_any_text_can_be_put_into_a_workbook(values):
    """Control characters that the format has no way to hold are left out."""
    rows = read_xlsx(to_xlsx("Any", ["n", "value"], list(enumerate(values))))
    assert [row[0].value for row in rows[1:]] == list(range(len(values)))


def test_a_control_character_does_not_break_a_workbook():
    [_, [cell]] = read_xlsx(to_xlsx("People", ["name"], [["A\x08da"]]))
    assert cell.value == "Ada"


def test_empty_is_empty_and_not_none():
    assert read_csv(tables.to_csv(["a", "b"], [[None, 0]]))[1] == ["", "0"]


def test_json_has_iso_dates_and_decimals_as_numbers():
    data = {"day": date(2019, 10, 7), "whole": Decimal("68"), "part": Decimal("67.5"), "name": "Zoë"}
    assert json.loads(tables.to_json(data)) == {"day": "2019-10-07", "whole": 68, "part": 67.5, "name": "Zoë"}
    assert "Zoë" in tables.to_json(data)


def test_a_downloaded_csv_starts_with_the_mark_by_which_excel_knows_utf_8():
    report = Report("Names", ["name"], [["Zoë"]], {})
    assert tables.render(report, "csv").startswith("\ufeff".encode())
    assert "Zoë" in tables.render(report, "csv").decode("utf-8-sig")
