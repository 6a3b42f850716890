"""Erasing one person: nothing that tells who it was is left anywhere, and every count stays."""

from datetime import date, timedelta
from io import StringIO
from types import SimpleNamespace

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.core.management import call_command
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext, isolate_apps

from academy.lib import registry
from academy.privacy import erasing, ledger, schedule, wiping
from academy.privacy.models import ERASED_NAME, Erasure
from cohorts.models import Member
from courses.models import Booking, Run
from evaluation.models import Answer, FollowUp
from evaluation.stats.results import own_words, waves
from partners.models import AuditEvent, EmploymentVersion, OutboxMessage, Person
from partners.permissions import AccessRole
from tests.evaluation.test_retention_published import as_published, first_loads, published, report  # noqa: F401
from tests.factories import NOW, booked, crowd, employed, holding, planned_run
from tests.privacy.someone import EMAIL, FAMILY, GIVEN, SWE, TELLING, found_in_the_database, zephyrine

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator():
    return holding(AccessRole.ADMINISTRATOR)


@pytest.fixture
def erase(administrator):
    def erase(person: Person, reason: str = "asked by letter", at=NOW) -> Erasure:
        return erasing.erase(person=person, by=administrator, at=at, reason=reason)

    return erase


def test_the_search_finds_what_it_is_to_find():
    zephyrine()
    found = found_in_the_database(TELLING)
    assert set(found) == {
        *("partners_person", "partners_user", "partners_employment", "partners_employmentversion", "partners_grant"),
        *("partners_grantchange", "partners_outboxmessage", "partners_auditevent", "account_emailaddress"),
        *("courses_certificate", "cohorts_memberversion", "evaluation_answer", "tryout_letter", "tryout_guide"),
        *("courses_hosting", "courses_visit", "courses_reflection"),
        "sessions, decoded",
    }


def test_no_name_address_number_or_own_word_is_left_in_any_table(erase):
    erase(zephyrine().person)
    assert found_in_the_database(TELLING) == {}


def test_the_record_goes_on_without_a_name(erase):
    someone = zephyrine()
    erase(someone.person)
    person = Person.objects.get(pk=someone.person.pk)
    assert person.name == ERASED_NAME
    assert person.employments.count() == 1
    assert person.memberships.count() == 1
    assert person.achievements.count() == 1
    assert (person.user.email, person.user.is_active, person.user.last_login) == (None, False, None)


def test_two_erased_people_of_one_agency_team_and_day_do_not_collide(erase):
    agency = employed().employments.get().agency
    for _ in range(2):
        erase(employed(agency=agency))
    assert Person.objects.filter(given_name=ERASED_NAME).count() == 2


def test_others_rows_stay_and_only_the_name_in_their_words_goes(erase):
    someone = zephyrine()
    other = AuditEvent.objects.get(person=someone.manager, kind="person.access_needs")
    erase(someone.person)
    other.refresh_from_db()
    assert other.details == {"words": "asked [erased]"}
    assert EmploymentVersion.objects.get(identity__person=someone.person).manager == someone.manager


def test_whoever_managed_assessed_and_taught_keeps_their_place_as_someone_who_was_erased(erase):
    someone = zephyrine()
    erase(someone.manager)
    assert EmploymentVersion.objects.get(identity__person=someone.person).manager.name == ERASED_NAME
    assert someone.person.memberships.get().versions.get().practice_lead.name == ERASED_NAME
    assert found_in_the_database([someone.manager.email]) == {}
    assert Person.objects.get(pk=someone.person.pk).given_name == GIVEN


def test_in_audit_events_texts_go_and_counts_stay(erase, administrator):
    someone = zephyrine()
    erase(someone.person)
    events = AuditEvent.objects.filter(person=someone.person)
    assert events.get(kind="person.access_needs").details == {"reason": "", "n": 3, "list": [""]}
    assert events.get(kind="grant.given").details["access_role"] == "director"
    done = events.get(kind="person.erased")
    assert (done.by, done.at, done.details) == (administrator, NOW, {})


