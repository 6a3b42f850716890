"""`people.csv`: what its lines make, taken in all together or not at all."""

from datetime import date, timedelta

import pytest
from django.db import OperationalError, connection

from partners.importers import files
from partners.models import Agency, AuditEvent, Employment, EmploymentVersion, LeavingReason, Person, Team
from tests.factories import NOW, TODAY
from tests.partners.files import a_line, bo, everything, faults, spell, take_in, taken

pytestmark = pytest.mark.django_db
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
LATER = NOW + timedelta(days=60)


def current(number: str = "0017") -> EmploymentVersion:
    return EmploymentVersion.objects.current().get(identity__employee_number=number)


# --- What a line makes ---------------------------------------------------------------------------------------------


def test_a_line_makes_the_agency_the_person_the_spell_and_an_account():
    taken(take_in(a_line(team="Families > Assessment", fte="0.6", swe_number="sw12345")))
    person = Person.objects.get()
    assert (person.name, person.email) == ("Adaeze Thornhill", "adaeze.thornhill@larkshire.example")
    assert (person.swe_number, person.user.email) == ("SW12345", person.email)
    made = spell()
    assert (str(made.agency), str(made.team), str(made.job_role)) == ("Larkshire", "Assessment", "Social worker")
    assert (made.start_date, float(current().fte), current().dfe_role) == (date(2019, 9, 2), 0.6, 5)


def test_a_leading_nought_of_an_employee_number_is_kept():
    taken(take_in(a_line(employee_number="0017"), bo(employee_number="17")))
    assert set(Employment.objects.values_list("employee_number", flat=True)) == {"0017", "17"}
    assert Person.objects.count() == 2


def test_nested_teams_are_made_from_the_top_and_only_once():
    taken(
        take_in(
            a_line(team="Children > Assessment > Red"),
            bo(team="children >  ASSESSMENT > Blue"),
            bo(employee_number="3", email="", team="Assessment"),
        )
    )
    top = Team.objects.get(name="Children")
    assert set(Team.objects.under(top).values_list("name", flat=True)) == {"Children", "Assessment", "Red", "Blue"}
    assert Team.objects.filter(name_key="assessment").count() == 2
    taken(take_in(a_line(team="Children > Assessment > Red")))
    assert Team.objects.count() == 5


def test_names_of_agencies_and_job_roles_are_one_in_any_capitals_and_accents():
    taken(take_in(a_line(agency="Cafédral", job_role="Social Worker"), bo(agency="CAFEDRAL", job_role="social worker")))
    assert Agency.objects.count() == 1
    assert Employment.objects.values("job_role").distinct().count() == 1


def test_a_manager_may_stand_anywhere_in_the_file():
    taken(take_in(a_line(manager_employee_number="0018"), bo()))
    assert current().manager == spell("0018").person


def test_a_manager_may_be_known_from_an_earlier_file():
    taken(take_in(bo()))
    taken(take_in(a_line(manager_employee_number="0018")))
    assert current().manager == spell("0018").person


def test_a_manager_of_another_agency_is_not_meant():
    outcome = take_in(a_line(manager_employee_number="0018"), bo(agency="Riverbank NHS Trust"))
    assert faults(outcome) == [(2, "manager_employee_number")]


def test_codes_may_be_written_as_labels():
    end = {"end_date": "2020-03-31"}
    taken(
        take_in(
            a_line(dfe_role="Case holder", leaving_reason="resignation", destination="AGENCY OR CONSULTANCY", **end),
            bo(dfe_role="5", leaving_reason="1", destination="3", **end),
        )
    )
    named, coded = current("0017").facts, current("0018").facts
    assert named == coded
    assert named["leaving_reason"] == LeavingReason.RESIGNATION


def test_an_agency_worker_is_told_from_an_employee():
    taken(take_in(a_line(worker_type="Agency worker"), bo()))
    assert (current("0017").worker_type, current("0018").worker_type) == ("agency", "employee")


