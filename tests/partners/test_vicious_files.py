"""Files that nobody meant to be like that, and some that somebody did: what is not a list of staff stops."""

import csv
import io
import time
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from academy.lib import workbooks
from academy.lib.sheets import FileRefused, read_sheet
from partners.importers import loads
from partners.importers.columns import Reading
from partners.models import Agency, Employment, EmploymentVersion, Import, JobRole, Person, Team, User
from partners.permissions import AccessRole
from tests.factories import NOW, AgencyFactory, holding
from tests.partners.files import Line, a_line, bo, faults, spell, take_in, taken, text_of

S = Import.State


# --- Reading ------------------------------------------------------------------------------------------------------

SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def crafted(rows: str, *, texts: str = "", before: str = "", after: str = "") -> bytes:
    """A workbook of which every byte is ours: its sheet's rows, its shared texts, what goes before the sheet, and what
    comes after the rows."""
    types = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = {"/xl/workbook.xml": f"{types}.sheet.main+xml", "/xl/worksheets/s.xml": f"{types}.worksheet+xml"}
    parts |= {"/xl/sharedStrings.xml": f"{types}.sharedStrings+xml"} if texts else {}
    overrides = "".join(f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in parts.items())
    files = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType='
        f'"application/vnd.openxmlformats-package.relationships+xml"/>{overrides}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" Type="{OFFICE}/'
        'officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{SHEET}" xmlns:r="{OFFICE}"><sheets><sheet name="Staff" sheetId="1" '
        'r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" Type='
        f'"{OFFICE}/worksheet" Target="worksheets/s.xml"/></Relationships>',
        "xl/worksheets/s.xml": f'{before}<worksheet xmlns="{SHEET}"><sheetData>{rows}</sheetData>{after}</worksheet>',
    }
    files |= {"xl/sharedStrings.xml": f'<sst xmlns="{SHEET}">{texts}</sst>'} if texts else {}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def crafted_row(number: int, *cells: str) -> str:
    letters = "ABCDEFGHIJ"
    filled = (f'<c r="{letters[n]}{number}" t="inlineStr"><is><t>{c}</t></is></c>' for n, c in enumerate(cells))
    return f'<row r="{number}">{"".join(filled)}</row>'


TWO_ROWS = crafted_row(1, "name", "number") + crafted_row(2, "Ada", "17")


def test_a_crafted_workbook_is_read_so_that_what_is_refused_is_refused_for_its_reason():
    assert read_sheet(crafted(TWO_ROWS)).lines == [(2, ["Ada", "17"])]


@pytest.mark.parametrize(
    ("cell", "read"),
    [
        ("17\u200b", "17"),
        ("\ufeff17", "17"),
        ("\u202e17\u202c", "17"),
        ("1\u00ad7", "17"),
        ("17\u00a0", "17"),
        ("1\x007\x08", "17"),
        ("نیک\u200cپور", "نیک\u200cپور"),
    ],
    ids=["zero width", "BOM", "right to left", "soft hyphen", "no-break space", "control", "a Persian name"],
)
def test_what_nobody_sees_in_a_cell_is_not_read(cell, read):
    assert read_sheet(f"name,number\nAda,{cell}\n".encode("utf-16")).lines == [(2, ["Ada", read])]


def test_a_workbook_formatted_down_to_its_last_row_is_read():
    empty = "".join(f'<row r="{row}"><c r="A{row}"/></row>' for row in (*range(3, 500), 1_048_576))
    assert len(read_sheet(crafted(TWO_ROWS + empty)).lines) == 1


def test_a_workbook_with_more_rows_than_excel_has_is_refused_at_once():
    with pytest.raises(FileRefused, match="longer than"):
        read_sheet(crafted(TWO_ROWS + crafted_row(2_000_000_000, "x")))


def test_rows_that_reach_far_to_the_right_cost_little():
    """Each is one cell in the file, and 16,384 once it is read."""
    wide = "".join(
        f'<row r="{row}"><c r="XFD{row}" t="inlineStr"><is><t>x</t></is></c></row>' for row in range(60, 1560)
    )
    began = time.process_time()
    read_sheet(crafted(TWO_ROWS + wide))
    assert time.process_time() - began < 2


def test_a_workbook_of_many_millions_of_texts_is_refused_before_they_are_read(monkeypatch):
    monkeypatch.setattr(workbooks, "MOST_TEXTS", 1000)
    with pytest.raises(FileRefused, match="too large once unpacked"):
        read_sheet(crafted(TWO_ROWS, texts="<si><t>a</t></si>" * 100))


