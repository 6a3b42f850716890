"""Lists as HR departments really send them: the right result, or a sentence on what is wrong and where."""

import csv
import io
import resource
import time
import zipfile
from datetime import date

import pytest

from academy.lib import workbooks
from academy.lib.sheets import FileRefused, read_sheet
from partners.importers.columns import Reading, match, read_file
from partners.importers.people import import_people
from partners.models import EmploymentVersion, JobRole, Person, User
from tests.factories import NOW
from tests.partners.files import a_line, bo, faults, spell, take_in, taken, text_of
from tests.partners.test_vicious_files import TWO_ROWS, crafted, crafted_row
from tests.partners.test_workbooks import ADA, BO, CY, HEADER, book, take

LARKSHIRE_BO, LARKSHIRE_CY = ["Larkshire", *BO[1:]], ["Larkshire", *CY[1:]]


def lines_of(*rows: list, between: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=between).writerows(rows)
    return out.getvalue()


def imported(text: str | bytes, **how):
    data = text if isinstance(text, bytes) else text.encode()
    columns = match(read_file(data).header)
    return import_people(data, by=None, at=NOW, name="staff", how=Reading(columns=columns, **how))


# --- Above and below the list -------------------------------------------------------------------------------------

LETTERHEAD = [
    ["Larkshire County Council"],
    ["People and Culture; payroll, pensions, HR"],
    [],
    ["Printed", "1 Nov 2026"],
]


@pytest.mark.parametrize("between", [",", ";", "\t", "|"])
def test_a_header_below_a_letterhead_is_found_whatever_splits_its_lines(between):
    sheet = read_file(lines_of(*LETTERHEAD, [], [], HEADER, ADA, between=between).encode())
    assert (sheet.header, [line for line, _ in sheet.lines]) == (HEADER, [8])


def test_a_header_below_a_letterhead_is_found_in_a_workbook():
    sheet = read_file(book(*LETTERHEAD, [], [], HEADER, ADA, merged=["A1:G3"]))
    assert (sheet.header, [line for line, _ in sheet.lines]) == (HEADER, [8])


def test_names_of_columns_on_two_lines_stop_the_file():
    above = ["Agency", "Payroll No", "", "", "", "", ""]
    below = ["", "", "Forename", "Surname", "Team", "Job title", "Start date"]
    with pytest.raises(FileRefused, match="stand on lines 2 and 3"):
        read_file(lines_of(["Staff"], above, below, ADA).encode())


def test_a_column_without_a_name_is_not_passed_over_in_silence():
    sheet = read_file(
        lines_of([*HEADER[:4], "", *HEADER[5:], ""], [*ADA, ""], [*LARKSHIRE_BO[:4], "", *BO[5:]]).encode()
    )
    assert "Column E has values and no name: it was passed over." in sheet.notes


@pytest.mark.django_db
@pytest.mark.parametrize(
    "total", [["Total: 412"], ["", "Total", "", "", "", "", ""], ["Total", "412", "", "", "", "", "380.4"]]
)
def test_a_total_below_the_list_is_no_person(total):
    outcome = take(book(HEADER, ADA, total))
    assert {line for line, _ in faults(outcome)} == {3}
    assert not Person.objects.exists()
    assert take(book(HEADER, ADA, total), leaves_out=True).counts["people_new"] == 1


def test_a_file_without_a_header_has_no_columns_to_match():
    assert match(read_file(lines_of(ADA, LARKSHIRE_BO).encode()).header) == {}


# --- Workbooks ----------------------------------------------------------------------------------------------------


def test_hidden_lines_are_read_and_named():
    def hide(sheet) -> None:
        for line in (2, 3):
            sheet.row_dimensions[line].hidden = True

    sheet = read_sheet(book(HEADER, ADA, LARKSHIRE_BO, LARKSHIRE_CY, also=hide))
    assert (len(sheet.lines), sheet.notes) == (3, ["Lines 2 and 3 are hidden in the workbook, and read all the same."])


def test_a_hidden_sheet_is_not_read_and_where_all_are_that_is_said():
    def hide(sheet) -> None:
        sheet.parent.create_sheet("Empty")
        sheet.sheet_state = "hidden"

    with pytest.raises(FileRefused, match="hidden"):
        read_sheet(book(HEADER, ADA, also=hide))