def test_what_was_chosen_is_still_counted_and_own_words_are_gone(erase):
    someone = zephyrine()
    run = someone.follow_up.achievement.run
    before = waves(run)
    erase(someone.person)
    assert waves(run) == before
    left = Answer.objects.filter(response__follow_up=someone.follow_up)
    assert {answer.question.kind for answer in left} == {"choice"}
    assert own_words(run) == []


def test_a_link_that_was_still_open_opens_no_questions_any_more(erase):
    someone = zephyrine()
    assert "<form" in Client().get(f"/follow-ups/{someone.open_follow_up.token}/").content.decode()
    erase(someone.person)
    assert FollowUp.objects.get(pk=someone.open_follow_up.pk).state == "closed"
    assert "<form method" not in Client().get(f"/follow-ups/{someone.open_follow_up.token}/").content.decode()


def test_a_certificate_can_still_be_checked_and_says_that_the_name_is_gone(erase):
    someone = zephyrine()
    erase(someone.person)
    page = Client().get(f"/certificates/{someone.certificate.number}/").content.decode()
    assert "This certificate is genuine" in page
    assert "We no longer hold the name" in page
    assert "Neglect" in page


def test_sessions_end_the_open_ones_and_those_that_wait_for_a_code(erase, as_person):
    someone = zephyrine()
    browser, other = as_person(someone.person), as_person(someone.manager)
    erase(someone.person)
    assert browser.get("/bookings/").status_code == 302
    assert other.get("/bookings/").status_code == 200


def test_nobody_is_written_to_any_more(erase, mailoutbox):
    someone = zephyrine()
    run = planned_run()
    booked(run, someone.person)
    erase(someone.person)
    registry.run_due(NOW)
    assert not OutboxMessage.objects.filter(person=someone.person).exists()


def test_places_to_come_go_to_the_next_in_the_queue(erase):
    person, run = employed(), planned_run(capacity=1)
    booked(run, person)
    waiting = employed()
    Booking.objects.create(run=run, person=waiting, reference="T-1", state="queued", queue_position=1, asked_at=NOW)
    erase(person)
    assert Booking.objects.get(person=waiting).state == "booked"


@pytest.mark.parametrize("reason", [f"{GIVEN} asked", f"for {FAMILY}.", EMAIL, f"No. {SWE}", "ZQ-004711", "zephyrine"])
def test_a_reason_that_names_them_is_refused_and_nothing_is_erased(erase, reason):
    someone = zephyrine()
    with pytest.raises(erasing.CannotErase, match="Leave the name"):
        erase(someone.person, reason)
    assert Person.objects.get(pk=someone.person.pk).given_name == GIVEN
    assert ledger.read() == {}


def test_nobody_is_erased_twice_or_erases_themselves(erase, administrator):
    person = employed()
    erase(person)
    with pytest.raises(erasing.CannotErase, match="already"):
        erase(person)
    with pytest.raises(erasing.CannotErase, match="your own"):
        erase(administrator)
    assert len(ledger.read()) == 1


def test_where_the_ledger_cannot_be_written_nobody_is_erased(erase, settings, tmp_path):
    (tmp_path / "file").write_text("")
    settings.ERASURES_FILE = tmp_path / "file" / "erasures.jsonl"
    person = employed()
    with pytest.raises(ledger.CannotWrite, match="cannot be written"):
        erase(person)
    person.refresh_from_db()
    assert person.name != ERASED_NAME


def test_people_with_a_similar_name_keep_theirs(erase):
    someone = zephyrine()
    other = employed()
    Person.objects.filter(pk=other.pk).update(given_name=GIVEN, family_name=FAMILY)
    erase(someone.person)
    other.refresh_from_db()
    assert other.name == f"{GIVEN} {FAMILY}"