@pytest.mark.parametrize("kind", ["external", "nested"])
def test_entities_in_a_workbook_are_not_followed(kind, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("do not tell")
    nested = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))
    entities = {"external": f'<!ENTITY x SYSTEM "file://{secret}">', "nested": f'<!ENTITY e0 "lol">{nested}'}
    wanted = {"external": "&x;", "nested": "&e9;"}
    book = crafted(TWO_ROWS + crafted_row(3, wanted[kind]), before=f"<!DOCTYPE w [{entities[kind]}]>")
    with pytest.raises(FileRefused):
        read_sheet(book)


@pytest.mark.parametrize("how", ["csv", "workbook"])
def test_a_cell_longer_than_excels_longest_is_refused(how):
    cell = "x" * 40_000
    data = f"name,number\nAda,{cell}\n".encode() if how == "csv" else crafted(TWO_ROWS + crafted_row(3, "Bo", cell))
    with pytest.raises(FileRefused, match=r"A cell on line \d has more than 32,767 characters"):
        read_sheet(data)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\xd0\xcf\x11\xe0" + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "has a password"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "an old Excel workbook"),
        (b"\r\n<html>\n<body><TABLE>\n<tr><td>Payroll No</td></tr>\n</TABLE>", "a web page"),
    ],
    ids=["password", "xls", "a report that is a web page"],
)
def test_what_is_no_list_is_called_what_it_is(data, said):
    with pytest.raises(FileRefused, match=said):
        read_sheet(data)


# --- Values -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("column", ["job_role", "team", "given_name", "email", "manager_employee_number"])
def test_excels_own_errors_are_no_values(column):
    outcome = take_in(a_line(**{column: "#N/A"}))
    assert faults(outcome) == [(2, column)]
    assert "Excel’s own error" in outcome.errors[0].reason
    assert not JobRole.objects.exists()
    assert not Team.objects.exists()


@pytest.mark.django_db
def test_a_number_that_came_as_a_quantity_is_the_same_number():
    taken(take_in(a_line(employee_number="17"), bo(employee_number="18.0", manager_employee_number="17.0")))
    assert spell("18").versions.get().manager == spell("17").person


@pytest.mark.django_db
def test_a_number_that_has_lost_digits_names_nobody():
    """Thousands of people may share what is left of it."""
    outcome = take_in(a_line(employee_number="1.23457E+11"), bo(manager_employee_number="1,2E+11"))
    assert faults(outcome) == [(2, "employee_number"), (3, "manager_employee_number")]
    assert "lost digits" in outcome.errors[0].reason


@pytest.mark.django_db
@pytest.mark.parametrize("written", ["31-DEC-4712", "4712-12-31", "31/12/9999", "9999-12-31"])
def test_the_end_of_time_is_no_last_day(written):
    taken(take_in(a_line(end_date=written)))
    assert EmploymentVersion.objects.get().end_date is None


@pytest.mark.django_db
def test_a_value_of_thousands_of_characters_is_not_repeated_in_what_is_wrong():
    outcome = take_in(a_line(email="x" * 30_000))
    assert faults(outcome) == [(2, "email")]
    assert len(outcome.errors[0].reason) < 100


# --- In a browser -------------------------------------------------------------------------------------------------


@pytest.fixture
def larkshire():
    return AgencyFactory(name="Larkshire")


@pytest.fixture
def browser(larkshire, as_person):
    coordinator = holding(AccessRole.COORDINATOR, agency=larkshire, scoped=True)
    coordinator.employments.update(employee_number="COORD")
    return as_person(coordinator)


def checked(browser: Client, data: bytes | str) -> Import:
    """A file that was sent, matched as it is and checked."""
    file = SimpleUploadedFile("staff.csv", data.encode() if isinstance(data, str) else data)
    browser.post("/people/import/", {"file": file, "agency": str(Agency.objects.get(name="Larkshire").pk)})
    loads.do_waiting(NOW)
    load = Import.objects.latest("pk")
    form = browser.get(f"/people/import/{load.pk}/").context["form"]
    browser.post(f"/people/import/{load.pk}/columns/", {name: form[name].value() or "" for name in form.fields})
    loads.do_waiting(NOW)
    load.refresh_from_db()
    return load


def confirmed(browser: Client, load: Import, **ticks: str) -> Import:
    browser.post(f"/people/import/{load.pk}/confirm/", ticks)
    loads.do_waiting(NOW)
    load.refresh_from_db()
    return load


def wrong(load: Import) -> list[tuple[int, str]]:
    return list(load.lines.filter(verdict="wrong").order_by("line").values_list("line", "what"))


def staff(count: int, **values: str) -> list[Line]:
    return [
        a_line(employee_number=f"00{n}", given_name=f"Given{n}", family_name=f"Family{n}", email="") | values
        for n in range(10, 10 + count)
    ]