# --- All or nothing ------------------------------------------------------------------------------------------------


def test_a_dry_run_says_what_it_would_do_and_writes_nothing():
    before = everything()
    dry = taken(take_in(a_line(team="A > B"), bo(), dry_run=True))
    assert everything() == before
    assert dry.counts == taken(take_in(a_line(team="A > B"), bo())).counts


def test_one_bad_line_among_good_ones_leaves_everything_as_it_was():
    taken(take_in(bo()))
    before = everything()
    outcome = take_in(a_line(), bo(fte="0.5"), a_line(employee_number="9", start_date="soon"))
    assert faults(outcome) == [(4, "start_date")]
    assert everything() == before


def test_a_database_that_fails_half_way_leaves_everything_as_it_was():
    def fails(execute, sql, *rest):
        if "INSERT" in sql and "partners_user" in sql:
            raise OperationalError("the server closed the connection")
        return execute(sql, *rest)

    before = everything()
    with pytest.raises(OperationalError), connection.execute_wrapper(fails):
        take_in(a_line())
    assert everything() == before


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("agency", ""),
        ("agency", "x" * 201),
        ("agency_kind", "club"),
        ("employee_number", ""),
        ("employee_number", "9" * 41),
        ("given_name", ""),
        ("given_name", "x" * 101),
        ("family_name", "ß" * 60),
        ("email", "adaeze"),
        ("email", f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 63}.example"),
        ("job_role", "x" * 201),
        ("dfe_role", "7"),
        ("manager_employee_number", "404"),
        ("fte", "full"),
        ("fte", "NaN"),
        ("fte", "0"),
        ("start_date", ""),
        ("start_date", "43739"),
        ("start_date", "01/02/2019"),
        ("start_date", "2019-02-30"),
        ("end_date", "2019-09-01"),
        ("leaving_reason", "1"),
        ("leaving_reason", "99"),
        ("destination", "3"),
        ("swe_number", "x" * 21),
        ("swe_number", "ﬃ" * 20),
        ("worker_type", "volunteer"),
        ("recorded_on", TOMORROW.isoformat()),
        ("recorded_on", "01/02"),
        ("retracted", "perhaps"),
        ("team", "x" * 201),
        ("team", " > ".join("abcdefghijklmnopqrstuvwxyz")),
    ],
)
def test_a_bad_value_is_an_error_with_its_line_and_column(column, value):
    before = everything()
    outcome = take_in(bo(), a_line(**{column: value}))
    assert (3, column) in faults(outcome)
    assert all(error.reason for error in outcome.errors)
    assert everything() == before


def test_every_fault_of_a_file_is_told_at_once_in_the_order_of_lines():
    outcome = take_in(a_line(fte="x", manager_employee_number="404"), bo(start_date=""), bo(dfe_role="9"))
    assert [line for line, _ in faults(outcome)] == [2, 2, 3, 4]


@pytest.mark.parametrize("values", [{"end_date": "2019-09-02"}, {"recorded_on": TODAY.isoformat()}])
def test_a_spell_of_one_day_and_a_statement_of_today_are_taken(values):
    taken(take_in(a_line(**values)))


def test_an_import_is_in_the_audit_log_without_names():
    taken(take_in(a_line()))
    event = AuditEvent.objects.get(kind="people.imported")
    assert event.details["people_new"] == 1
    assert "Adaeze" not in str(event.details)


def test_what_was_counted_while_there_was_nothing_is_counted_again(monkeypatch):
    """Else a first list would be planned for as for empty tables, with a walk over all of them for each person."""
    monkeypatch.setattr(files, "MANY", 2)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE partners_person, partners_employment, partners_employmentversion")
    taken(take_in(a_line(), bo()))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, reltuples FROM pg_class WHERE relname IN"
            " ('partners_person', 'partners_personversion', 'partners_employment', 'partners_employmentversion')"
        )
        assert {int(rows) for _, rows in cursor.fetchall()} == {2}
