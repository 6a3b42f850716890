"""Files as HR systems export them: any column names, dates in any order, workbooks, and lists of today's staff."""

import io
import zipfile
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from academy.lib import workbooks
from academy.lib.rows import Outcome
from academy.lib.sheets import FileRefused, read_sheet
from partners.importers.columns import PEOPLE, Reading, date_habits, match, read_file
from partners.importers.people import import_people
from partners.models import Employment, EmploymentVersion, Person
from tests.factories import NOW, TODAY
from tests.partners.files import a_line, bo, faults, spell, take_in, taken, text_of


def workbook(*rows: list, sheet: str = "Staff", formats: dict[str, str] | None = None) -> bytes:
    book = Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(row)
    for cell, number_format in (formats or {}).items():
        book.active[cell].number_format = number_format
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def take(data: bytes | str, **how) -> Outcome:
    """Import with the columns that are plainly there, read as `how` says."""
    data = data.encode() if isinstance(data, str) else data
    columns = match(read_file(data).header)
    return import_people(data, by=None, at=NOW, name="staff", how=Reading(columns=columns, **how))


# --- Files as they come --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_accents_survive_the_encodings_that_excel_saves(encoding):
    data = text_of([a_line(given_name="Zoë", family_name="Brûlé")]).encode(encoding)
    taken(import_people(data, by=None, at=NOW, name="people.csv"))
    assert Person.objects.get().name == "Zoë Brûlé"


def test_columns_may_be_shuffled_and_strange_ones_are_passed_over():
    line = a_line(shoe_size="38")
    data = text_of([line], columns=sorted(line, reverse=True)).encode()
    outcome = taken(import_people(data, by=None, at=NOW, name="people.csv"))
    assert "The column ‘shoe_size’ is not used." in outcome.notes
    assert spell().start_date == date(2019, 9, 2)


def test_a_line_break_inside_quotes_does_not_upset_the_count_of_lines():
    outcome = take_in(a_line(job_role="Social\nworker"), bo(fte="x"))
    assert faults(outcome) == [(4, "fte")]


@pytest.mark.parametrize(
    "data", [b"", b"\xef\xbb\xbf", b"agency,employee_number,given_name,start_date\n", b"\x89PNG\0\0", b"\0"]
)
def test_a_file_with_nothing_to_take_in_is_refused(data):
    with pytest.raises(FileRefused):
        import_people(data, by=None, at=NOW, name="people.csv")


def test_an_empty_workbook_is_refused(tmp_path):
    Workbook().save(tmp_path / "people.xlsx")
    with pytest.raises(FileRefused, match="empty"):
        import_people(tmp_path / "people.xlsx", by=None, at=NOW, name="people.xlsx")


@pytest.mark.parametrize(("first_line", "between"), [("", ";"), ("", "\t"), ("sep=,\r\n", ","), ('"sep=;"\n', ";")])
def test_a_file_as_excel_saves_it_elsewhere_is_taken(first_line, between):
    data = (first_line + text_of([a_line(start_date="2019-09-32"), a_line()]).replace(",", between)).encode()
    outcome = import_people(data, by=None, at=NOW, name="people.csv")
    assert faults(outcome) == [(3 if first_line else 2, "start_date")]
    data = (first_line + text_of([a_line()]).replace(",", between)).encode()
    assert import_people(data, by=None, at=NOW, name="people.csv").counts["people_new"] == 1


def test_two_columns_of_one_name_stop_the_file():
    data = "agency,employee_number,given_name,start_date,FTE,fte\nLarkshire,1,Adaeze,2019-09-02,1,0.5\n"
    outcome = import_people(data.encode(), by=None, at=NOW, name="people.csv")
    assert faults(outcome) == [(1, "fte")]
    assert not Person.objects.exists()


# --- Column names -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (
            "username,firstname,lastname,email,idnumber,institution,department,cohort1",
            {"given_name": "firstname", "family_name": "lastname", "agency": "institution", "team": "department"},
        ),
        (
            "Payroll No,Surname,Forename,Work Email,Job Title,Date Joined,Leaving Date,FTE",
            {"employee_number": "Payroll No", "family_name": "Surname", "start_date": "Date Joined", "fte": "FTE"},
        ),
        ("Staff ID;Full Name;Known As", {"employee_number": "Staff ID", "name": "Full Name", "given_name": "Known As"}),
        ("EMPLOYEE_NUMBER,employee id", {"employee_number": "EMPLOYEE_NUMBER"}),
    ],
    ids=["Moodle's bulk users", "a payroll system", "full names", "our own name goes before others"],
)
def test_columns_are_known_by_the_names_that_other_systems_give_them(header, found):
    sheet = read_file(f"{header}\nx\n".encode())
    assert found.items() <= match(sheet.header).items()


