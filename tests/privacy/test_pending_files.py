"""A file of people, waiting or taken in, keeps nobody's name once they are erased."""

import io
from dataclasses import replace
from unittest import mock

import pytest
from openpyxl import Workbook

from academy.privacy import erasing
from partners.importers import loads
from partners.importers.columns import Reading
from partners.models import AuditEvent, Import, ImportLine, Person
from partners.permissions import AccessRole
from tests.factories import NOW, AgencyFactory, holding
from tests.partners.files import a_line, bo, text_of
from tests.privacy.someone import EMAIL, FAMILY, GIVEN, NUMBER, SWE, TELLING, found_in_the_database, zephyrine

pytestmark = pytest.mark.django_db
S = Import.State
HER_LINE = a_line(employee_number=NUMBER, given_name=GIVEN, family_name=FAMILY, email=EMAIL, swe_number=SWE)
OTHERS = text_of([a_line(), bo(given_name=GIVEN, family_name="Lindqvist")])


@pytest.fixture
def administrator():
    return holding(AccessRole.ADMINISTRATOR)


@pytest.fixture
def lead():
    return holding(AccessRole.LEAD)


@pytest.fixture
def her() -> Person:
    return zephyrine().person


def erase(person: Person, by: Person) -> None:
    erasing.erase(person=person, by=by, at=NOW, reason="asked by letter")


def sent(data: str | bytes, by: Person, state: str = S.CHECKED) -> Import:
    """A file for several agencies, as far as `state`."""
    load = loads.send(
        file_name="staff.csv", data=data.encode() if isinstance(data, str) else data, agency=None, by=by, at=NOW
    )
    if state != S.READING:
        loads.do_waiting(NOW)
        load.refresh_from_db()
    if state in (S.CHECKING, S.CHECKED, S.IMPORTING):
        loads.check(load=load, how=Reading.from_json(load.reading))
    if state in (S.CHECKED, S.IMPORTING):
        loads.do_waiting(NOW)
        load.refresh_from_db()
    if state == S.IMPORTING:
        loads.confirm(load=load, by=by, at=NOW)
    assert load.state == state, load.notes
    return load


@pytest.mark.parametrize("state", [S.READING, S.MATCHING, S.CHECKING, S.CHECKED])
def test_wherever_it_stands_it_is_given_up_with_all_that_it_says(her, administrator, lead, state):
    load = sent(text_of([HER_LINE, bo(fte="lots")]), lead, state)
    other = sent(OTHERS, lead)
    erase(her, administrator)
    load.refresh_from_db()
    other.refresh_from_db()
    assert (load.state, bytes(load.file), load.sheet, load.lines.count()) == (S.CANCELLED, b"", {}, 0)
    assert (other.state, other.lines.count() > 0) == (S.CHECKED, True)
    assert found_in_the_database([word for word in TELLING if word != GIVEN]) == {}
    assert AuditEvent.objects.filter(kind="import.given_up", by=administrator).count() == 1


@pytest.mark.parametrize(
    "line",
    [
        a_line(email=EMAIL.upper()),
        a_line(swe_number=SWE),
        {"Employee": f"{FAMILY}, {GIVEN} Maud", "Grade": "7"},
        {"Forename": GIVEN.upper(), "Surname": FAMILY.upper()},
        {"Payroll": NUMBER, "Last name": FAMILY},
        {"Payroll": NUMBER, "Known as": GIVEN},
        {f"Prepared by {GIVEN} {FAMILY}": "", "Surname": "Ash"},
    ],
    ids=["address", "registration", "full name", "two columns", "number, last name", "number, first name", "a title"],
)
def test_it_is_found_however_the_file_names_somebody(her, administrator, lead, line):
    load = sent(text_of([line]), lead, S.READING)
    erase(her, administrator)
    load.refresh_from_db()
    assert load.state == S.CANCELLED


