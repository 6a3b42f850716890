"""Whom a line is about: one record for each human being, however many files name them."""

from datetime import timedelta

import pytest

from partners.models import Person, User
from tests.factories import NOW, TODAY
from tests.partners.files import a_line, bo, everything, faults, take_in, taken

pytestmark = pytest.mark.django_db
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
LATER = NOW + timedelta(days=60)


def test_one_person_across_agencies_is_known_by_the_social_work_england_number():
    taken(take_in(a_line(swe_number="SW1"), bo()))
    taken(take_in(a_line(agency="Northmoor", employee_number="7", swe_number="sw1", email="a@northmoor.example")))
    assert Person.objects.count() == 2
    assert Person.objects.get(swe_number="SW1").employments.values("agency").distinct().count() == 2


def test_the_number_need_not_stand_on_every_line_of_a_person():
    taken(
        take_in(
            a_line(),
            a_line(start_date="2021-01-04", swe_number="SW1"),
            bo(agency="Northmoor", employee_number="7", swe_number="SW1"),
        )
    )
    assert Person.objects.count() == 1


def test_someone_who_comes_back_keeps_one_record_with_two_spells():
    taken(take_in(a_line(end_date="2020-06-30"), a_line(start_date="2022-01-10")))
    assert Person.objects.get().employments.count() == 2


def test_two_jobs_at_once_are_one_person():
    taken(take_in(a_line(fte="0.5"), a_line(fte="0.5", job_role="Practice educator")))
    assert Person.objects.get().employments.in_post(TODAY).count() == 2


def test_a_changed_surname_and_address_keep_the_person_and_move_the_account():
    taken(take_in(a_line()))
    account = User.objects.get()
    outcome = taken(take_in(a_line(family_name="Okoro", email="adaeze.okoro@larkshire.example"), at=LATER))
    person = Person.objects.get()
    assert (person.name, person.name_key) == ("Adaeze Okoro", "okoro adaeze")
    assert (person.user.pk, person.user.email) == (account.pk, "adaeze.okoro@larkshire.example")
    assert outcome.counts["people_changed"] == 1


def test_an_empty_value_says_nothing_about_a_person():
    taken(take_in(a_line(swe_number="SW1")))
    taken(take_in(a_line(email="", swe_number="", family_name="")))
    person = Person.objects.get()
    assert (person.swe_number, person.email, person.family_name) == ("SW1", a_line()["email"], "Thornhill")


def test_people_of_one_name_are_listed_as_possible_duplicates_and_not_merged():
    taken(take_in(a_line()))
    outcome = taken(take_in(a_line(employee_number="44", email="ada2@larkshire.example")))
    assert Person.objects.count() == 2
    assert any("Adaeze Thornhill" in note and "duplicate" in note for note in outcome.notes)


def test_a_number_that_two_records_would_share_is_an_error_and_not_a_merger():
    taken(take_in(a_line(swe_number="SW1"), bo()))
    before = everything()
    outcome = take_in(bo(swe_number="SW1"))
    assert faults(outcome) == [(2, "swe_number")]
    assert everything() == before


def test_two_known_people_given_one_number_by_a_file_are_an_error():
    taken(take_in(a_line(), bo()))
    outcome = take_in(a_line(swe_number="SW1"), bo(swe_number="SW1"))
    assert faults(outcome) == [(3, "swe_number")]


def test_a_new_number_of_someone_known_in_the_same_file_finds_them_whichever_line_is_first():
    taken(take_in(bo()))
    taken(take_in(bo(agency="Northmoor", employee_number="7", swe_number="SW1"), bo(swe_number="SW1")))
    assert Person.objects.count() == 1


def test_an_employee_number_with_two_social_work_england_numbers_is_an_error():
    assert faults(take_in(a_line(swe_number="SW1"), a_line(start_date="2021-01-04", swe_number="SW2"))) == [
        (3, "swe_number")
    ]
    taken(take_in(a_line(swe_number="SW1")))
    assert faults(take_in(a_line(swe_number="SW3"))) == [(2, "swe_number")]