def test_formulas_that_were_never_worked_out_are_not_read_as_empty():
    with pytest.raises(FileRefused, match=r"The cells E2 and E3 hold a formula whose result is not in the file"):
        read_sheet(book(HEADER, [*ADA[:4], '="North"', *ADA[5:]], [*LARKSHIRE_BO[:4], "=E2", *BO[5:]]))


def test_a_formula_with_its_result_is_that_result_also_where_it_is_empty():
    rows = crafted_row(1, "name", "team") + (
        '<row r="2"><c r="A2" t="str"><f>"A"&amp;"da"</f><v>Ada</v></c><c r="B2" t="str"><f>""</f><v></v></c></row>'
    )
    assert read_sheet(crafted(rows)).lines == [(2, ["Ada", ""])] or read_sheet(crafted(rows)).lines == [(2, ["Ada"])]


@pytest.mark.django_db
def test_a_number_is_what_its_format_shows():
    def formats(sheet) -> None:
        sheet["B2"].number_format = '"E"0000'
        sheet["B3"].number_format = "00000"
        sheet["H2"].number_format = "0%"

    header = [*HEADER, "FTE"]
    taken(take(book(header, [ADA[0], 17, *ADA[2:], 0.6], [ADA[0], 18, *BO[2:], 1], also=formats)))
    assert {spell("E0017").person.given_name, spell("00018").person.given_name} == {"Adaeze", "Bo"}
    assert float(EmploymentVersion.objects.get(identity=spell("E0017"), is_current=True).fte) == 0.6


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<x/>"}, "OpenDocument"),
        ({"xl/workbook.bin": "x"}, "binary workbook"),
        ({"word/document.xml": "<x/>"}, "cannot be read"),
        ({"staff.csv": "a,b"}, "cannot be read"),
    ],
    ids=["ods", "xlsb", "a letter", "a CSV in a ZIP"],
)
def test_what_is_packed_like_a_workbook_and_is_none_is_called_what_it_is(parts, said):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    with pytest.raises(FileRefused, match=said):
        read_sheet(out.getvalue())


@pytest.mark.django_db
def test_the_name_of_a_file_does_not_matter():
    taken(import_people(book(HEADER, ADA), by=None, at=NOW, name="staff.csv"))
    taken(import_people(lines_of(HEADER, LARKSHIRE_BO).encode(), by=None, at=NOW, name="staff.xlsx"))
    assert Person.objects.count() == 2


def test_sixteen_thousand_columns_are_refused_quickly():
    began = time.process_time()
    with pytest.raises(FileRefused, match="more than 200 columns"):
        read_sheet(book([f"c{n}" for n in range(16_384)], ["x"] * 16_384))
    with pytest.raises(FileRefused, match="more than 200 columns"):
        read_sheet((",".join(f"c{n}" for n in range(16_384)) + "\n1\n").encode())
    assert time.process_time() - began < 10


@pytest.mark.parametrize(
    "bomb",
    [
        {"rows": f'<row r="3">{"<c/>" * 3_000_000}</row>'},
        {"rows": f'<row r="3">{"<c/>" * 17_000}</row>'},
        {"rows": TWO_ROWS, "after": f"<mergeCells>{'<mergeCell/>' * 1_000_000}</mergeCells>"},
        {"rows": TWO_ROWS, "before": f"<!--{'x' * 10_000_000}-->"},
        {"rows": TWO_ROWS, "texts": f"<si>{'<r/>' * 3_000_000}</si>"},
        {"rows": "<x>" * 1_000_000},
    ],
    ids=["a row", "a row of many cells", "merged cells", "a remark", "a text", "one in the other"],
)
def test_what_unpacks_to_very_much_is_refused_in_little_memory(bomb):
    data = crafted(**bomb)
    assert len(data) < 2_000_000
    began = time.process_time()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(FileRefused):
        read_sheet(data)
    assert time.process_time() - began < 20
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # kB


def test_formats_without_end_are_refused_before_they_are_read(monkeypatch):
    monkeypatch.setattr(workbooks, "MOST_OF_FORMATS", 1000)
    with pytest.raises(FileRefused, match="too many formats"):
        read_sheet(book(HEADER, ADA))


