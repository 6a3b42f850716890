"""`people.csv`: statements about spells, taken in all together or not at all."""

from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from openpyxl import Workbook

from academy.lib.dates import end_of_day, start_of_day
from academy.lib.rows import FileRefused
from partners.importers.people import import_people
from partners.models import Agency, AuditEvent, Employment, EmploymentVersion, LeavingReason, Person, Team, User
from tests.factories import NOW, TODAY
from tests.partners.files import a_line, bo, everything, faults, spell, take_in, taken, text_of

pytestmark = pytest.mark.django_db
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
LATER = NOW + timedelta(days=60)


def known_at(day: date, number: str = "0017") -> EmploymentVersion | None:
    return EmploymentVersion.objects.known_at(day).filter(identity__employee_number=number).first()


def current(number: str = "0017") -> EmploymentVersion:
    return EmploymentVersion.objects.current().get(identity__employee_number=number)


# --- What a line makes --------------------------------------------------------------------------------------------


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


# --- All or nothing -----------------------------------------------------------------------------------------------


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


# --- Files as they come -------------------------------------------------------------------------------------------


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


# --- Twice --------------------------------------------------------------------------------------------------------

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


def test_two_undated_lines_about_one_spell_change_nothing_the_second_time():
    """The later line is what the source says today."""
    lines = [a_line(end_date="2020-06-30"), a_line()]
    taken(take_in(*lines))
    assert current().end_date is None
    before = everything()
    taken(take_in(*lines, at=LATER))
    assert everything() == before


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


# --- When it is known ---------------------------------------------------------------------------------------------


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


# --- One human being ----------------------------------------------------------------------------------------------


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


# --- Accounts and addresses ---------------------------------------------------------------------------------------

SHARED = "duty.desk@larkshire.example"


def owner_of(address: str) -> str | None:
    return User.objects.filter(email=address, is_active=True).values_list("person__given_name", flat=True).first()


def test_a_recycled_address_opens_the_newcomers_record_and_closes_the_leavers():
    taken(take_in(a_line(email=SHARED)))
    leaver = Person.objects.get()
    taken(take_in(a_line(email=SHARED, end_date="2020-06-30"), bo(email=SHARED), at=LATER))
    assert owner_of(SHARED) == "Bo"
    leaver.refresh_from_db()
    assert (leaver.email, leaver.user.email, leaver.user.is_active) == ("", None, False)


@pytest.mark.parametrize("newcomer_first", [True, False])
def test_a_recycled_address_in_one_file_goes_to_the_one_at_work(newcomer_first):
    lines = [bo(email=SHARED), a_line(email=SHARED, end_date="2020-06-30")]
    taken(take_in(*(lines if newcomer_first else reversed(lines))))
    assert owner_of(SHARED) == "Bo"
    assert Person.objects.get(given_name="Adaeze").email == ""


def test_a_leavers_line_that_is_still_in_the_file_does_not_take_the_address_back():
    lines = [a_line(email=SHARED, end_date="2020-06-30"), bo(email=SHARED)]
    taken(take_in(*lines))
    before = everything()
    taken(take_in(*lines, at=LATER))
    assert everything() == before


def test_a_leaver_who_comes_back_signs_in_again():
    taken(take_in(a_line(email=SHARED, end_date="2020-06-30"), bo(email=SHARED)))
    taken(take_in(a_line(start_date="2022-01-10", email="ada@larkshire.example"), at=LATER))
    assert owner_of("ada@larkshire.example") == "Adaeze"
    assert owner_of(SHARED) == "Bo"


def test_two_colleagues_with_one_address_are_listed_and_the_first_keeps_it():
    outcome = taken(take_in(a_line(email=SHARED), bo(email=SHARED)))
    assert owner_of(SHARED) == "Adaeze"
    assert not User.objects.filter(person__given_name="Bo").exists()
    assert any("Adaeze" in note and "Bo" in note and SHARED in note for note in outcome.notes)
    again = taken(take_in(bo(email=SHARED)))
    assert owner_of(SHARED) == "Adaeze"
    assert any("Adaeze" in note and "Bo" in note for note in again.notes)


def test_someone_who_starts_next_week_does_not_lose_an_address_as_a_leaver_would():
    taken(take_in(a_line(email=SHARED, start_date=(TODAY + timedelta(days=7)).isoformat())))
    taken(take_in(bo(email=SHARED)))
    assert owner_of(SHARED) == "Adaeze"


def test_colleagues_can_swap_addresses():
    first, second = a_line()["email"], bo()["email"]
    taken(take_in(a_line(), bo()))
    taken(take_in(a_line(email=second), bo(email=first)))
    assert (owner_of(first), owner_of(second)) == ("Bo", "Adaeze")


def test_an_address_passes_on_when_its_holder_moves_to_another_in_the_same_file():
    taken(take_in(a_line()))
    old = a_line()["email"]
    taken(take_in(bo(email=old), a_line(email="adaeze.okoro@larkshire.example")))
    assert (owner_of(old), owner_of("adaeze.okoro@larkshire.example")) == ("Bo", "Adaeze")


def test_an_address_is_the_same_in_any_capitals():
    taken(take_in(a_line(email="Adaeze@Larkshire.Example")))
    assert User.objects.get().email == "adaeze@larkshire.example"


def test_nobody_without_an_address_has_an_account():
    taken(take_in(a_line(email="")))
    assert not User.objects.exists()


# --- The command --------------------------------------------------------------------------------------------------


def run(path, *options) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    try:
        call_command("import_people", path, *options, stdout=out, stderr=err)
    except CommandError as refusal:
        err.write(f"{refusal} (exit {refusal.returncode})")
    return out.getvalue(), err.getvalue()


def test_the_command_takes_in_a_file_and_says_how_many(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text(text_of([a_line(), bo()]))
    assert "Dry run" in run(path, "--dry-run")[0]
    assert not Person.objects.exists()
    assert "people new: 2" in run(path)[0]
    assert Person.objects.count() == 2
    assert "people new: 0" in run(path)[0]
    assert set(EmploymentVersion.objects.values_list("source", flat=True)) == {"people.csv"}


def test_the_command_tells_line_column_and_reason_and_writes_nothing(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text(text_of([a_line(), bo(dfe_role="9")]))
    out, err = run(path)
    assert out == ""
    assert "line 3, dfe_role: '9' is not one of 1, 2, 3, 4, 5, 6" in err
    assert "(exit 1)" in err
    assert not Person.objects.exists()


def test_the_command_refuses_a_missing_file_by_name(tmp_path):
    assert "nowhere.csv" in run(tmp_path / "nowhere.csv")[1]


def test_an_import_is_in_the_audit_log_without_names():
    taken(take_in(a_line()))
    event = AuditEvent.objects.get(kind="people.imported")
    assert event.details["people_new"] == 1
    assert "Adaeze" not in str(event.details)