def test_no_name_stands_for_two_columns():
    names = [name for column in PEOPLE for name in column.names]
    assert sorted({name for name in names if names.count(name) > 1}) == []


@given(st.lists(st.text(max_size=12), min_size=1, max_size=8))
def test_any_header_is_matched_once_at_most(header):
    found = match(header)
    assert len(set(found.values())) == len(found)
    assert set(found.values()) <= set(header)


def test_a_header_below_a_title_is_found_and_lines_are_counted_from_the_top():
    sheet = read_file(b"Staff list of Elm Primary\n\nPayroll No,Surname,Forename\n1,Ash,Ivo\n")
    assert sheet.header == ["Payroll No", "Surname", "Forename"]
    assert sheet.lines == [(4, ["1", "Ash", "Ivo"])]
    assert "line 3" in sheet.notes[0]


# --- Dates --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "habits"),
    [
        (["2026-11-21", "21 Nov 2026"], {}),
        (["01/02/2026", "03/04/2026"], {"slashed": 2}),
        (["01/02/2026", "23/04/2026"], {"slashed": 2, "day_first": 1}),
        (["01/02/2026", "04/23/2026"], {"slashed": 2, "month_first": 1}),
        (["46027", "2026-01-05"], {"numbers": 1}),
    ],
)
def test_how_dates_are_written_is_told_and_not_decided(values, habits):
    sheet = read_sheet(("start_date\n" + "\n".join(values)).encode())
    assert date_habits(sheet, {"start_date": "start_date"}) == habits


def test_dates_of_a_column_that_nobody_has_named_yet_are_told_too_and_other_numbers_are_not():
    sheet = read_sheet(b"payroll,in post from,cost code\n01/02/2026,25/12/2024,46027\n2,03/09/2024,46028\n")
    assert date_habits(sheet, {"employee_number": "payroll"}) == {"slashed": 2, "day_first": 1}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("dates", "written", "day"),
    [
        ("day_first", "01/02/2019", date(2019, 2, 1)),
        ("day_first", "1.2.2019", date(2019, 2, 1)),
        ("month_first", "01/02/2019", date(2019, 1, 2)),
        ("excel", "43739", date(2019, 10, 1)),
        ("day_first", "2019-02-01", date(2019, 2, 1)),
        ("excel", "01-Feb-2019", date(2019, 2, 1)),
    ],
)
def test_dates_are_read_as_somebody_decided(dates, written, day):
    taken(take(text_of([a_line(start_date=written)]), dates=dates))
    assert spell().start_date == day


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("dates", "written"), [("", "01/02/2019"), ("", "43739"), ("day_first", "43739"), ("excel", "01/02/2019")]
)
def test_a_date_that_could_mean_something_else_is_wrong(dates, written):
    assert faults(take(text_of([a_line(start_date=written)]), dates=dates)) == [(2, "start_date")]


# --- Workbooks ----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_workbook_is_read_as_a_csv_is_with_its_dates_and_zeros():
    data = workbook(
        ["Agency", "Payroll No", "Forename", "Surname", "Start date", "FTE", "Left"],
        ["Larkshire", 17, "Adaeze", "Thornhill", date(2019, 9, 2), 0.6, date(2026, 12, 31)],
        formats={"B2": "0000"},
    )
    taken(take(data))
    made = spell("0017")
    assert (made.start_date, float(made.versions.get(is_current=True).fte)) == (date(2019, 9, 2), 0.6)
    assert made.versions.get(is_current=True).end_date == date(2026, 12, 31)


def test_only_the_first_sheet_with_anything_in_it_is_read():
    book = Workbook()
    book.create_sheet("People").append(["employee_number", "given_name"])
    book["People"].append(["1", "Ada"])
    book.create_sheet("Notes").append(["Nothing to see"])
    out = io.BytesIO()
    book.save(out)
    sheet = read_file(out.getvalue())
    assert (sheet.header, sheet.lines) == (["employee_number", "given_name"], [(2, ["1", "Ada"])])
    assert any("several sheets" in note for note in sheet.notes)


def test_a_small_workbook_that_unpacks_to_a_huge_one_is_refused_before_it_does(monkeypatch):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 20_000_000)
    monkeypatch.setattr(workbooks, "MOST_UNPACKED", 10_000_000)
    with pytest.raises(FileRefused, match="too large once unpacked"):
        read_sheet(out.getvalue())


