"""Workbooks as people make them for other people: merged cells, hidden lines, formulas, several lines of headings."""

import io
from collections.abc import Callable, Iterable
from datetime import date

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from academy.lib import merged_cells, workbooks
from academy.lib.sheets import FileRefused, read_sheet
from partners.importers.columns import Reading, match, read_file
from partners.importers.people import import_people
from partners.models import Employment, Team
from tests.factories import NOW
from tests.partners.files import faults
from tests.partners.test_vicious_files import TWO_ROWS, crafted, crafted_row

HEADER = ["Agency", "Payroll No", "Forename", "Surname", "Team", "Job title", "Start date"]
ADA = ["Larkshire", "0017", "Adaeze", "Thornhill", "North", "Social worker", date(2019, 9, 2)]
BO = [None, "0018", "Bo", "Lindqvist", None, "Social worker", date(2020, 1, 6)]
CY = [None, "0019", "Cyrus", "Achterberg", None, "Practice lead", date(2021, 3, 1)]


def book(*rows: Iterable, merged: Iterable[str] = (), also: Callable[[Worksheet], None] = lambda sheet: None) -> bytes:
    made = Workbook()
    for row in rows:
        made.active.append(list(row))
    for cells in merged:
        made.active.merge_cells(cells)
    also(made.active)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def take(data: bytes, **how):
    columns = match(read_file(data).header)
    return import_people(data, by=None, at=NOW, name="staff.xlsx", how=Reading(columns=columns, **how))


# --- Merged cells -------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_what_is_merged_down_holds_for_each_line_beside_it_and_somebody_is_told():
    outcome = take(book(HEADER, ADA, BO, CY, merged=["A2:A4", "E2:E3"]))
    assert outcome.ok, outcome.errors
    teams = dict(Employment.objects.values_list("employee_number", "team__name"))
    assert teams == {"0017": "North", "0018": "North", "0019": None}
    assert set(Employment.objects.values_list("agency__name", flat=True)) == {"Larkshire"}
    assert "What stands in the merged cells A2:A4 and E2:E3 was read for each of their lines." in outcome.notes


def test_lines_of_which_nothing_else_is_filled_are_no_people():
    nobody = [None] * 7
    sheet = read_sheet(book(HEADER, ADA, nobody, BO, nobody, merged=["A2:A5", "E2:E5"]))
    assert [(line, cells[0]) for line, cells in sheet.lines] == [(2, "Larkshire"), (4, "Larkshire")]


@pytest.mark.django_db
def test_what_is_merged_across_columns_is_wrong_on_each_of_its_lines():
    outcome = take(book(HEADER, ADA, ["Larkshire", *BO[1:]], ["Larkshire", *CY[1:]], merged=["E2:F3"]))
    assert faults(outcome) == [(2, "team"), (3, "team")]
    assert outcome.errors[0].reason == "the cells E2:F3 are merged over 2 columns: unmerge them"
    assert not Team.objects.exists()


@pytest.mark.django_db
def test_such_lines_can_be_left_out_as_others_can():
    outcome = take(book(HEADER, ADA, ["Larkshire", *BO[1:]], ["Larkshire", *CY[1:]], merged=["E2:F3"]), leaves_out=True)
    assert (outcome.ok, outcome.counts["people_new"], len(outcome.left_out)) == (True, 1, 2)


def test_a_title_over_the_whole_width_is_no_fault():
    sheet = read_file(book(["Staff of Larkshire"], [], HEADER, ADA, merged=["A1:G1"]))
    assert (sheet.header, sheet.faults) == (HEADER, [])


def test_a_header_over_two_lines_that_are_merged_is_read_as_it_is_seen():
    above = ["Agency", "Payroll No", "Forename", "Surname", "Post", None, None]
    below = [None, None, None, None, "Team", "Job title", "Start date"]
    sheet = read_file(book(above, below, ADA, merged=["A1:A2", "B1:B2", "C1:C2", "D1:D2", "E1:G1"]))
    assert (sheet.header, [line for line, _ in sheet.lines], sheet.faults) == (HEADER, [3], [])


def test_cells_that_are_merged_over_each_other_without_end_are_refused_quickly(monkeypatch):
    monkeypatch.setattr(merged_cells, "WIDEST", 3)
    rows = TWO_ROWS + "".join(crafted_row(n, "Bo", str(n)) for n in range(3, 60))
    merged = "<mergeCells>" + '<mergeCell ref="A2:A1048576"/>' * 10 + "</mergeCells>"
    with pytest.raises(FileRefused, match="lie one over the other"):
        read_sheet(crafted(rows, after=merged))
    monkeypatch.setattr(workbooks, "MOST_MERGED", 5)
    with pytest.raises(FileRefused, match="too many cells that are merged"):
        read_sheet(crafted(rows, after=merged))