# --- Text files ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_as_excel_saves_it_is_read(encoding):
    bom = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    text = text_of([a_line(given_name="Zoë")]).replace(",", "\t")
    assert read_file(bom + text.encode(encoding)).lines[0][1][3] == "Zoë"


@pytest.mark.parametrize("text", ['"Bo, 18\nCy, 19\n', '"Bo "the boss" Lindqvist", 18\n'])
def test_a_quotation_mark_that_is_not_closed_swallows_nobody(text):
    with pytest.raises(FileRefused, match="cannot be read from line 3 on"):
        read_sheet(f"name,number\nAda,17\n{text}".encode())


def test_quotation_marks_within_words_are_words():
    assert read_sheet(b'name,number\nBo "the boss" Lindqvist,18\n').lines == [(2, ['Bo "the boss" Lindqvist', "18"])]


@pytest.mark.django_db
@pytest.mark.parametrize("written", ["'0017", "’0017", '="0017"'])
def test_marks_that_keep_a_number_a_text_are_no_part_of_it(written):
    taken(imported(lines_of(HEADER, [ADA[0], written, *ADA[2:]])))
    assert spell("0017").person.given_name == "Adaeze"


# --- Values -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("written", "fte"),
    [("60%", 0.6), ("60 %", 0.6), ("0,6", 0.6), ("62,5%", 0.625), ("100%", 1), ("0.6000000001", 0.6)],
)
def test_a_share_of_full_time_is_read_as_it_is_written(written, fte):
    taken(take_in(a_line(fte=written)))
    assert float(EmploymentVersion.objects.current().get().fte) == fte


@pytest.mark.django_db
@pytest.mark.parametrize("written", ["22.5", "37", "60", "300%", "0", "0%", "-1", "%", "1/2", "NaN%", "1.234,5"])
def test_hours_and_what_else_is_no_share_are_wrong(written):
    assert faults(take_in(a_line(fte=written))) == [(2, "fte")]


@pytest.mark.django_db
def test_hours_are_told_what_is_wanted():
    assert "hours do not do" in take_in(a_line(fte="22.5")).errors[0].reason


@pytest.mark.django_db
@pytest.mark.parametrize(
    "written",
    [
        "mailto:Ada@larkshire.example",
        "Adaeze Thornhill <ada@larkshire.example>",
        '"Thornhill, Adaeze" <mailto:ada@larkshire.example>',
        "<ada@larkshire.example>",
    ],
)
def test_an_address_is_found_in_a_link_and_after_a_name(written):
    taken(take_in(a_line(email=written)))
    assert User.objects.get().email == "ada@larkshire.example"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "written",
    ["ada@x.example; bo@x.example", "Ada <a@x.example> <b@x.example>", "ada@x.example <b@x.example>", "mailto:", "n/a"],
)
def test_two_addresses_or_none_are_wrong(written):
    assert faults(take_in(a_line(email=written))) == [(2, "email")]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "written", ["31-Feb-2024", "30/02/2024", "21/11/26", "21-Nov-26", "0024-11-21", "Nov 2024", "TBC"]
)
def test_a_day_that_never_was_or_might_be_in_another_century_is_wrong(written):
    assert faults(imported(text_of([a_line(start_date=written)]), dates="day_first")) == [(2, "start_date")]


@pytest.mark.django_db
def test_names_in_capitals_are_kept_and_no_other_human_beings():
    taken(take_in(a_line()))
    taken(take_in(a_line(given_name="ADAEZE", family_name="THORNHILL")))
    assert Person.objects.get().name == "ADAEZE THORNHILL"


@pytest.mark.django_db
def test_what_a_job_is_called_is_never_a_formula():
    taken(take_in(a_line(job_role="=1+1"), bo()))
    assert JobRole.objects.filter(name="=1+1").exists()


@pytest.mark.django_db
def test_a_date_in_a_workbook_of_an_old_mac_is_the_day_that_it_shows():
    def of_1904(sheet) -> None:
        from openpyxl.utils.datetime import CALENDAR_MAC_1904

        sheet.parent.epoch = CALENDAR_MAC_1904

    taken(take(book(HEADER, ADA, also=of_1904)))
    assert spell("0017").start_date == date(2019, 9, 2)