@pytest.mark.usefixtures("first_loads")
def test_the_published_table_stays_the_same_when_members_of_every_kind_are_erased(erase):
    """Durham's table of 2019, with its reasons and destinations, measures and curves, before and after."""
    before, measures = report(), measured()
    kinds = Member.objects.order_by("cohort", "pk").values_list("person", flat=True)[::7]
    for pk in kinds:
        person = Person.objects.get(pk=pk)
        telling = [person.family_name, person.email, person.swe_number]
        erase(person)
        kept = Person.objects.filter(family_name=telling[0]).exists()
        assert found_in_the_database(telling[1:] if kept else telling) == {}
    assert as_published(report()) == published()
    assert report() == before
    assert measured() == measures


def measured() -> list:
    days = (date(2019, 10, 7), date(2026, 1, 1))
    return [(key, day, measure.compute(day, day, None)) for key, measure in registry.measures.items() for day in days]


def test_counts_of_bookings_registers_and_replies_stay(erase):
    someone = zephyrine()
    run = someone.follow_up.achievement.run

    def counts():
        counted = Run.objects.with_counts().get(pk=run.pk)
        return counted.booked, counted.queued, run.achievements.count(), run.sessions.get().attendances.count()

    before = counts()
    erase(someone.person)
    assert counts() == before


def test_invariants_hold_afterwards(erase):
    erase(zephyrine().person)
    call_command("check_integrity", stdout=(said := StringIO()))
    assert said.getvalue() == "No broken invariants.\n"


def test_a_tick_afterwards_plans_and_sends_as_ever(erase):
    someone = zephyrine()
    erase(someone.person)
    registry.run_due(NOW + timedelta(days=400))
    assert found_in_the_database(TELLING) == {}


def test_those_who_were_erased_are_in_no_list_of_people(erase, as_person):
    lead, person = holding("lead"), employed()
    erase(person)
    assert ERASED_NAME not in as_person(lead).get("/people/").content.decode()


def test_the_preview_says_for_each_kind_of_record_what_goes_and_what_stays():
    someone = zephyrine()
    shares = {share.title: share for share in erasing.preview(someone.person)}
    assert "Given name" in shares["People"].goes
    assert shares["Messages"].goes == "Everything"
    assert shares["Bookings"].goes == "Answers"
    assert "so that every run keeps its numbers" in shares["Bookings"].end
    assert "Agencies" not in shares


@isolate_apps("academy.privacy")
def test_uploaded_files_go_with_the_rows_that_name_them(tmp_path, django_capture_on_commit_callbacks):
    """No model of ours has one yet; the first that does finds it done, once the erasure is committed."""

    class Upload(models.Model):  # noqa: DJ008  (nobody sees it)
        file = models.FileField(storage=FileSystemStorage(tmp_path))

        class Meta:
            app_label = "privacy"

    with connection.schema_editor() as editor:
        editor.create_model(Upload)
    hers, others = (Upload.objects.create(file=ContentFile(b"%PDF", name=name)) for name in ("hers.pdf", "others.pdf"))
    rules = {"erase": {"file": schedule.Rule("erase")}, "delete": {}}
    record = SimpleNamespace(cls=Upload, rules=rules.get)
    with django_capture_on_commit_callbacks(execute=True):
        wiping._forget_files(record, Upload.objects.filter(pk=hers.pk))
        assert (tmp_path / "hers.pdf").exists()
    assert [path.name for path in tmp_path.iterdir()] == [others.file.name]


def test_twenty_leavers_take_one_query_more_than_one_leaver_for_each_audit_event():
    def queries(size: int) -> int:
        people = crowd(size)
        with CaptureQueriesContext(connection) as seen:
            assert erasing.erase_leavers(Person.objects.filter(pk__in=[each.pk for each in people]), at=NOW) == size
        return len(seen)

    assert queries(20) - queries(1) == 19
