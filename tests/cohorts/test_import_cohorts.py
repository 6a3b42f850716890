"""`cohorts.csv`: statements about memberships, taken in all together or not at all."""

from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from academy.lib.rows import FileRefused
from cohorts.importers.cohorts import COLUMNS, REQUIRED, import_cohorts
from cohorts.models import Cohort, Member, MemberVersion, Outcome, Programme
from partners.models import Person
from tests.factories import NOW, TODAY
from tests.partners.files import a_line, bo, everything, faults, take_in, take_in_cohorts, taken, text_of

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=60)
MEMBER = {
    "programme": "ASYE",
    "cohort": "Autumn 2019",
    "agency": "Larkshire",
    "employee_number": "0017",
    "start_date": "2019-09-02",
}


def a_member(**values: str) -> dict[str, str]:
    return MEMBER | values


@pytest.fixture(autouse=True)
def people(db) -> None:
    """Adaeze, 0017, and Bo, 0018, of Larkshire."""
    taken(take_in(a_line(), bo()))


def known_at(day: date) -> MemberVersion | None:
    return MemberVersion.objects.known_at(day).first()


def current() -> MemberVersion:
    return MemberVersion.objects.current().get()


def test_a_line_makes_the_cohort_and_the_membership():
    taken(take_in_cohorts(a_member(entry_route="Step Up", practice_lead_employee_number="0018")))
    member = Member.objects.get()
    assert (str(member.person), str(member.agency), str(member.cohort)) == (
        "Adaeze Thornhill",
        "Larkshire",
        "Autumn 2019",
    )
    assert member.cohort.version == Programme.objects.get(name="ASYE").current_version()
    assert (current().entry_route, current().practice_lead.given_name, current().mentor) == ("step_up", "Bo", None)


def test_names_are_matched_in_any_capitals():
    taken(take_in_cohorts(a_member(), a_member(programme="asye", cohort="AUTUMN 2019", employee_number="0018")))
    assert (Cohort.objects.count(), Member.objects.count()) == (1, 2)


def test_a_dry_run_says_what_it_would_do_and_writes_nothing():
    before = everything()
    dry = taken(take_in_cohorts(a_member(), dry_run=True))
    assert everything() == before
    assert dry.counts == taken(take_in_cohorts(a_member())).counts


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("programme", {"programme": "Baking"}),
        ("programme", {"programme": ""}),
        ("cohort", {"cohort": ""}),
        ("cohort", {"cohort": "x" * 101}),
        ("cohort", {"cohort": "ß" * 51}),
        ("employee_number", {"employee_number": "404"}),
        ("employee_number", {"agency": "Northmoor"}),
        ("start_date", {"start_date": "02/09/2019"}),
        ("entry_route", {"entry_route": "lottery"}),
        ("practice_lead_employee_number", {"practice_lead_employee_number": "404"}),
        ("mentor_employee_number", {"mentor_employee_number": "404"}),
        ("completed_on", {"completed_on": "2019-09-01"}),
        ("completed_on", {"outcome": "pass"}),
        ("outcome_on", {"outcome": "fail"}),
        ("outcome_on", {"outcome": "withdrawn"}),
        ("outcome_on", {"outcome": "redeployed"}),
        ("outcome", {"outcome": "distinction"}),
        ("outcome", {"outcome_on": "2020-01-01"}),
        ("outcome_on", {"outcome": "fail", "outcome_on": "2019-01-01"}),
        ("recorded_on", {"recorded_on": (TODAY + timedelta(days=1)).isoformat()}),
        ("retracted", {"retracted": "?"}),
    ],
)
def test_a_bad_value_is_an_error_with_its_line_and_column_and_nothing_is_written(column, values):
    before = everything()
    outcome = take_in_cohorts(a_member(employee_number="0018"), a_member(**values))
    assert faults(outcome) == [(3, column)]
    assert everything() == before


MIXED = [
    a_member(),
    a_member(completed_on="2020-09-10", outcome="pass", recorded_on="2020-10-01"),
    a_member(employee_number="0018", completed_on="2020-08-31", outcome="pass", outcome_on="2020-09-15"),
]


def test_a_file_of_dated_and_undated_lines_changes_nothing_the_second_time():
    taken(take_in_cohorts(*MIXED))
    before = everything()
    taken(take_in_cohorts(*MIXED, at=LATER))
    assert everything() == before


