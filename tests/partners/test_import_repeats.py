"""The same post on several lines of one file: the last line does not win because it is the last."""

import time

import pytest

from partners.importers.columns import Reading, match, read_file
from partners.importers.people import import_people
from partners.models import EmploymentVersion, Person
from tests.factories import NOW
from tests.partners.files import a_line, bo, faults, spell, take_in, taken, text_of
from tests.partners.test_vicious_files import browser, checked, larkshire, wrong  # noqa: F401

pytestmark = pytest.mark.django_db


def test_lines_that_differ_are_both_wrong_with_their_columns(browser):  # noqa: F811
    load = checked(browser, text_of([a_line(fte="0.6", career_level="3"), bo(), a_line(fte="1.0")]))
    assert sorted(wrong(load)) == [
        (2, "Career level: line 4 says nothing for the same post"),
        (2, "Full-time equivalent: line 4 says ‘1.0’ for the same post"),
        (4, "Career level: line 2 says ‘3’ for the same post"),
        (4, "Full-time equivalent: line 2 says ‘0.6’ for the same post"),
    ]


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("end_date", ("2026-10-31", "2026-11-30")),
        ("manager_employee_number", ("0018", "")),
        ("email", ("a@larkshire.example", "b@larkshire.example")),
        ("family_name", ("Thornhill", "Okafor")),
        ("retracted", ("no", "yes")),
    ],
)
@pytest.mark.parametrize("recorded_on", ["", "2026-11-01"])
def test_whatever_they_differ_in_and_whether_they_are_dated(column, values, recorded_on):
    lines = [a_line(recorded_on=recorded_on) | {column: value} for value in values]
    assert faults(take_in(*lines, bo())) == [(2, column), (3, column)]
    assert not Person.objects.exists()


def test_all_of_them_are_wrong_where_one_of_three_differs():
    assert faults(take_in(a_line(), a_line(), a_line(fte="0.5"))) == [(2, "fte"), (3, "fte"), (4, "fte")]


def test_lines_that_became_known_on_different_days_are_versions():
    taken(take_in(a_line(fte="0.6", recorded_on="2026-01-05"), a_line(fte="1.0", recorded_on="2026-02-02"), a_line()))
    assert [float(known.fte) for known in EmploymentVersion.objects.filter(identity=spell()).order_by("recorded_at")][
        -2:
    ] == [0.6, 1.0]


def test_lines_that_say_the_same_count_once_and_somebody_is_told():
    outcome = taken(take_in(a_line(fte="1"), bo(), a_line(fte="1.0"), *[bo()] * 6))
    assert (outcome.counts["lines"], len(outcome.verdicts)) == (2, 2)
    assert (
        "Line 4 says the same as line 2, line 5 says the same as line 3, line 6 says the same as line 3, line 7 says "
        "the same as line 3, line 8 says the same as line 3 and 2 more lines likewise." in outcome.notes
    )


def test_an_address_that_only_one_of_them_has_is_no_difference():
    taken(take_in(a_line(email=""), a_line()))
    assert Person.objects.get().email == "adaeze.thornhill@larkshire.example"


def test_two_posts_of_one_person_may_differ():
    taken(take_in(a_line(fte="0.6"), a_line(fte="0.4", job_role="Mentor"), a_line(fte="0.1", start_date="2024-01-01")))


def test_lines_that_are_one_post_once_starts_are_those_of_joining_are_compared_too():
    taken(take_in(a_line()))
    file = text_of([a_line(start_date="2018-01-08", fte="0.5"), a_line(start_date="2017-01-09", fte="0.6")])
    how = Reading(columns=match(read_file(file.encode()).header), joined=True)
    outcome = import_people(file.encode(), by=None, at=NOW, name="staff.csv", how=how)
    assert faults(outcome) == [(2, "fte"), (3, "fte")]


def test_wrong_lines_are_wrong_for_their_own_reasons_alone():
    assert faults(take_in(a_line(fte="lots"), a_line(fte="1.0"))) == [(2, "fte")]


def test_thousands_of_lines_under_one_number_are_compared_quickly():
    lines = [a_line(job_role=f"Job {n}", given_name=f"Adaeze {n}") for n in range(1000)]
    how = Reading(columns={name: name for name in a_line()}, sent_by="lead")
    began = time.process_time()
    import_people(text_of(lines).encode(), by=None, at=NOW, name="staff.csv", how=how, dry_run=True)
    assert time.process_time() - began < 15