@pytest.mark.parametrize("junk", [b"", b"xl/workbook.xml", b"\0" * 500])
def test_a_damaged_workbook_is_refused_in_a_sentence(junk):
    with pytest.raises(FileRefused, match="workbook"):
        read_sheet(b"PK\x03\x04" + junk)


def test_a_workbook_whose_words_refer_to_each_other_without_end_is_refused():
    bomb = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(12)
    )
    data = workbook(["employee_number"], ["1"])
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for item in old.infolist():
            text = old.read(item.filename)
            new.writestr(
                item, (bomb + "]><workbook>&m;</workbook>").encode() if item.filename == "xl/workbook.xml" else text
            )
    with pytest.raises(FileRefused):
        read_sheet(out.getvalue())


def test_an_old_workbook_is_refused_with_what_to_do():
    with pytest.raises(FileRefused, match=r"Save it as \.xlsx"):
        read_sheet(b"\xd0\xcf\x11\xe0rest")


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data):
    for start in (b"", b"PK\x03\x04", b"\xff\xfe", b"\xef\xbb\xbf"):
        with suppress(FileRefused):
            read_sheet(start + data)


# --- What a file says nothing of ----------------------------------------------------------------------------------

pytestmark = pytest.mark.django_db


def test_what_a_file_has_no_column_for_stays_as_it_was():
    taken(take_in(bo(), a_line(fte="0.6", manager_employee_number="0018", swe_number="SW1")))
    short = {name: a_line()[name] for name in ("agency", "employee_number", "given_name", "job_role", "start_date")}
    taken(take(text_of([short])))
    known = EmploymentVersion.objects.current().get(identity=spell())
    assert (float(known.fte), known.dfe_role, known.manager) == (0.6, 5, spell("0018").person)
    assert Person.objects.get(swe_number="SW1").family_name == "Thornhill"


def test_an_empty_cell_of_a_column_that_is_there_says_that_there_is_none():
    taken(take_in(a_line(dfe_role="5")))
    taken(take_in(a_line(dfe_role="")))
    assert EmploymentVersion.objects.current().get(identity=spell()).dfe_role is None


def test_people_without_a_start_date_get_the_one_that_was_given():
    lines = [{name: value for name, value in a_line().items() if name != "start_date"}]
    taken(take(text_of(lines), start_date=date(2024, 9, 1)))
    assert spell().start_date == date(2024, 9, 1)


def test_full_names_are_split_at_their_comma_and_nowhere_else():
    line = {name: value for name, value in a_line().items() if name not in ("given_name", "family_name")}
    taken(take(text_of([line | {"Full name": "Thornhill, Adaeze Ngozi"}])))
    assert Person.objects.get().name == "Adaeze Ngozi Thornhill"
    wrong = take(text_of([line | {"Full name": "Adaeze Thornhill"}]))
    assert faults(wrong) == [(2, "name")]


# --- Lists of today's staff ---------------------------------------------------------------------------------------


def test_where_start_dates_are_those_of_joining_a_move_begins_on_the_day_that_was_given():
    taken(take_in(a_line(team="Red")))
    file = text_of([a_line(team="Blue")])
    outcome = taken(take(file, joined=True, moved_on=date(2026, 9, 1), former="ended"))
    assert [verdict.kind for verdict in outcome.verdicts] == ["moved"]
    spells = Employment.objects.filter(versions__is_current=True).values_list(
        "team__name", "start_date", "versions__end_date"
    )
    assert set(spells) == {("Red", date(2019, 9, 2), date(2026, 8, 31)), ("Blue", date(2026, 9, 1), None)}


def test_the_same_list_a_month_later_moves_nobody_again():
    taken(take_in(a_line(team="Red")))
    how = {"joined": True, "moved_on": date(2026, 9, 1), "former": "ended"}
    file = text_of([a_line(team="Blue")])
    taken(take(file, **how))
    again = taken(take(file, **how | {"moved_on": TODAY}))
    assert again.verdicts == []
    assert Employment.objects.count() == 2


def test_somebody_who_is_new_on_such_a_list_starts_when_they_joined():
    taken(take_in(bo()))
    taken(take(text_of([a_line(), bo()]), joined=True, moved_on=TODAY))
    assert spell().start_date == date(2019, 9, 2)


def test_a_reading_is_kept_and_read_back_as_it_was():
    how = Reading(
        columns={"name": "Full name"}, dates="excel", start_date=TODAY, joined=True, zeros="lost", number_width=5
    )
    assert Reading.from_json(how.as_json()) == how
    assert Reading.from_json(how.as_json() | {"gone": 1}) == how