def test_in_a_first_load_start_completion_and_outcome_are_each_known_from_their_own_day():
    taken(take_in_cohorts(a_member(completed_on="2020-08-31", outcome="pass", outcome_on="2020-09-15")))
    days = [date(2019, 9, 1), date(2019, 9, 2), date(2020, 8, 31), date(2020, 9, 15)]
    known = [known_at(day) for day in days]
    assert known[0] is None
    assert [(v.completed_on, v.outcome) for v in known[1:]] == [
        (None, ""),
        (date(2020, 8, 31), ""),
        (date(2020, 8, 31), Outcome.PASS),
    ]


def test_later_loads_are_known_from_the_moment_of_import():
    taken(take_in_cohorts(a_member()))
    taken(take_in_cohorts(a_member(completed_on="2020-08-31", outcome="pass"), at=LATER))
    assert known_at(LATER.date() - timedelta(days=1)).completed_on is None
    assert known_at(LATER.date()).completed_on == date(2020, 8, 31)


def test_a_correction_is_known_from_the_day_it_was_recorded_and_not_before():
    taken(take_in_cohorts(*MIXED[:2]))
    assert known_at(date(2020, 9, 30)).completed_on is None
    assert known_at(date(2020, 10, 1)).completed_on == date(2020, 9, 10)


def test_a_membership_entered_by_mistake_can_be_withdrawn():
    taken(take_in_cohorts(a_member(), a_member(retracted="yes", recorded_on="2019-10-01")))
    assert known_at(date(2019, 9, 30)) is not None
    assert known_at(date(2019, 10, 1)) is None
    assert not Member.objects.known_now().exists()


def test_a_corrected_start_is_the_same_membership():
    taken(take_in_cohorts(a_member(), a_member(start_date="2019-10-01", recorded_on="2019-11-01")))
    assert Member.objects.count() == 1
    assert current().start_date == date(2019, 10, 1)


def test_someone_who_changed_employee_number_is_one_member():
    taken(take_in(a_line(swe_number="SW1"), a_line(employee_number="99", start_date="2020-01-06", swe_number="SW1")))
    taken(take_in_cohorts(a_member(), a_member(employee_number="99", recorded_on="2020-02-01")))
    assert Member.objects.count() == 1


def test_someone_can_be_on_two_cohorts():
    taken(take_in_cohorts(a_member(), a_member(cohort="Spring 2021", start_date="2021-03-01")))
    assert Person.objects.get(employments__employee_number="0017").memberships.count() == 2


@pytest.mark.parametrize("data", [b"", (",".join(REQUIRED) + "\n").encode(), b"PK\x03\x04", b"\0"])
def test_a_file_with_nothing_to_take_in_is_refused(data):
    with pytest.raises(FileRefused):
        import_cohorts(data, by=None, at=NOW, name="cohorts.csv")


def test_the_command_tells_line_column_and_reason(tmp_path):
    path, err = tmp_path / "cohorts.csv", StringIO()
    path.write_text(text_of([a_member(outcome="distinction")]))
    with pytest.raises(CommandError, match="nothing was written") as refused:
        call_command("import_cohorts", path, stderr=err)
    assert refused.value.returncode == 1
    assert "line 2, outcome: 'distinction' is not one of pass" in err.getvalue()


def test_the_command_takes_in_a_file(tmp_path):
    path, out = tmp_path / "cohorts.csv", StringIO()
    path.write_text(text_of([a_member()]))
    call_command("import_cohorts", path, stdout=out)
    assert "members new: 1" in out.getvalue()


ODD = st.sampled_from(
    ["", "x" * 300, "0018", "2019-09-02", "2020-01-01", "pass", "yes", "ASYE", "İ" * 60, "\x07", "NaN"]
)
LINES = st.fixed_dictionaries({}, optional=dict.fromkeys(COLUMNS, ODD)).map(lambda odd: a_member(**odd))


class AnyFile(TestCase):
    @settings(max_examples=60, deadline=None)
    @given(
        st.one_of(st.lists(LINES, min_size=1, max_size=3).map(lambda f: text_of(f).encode()), st.binary(max_size=60))
    )
    def test_is_taken_in_the_same_twice_or_its_faults_are_told_and_nothing_is_written(self, data):
        taken(take_in(a_line(), bo()))
        before = everything()
        try:
            outcome = import_cohorts(data, by=None, at=NOW, name="any.csv")
        except FileRefused:
            outcome = None
        if outcome and outcome.ok:
            before = everything()
            taken(import_cohorts(data, by=None, at=LATER, name="any.csv"))
        assert everything() == before
