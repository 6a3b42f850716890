"""What lines say of spells: when it is known, corrected and taken back, and that twice is once."""

from datetime import UTC, date, datetime, timedelta

import pytest

from academy.lib.dates import end_of_day, start_of_day
from partners.models import Employment, EmploymentVersion, Person, User
from tests.factories import NOW, TODAY
from tests.partners.files import a_line, bo, everything, take_in, taken

pytestmark = pytest.mark.django_db
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
LATER = NOW + timedelta(days=60)


def known_at(day: date, number: str = "0017") -> EmploymentVersion | None:
    return EmploymentVersion.objects.known_at(day).filter(identity__employee_number=number).first()


def current(number: str = "0017") -> EmploymentVersion:
    return EmploymentVersion.objects.current().get(identity__employee_number=number)


# --- Twice ---------------------------------------------------------------------------------------------------------


MIXED = [
    a_line(recorded_on="2020-01-15"),
    a_line(end_date="2020-06-30", leaving_reason="1", destination="3"),
    a_line(end_date="2020-07-31", leaving_reason="1", destination="1", recorded_on="2021-03-01"),
    a_line(start_date="2022-01-10", fte="0.8"),
    bo(family_name="Lindqvist-Amos", recorded_on="2021-01-01"),
    bo(manager_employee_number="0017", swe_number="SW7"),
    bo(agency="Riverbank NHS Trust", employee_number="N4", email="bo@riverbank.example", swe_number="SW7"),
]


def test_a_file_of_dated_and_undated_lines_changes_nothing_the_second_time():
    taken(take_in(*MIXED))
    before = everything()
    again = taken(take_in(*MIXED, at=LATER))
    assert everything() == before
    assert {name: count for name, count in again.counts.items() if count} == {"lines": len(MIXED)}


def test_an_old_file_does_not_undo_a_dated_correction():
    taken(take_in(a_line()))
    taken(take_in(a_line(end_date="2020-06-30", recorded_on="2020-08-01"), at=LATER))
    taken(take_in(a_line(), at=LATER + timedelta(days=1)))
    assert current().end_date == date(2020, 6, 30)


def test_a_person_with_different_addresses_at_two_agencies_keeps_one_of_them():
    lines = [a_line(swe_number="SW1"), a_line(agency="Riverbank", email="ada@riverbank.example", swe_number="SW1")]
    for day in range(3):
        taken(take_in(*lines, at=NOW + timedelta(days=day)))
        assert Person.objects.get().email == User.objects.get().email == "ada@riverbank.example"


# --- When it is known ----------------------------------------------------------------------------------------------


def test_a_line_without_recorded_on_is_known_from_its_own_dates_in_a_first_load():
    taken(take_in(a_line(end_date="2020-06-30", leaving_reason="5", destination="6")))
    assert known_at(date(2019, 9, 1)) is None
    assert known_at(date(2019, 9, 2)).end_date is None
    running, ended = known_at(date(2020, 6, 29)), known_at(date(2020, 6, 30))
    assert (running.end_date, running.leaving_reason, running.destination) == (None, None, None)
    assert (ended.end_date, ended.leaving_reason, ended.destination) == (date(2020, 6, 30), 5, 6)


def test_a_last_day_that_is_still_to_come_is_known_from_the_import():
    taken(take_in(a_line(end_date=(TODAY + timedelta(days=60)).isoformat())))
    assert known_at(YESTERDAY).end_date is None
    assert known_at(TODAY).end_date == TODAY + timedelta(days=60)


def test_a_first_load_is_each_agencys_own():
    taken(take_in(a_line()))
    taken(take_in(bo(agency="Riverbank NHS Trust"), at=LATER))
    assert known_at(date(2019, 9, 2), "0018") is not None


def test_later_loads_are_known_from_the_moment_of_import():
    taken(take_in(a_line()))
    taken(take_in(a_line(end_date="2020-06-30"), bo(), at=LATER))
    day = LATER.date()
    assert known_at(day - timedelta(days=1)).end_date is None
    assert known_at(day).end_date == date(2020, 6, 30)
    assert known_at(day - timedelta(days=1), "0018") is None
    assert known_at(day, "0018") is not None


def test_a_correction_is_known_from_the_day_it_was_recorded_and_not_before():
    taken(take_in(a_line()))
    taken(take_in(a_line(end_date="2020-06-30", recorded_on="2020-08-01"), at=LATER))
    assert known_at(date(2020, 7, 31)).end_date is None
    assert known_at(date(2020, 8, 1)).end_date == date(2020, 6, 30)
    assert EmploymentVersion.objects.count() == 2


def test_what_is_recorded_on_a_summer_day_is_known_that_day_in_london():
    taken(take_in(a_line(recorded_on="2020-07-01")))
    version = EmploymentVersion.objects.get()
    assert version.recorded_at == datetime(2020, 6, 30, 23, tzinfo=UTC)
    assert start_of_day(date(2020, 7, 1)) == version.recorded_at <= end_of_day(date(2020, 7, 1))


def test_a_retraction_withdraws_the_spell_from_the_day_it_was_recorded():
    taken(take_in(a_line(), a_line(retracted="yes", recorded_on="2020-02-01")))
    assert known_at(date(2020, 1, 31)) is not None
    assert known_at(date(2020, 2, 1)) is None
    assert not Person.objects.employed(TODAY).exists()
    assert Employment.objects.count() == 1


def test_a_retraction_can_itself_be_withdrawn():
    taken(take_in(a_line(), a_line(retracted="yes", recorded_on="2020-02-01"), a_line(recorded_on="2020-03-01")))
    assert known_at(date(2020, 2, 15)) is None
    assert known_at(date(2020, 3, 1)) is not None


def test_someone_who_is_absent_from_a_file_is_not_ended_by_it():
    taken(take_in(a_line(), bo()))
    taken(take_in(bo(fte="0.5"), at=LATER))
    assert Person.objects.employed(LATER.date()).count() == 2
    assert EmploymentVersion.objects.filter(identity__employee_number="0017").count() == 1