def test_a_workbook_is_looked_through_to_its_hidden_sheets_and_who_wrote_it(her, administrator, lead):
    made = []
    for hidden in (True, False):
        book = Workbook()
        book.active.append(["Payroll No", "Forename"])
        book.active.append(["17", "Ada"])
        if hidden:
            book.create_sheet("Leavers").append([GIVEN, FAMILY])
            book["Leavers"].sheet_state = "hidden"
        else:
            book.properties.creator = f"{GIVEN} {FAMILY}"
        out = io.BytesIO()
        book.save(out)
        made.append(sent(out.getvalue(), lead, S.MATCHING))
    erase(her, administrator)
    assert set(Import.objects.filter(pk__in=[load.pk for load in made]).values_list("state", flat=True)) == {
        S.CANCELLED
    }


def test_whoever_sent_it_reads_why_and_who_it_was_is_not_said(her, administrator, lead, as_person):
    load = sent(text_of([HER_LINE]), lead)
    erase(her, administrator)
    page = as_person(lead).get(f"/people/import/{load.pk}/").content.decode()
    assert "Somebody whom this file names was erased from the academy after it was sent" in page
    assert GIVEN not in page


def test_one_that_was_confirmed_is_taken_in_first(her, administrator, lead):
    """Or it would write the name again a moment later."""
    load = sent(text_of([HER_LINE]), lead, S.IMPORTING)
    with pytest.raises(erasing.CannotErase, match="being taken in"):
        erase(her, administrator)
    assert erasing.erase_leavers(Person.objects.filter(pk=her.pk), at=NOW) == 0
    load.refresh_from_db()
    assert load.state == S.IMPORTING


def test_a_worker_that_was_checking_it_meanwhile_writes_nothing_of_it(her, administrator, lead):
    load = sent(text_of([HER_LINE]), lead, S.CHECKING)
    real = loads._import

    def erased_meanwhile(*args, **kwargs):
        outcome = real(*args, **kwargs)
        erase(her, administrator)
        return outcome

    with mock.patch.object(loads, "_import", erased_meanwhile):
        loads.do_waiting(NOW)
    load.refresh_from_db()
    assert load.state == S.CANCELLED
    assert not ImportLine.objects.exists()
    assert found_in_the_database(TELLING) == {}


def test_leavers_whom_the_schedule_erases_are_in_no_such_file_either(her, lead):
    load = sent(text_of([HER_LINE]), lead)
    erasing.erase_leavers(Person.objects.filter(pk=her.pk), at=NOW)
    load.refresh_from_db()
    assert load.state == S.CANCELLED


def test_another_agencys_file_that_was_taken_in_without_her_line_is_forgotten_and_can_be_undone(
    her, administrator, lead
):
    elm = AgencyFactory(name="Elm Primary")
    line = HER_LINE | {"agency": "Elm Primary", "employee_number": "9", "swe_number": "", "fte": "lots"}
    data = text_of([a_line(agency="Elm Primary"), line])
    load = loads.send(file_name="elm.csv", data=data.encode(), agency=elm, by=lead, at=NOW)
    loads.do_waiting(NOW)
    load.refresh_from_db()
    loads.check(load=load, how=replace(Reading.from_json(load.reading), leaves_out=True))
    loads.do_waiting(NOW)
    load.refresh_from_db()
    loads.confirm(load=load, by=lead, at=NOW)
    loads.do_waiting(NOW)
    load.refresh_from_db()
    assert (load.state, her.employments.filter(agency=elm).exists()) == (S.IMPORTED, False)
    erase(her, administrator)
    load.refresh_from_db()
    assert (bytes(load.file), load.lines.filter(person=None).count()) == (b"", 0)
    assert found_in_the_database(TELLING) == {}
    loads.undo_it(load=load, by=lead, at=NOW)
    loads.do_waiting(NOW)
    load.refresh_from_db()
    assert load.state == S.UNDONE