@pytest.mark.django_db
def test_the_first_list_of_an_agency_says_how_many_it_names(browser, as_person):
    load = checked(browser, text_of([a_line(), bo(), a_line(job_role="Mentor")]))
    assert "1 person is known to work at Larkshire; the file names 2." in page_of(browser, load)
    Employment.objects.all().delete()
    loads.check(load=load, how=Reading.from_json(load.reading))
    Import.objects.update(by=holding(AccessRole.LEAD))
    loads.do_waiting(NOW)
    assert "the first list of Larkshire; it names 2 people." in page_of(as_person(holding(AccessRole.LEAD)), load)


def page_of(browser: Client, load: Import) -> str:
    answer = browser.get(f"/people/import/{load.pk}/")
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.django_db
def test_one_number_for_two_human_beings_is_wrong_on_both_lines(browser):
    load = checked(browser, text_of([a_line(), bo(employee_number="0017"), bo(employee_number="0020")]))
    assert [line for line, _ in wrong(load)] == [2, 3]
    assert "line 3 gives this number to Bo Lindqvist" in wrong(load)[0][1]


@pytest.mark.django_db
def test_a_number_given_to_a_newcomer_does_not_give_them_somebody_elses_record(browser):
    taken(take_in(a_line()))
    load = checked(browser, text_of([bo(employee_number="0017")]))
    assert "is the number of Adaeze Thornhill" in wrong(load)[0][1]
    assert User.objects.get(person__given_name="Adaeze").email == "adaeze.thornhill@larkshire.example"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "family"), [("Adaeze", "Okafor"), ("Ada", "Thornhill"), ("Adaeze Ngozi", "Thornhill-Okafor")]
)
def test_somebody_with_one_new_name_is_who_they_were(browser, given, family):
    taken(take_in(a_line()))
    assert wrong(checked(browser, text_of([a_line(given_name=given, family_name=family)]))) == []


@pytest.mark.django_db
def test_a_second_job_in_the_same_file_is_no_other_human_being(browser):
    load = checked(browser, text_of([a_line(), a_line(job_role="Mentor", family_name="Okafor")]))
    assert wrong(load) == []


@pytest.mark.django_db
def test_a_file_of_as_many_other_people_is_stopped_too(browser):
    """Other numbers, or another agency's file: without a decision everybody would be there twice."""
    taken(take_in(*staff(12)))
    load = checked(browser, text_of([line | {"employee_number": f"P{n}"} for n, line in enumerate(staff(12))]))
    assert load.findings["much_shorter"]
    page = browser.get(f"/people/import/{load.pk}/").content.decode()
    assert "The file has 0 of the 13 people who are known to work there" in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {"retracted": "yes"}),
        ({"end_date": "2028-08-31"}, {"end_date": "2026-11-01"}),
        ({}, {"end_date": "2026-11-01"}),
    ],
    ids=["withdrawn", "ended sooner", "ended"],
)
def test_a_file_that_takes_many_out_of_their_posts_is_stopped_however_it_does(browser, before, after):
    taken(take_in(*staff(12, **before)))
    load = checked(browser, text_of(staff(12, **after)))
    assert load.findings["many_leaving"]


@pytest.mark.django_db
def test_what_has_changed_between_looking_and_confirming_is_shown_again(browser):
    """Two files were checked before either was taken in."""
    taken(take_in(*staff(12, end_date="2026-11-01")))
    load = checked(browser, text_of(staff(12, end_date="2026-11-10")))
    assert not load.findings["many_leaving"]
    taken(take_in(*staff(12, end_date="")))
    assert confirmed(browser, load).state == S.CHECKED
    assert load.findings["many_leaving"]
    assert Employment.objects.in_post(NOW.date()).filter(employee_number="0010").exists()
    assert confirmed(browser, load, leaving="on").state == S.IMPORTED


@pytest.mark.django_db
def test_a_formula_for_a_columns_name_is_inert_in_the_lines_to_fix(browser):
    out = io.StringIO()
    csv.writer(out).writerows([["=cmd|' /C calc'!A0", *a_line()], ["x", *a_line(start_date="soon").values()]])
    load = checked(browser, out.getvalue())
    answer = browser.get(f"/people/import/{load.pk}/to-fix.csv").content.decode("utf-8-sig")
    assert answer.startswith("'=cmd")


# --- Addresses ----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_lead_whom_no_employer_names_keeps_the_address_that_a_file_gives_to_another(browser):
    """Otherwise a coordinator could close the account of anybody at the academy who is on no list of staff."""
    lead = holding(AccessRole.LEAD)
    EmploymentVersion.objects.filter(identity__person=lead).update(end_date="2026-01-31")
    confirmed(browser, checked(browser, text_of([a_line(email=lead.email)])))
    lead.user.refresh_from_db()
    assert (lead.user.email, lead.user.is_active) == (lead.email, True)
    assert not User.objects.filter(person__given_name="Adaeze").exists()
    assert Person.objects.filter(given_name="Adaeze").exists()
