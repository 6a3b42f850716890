"""The trainer's pages of registers."""

from datetime import timedelta

import pytest

from academy.lib import pdf
from courses.models import Achievement, Attendance, Run
from partners.models import AuditEvent, Person
from tests.courses.days import DAY, mark, past_run
from tests.factories import NOW, booked, employed, holding, planned_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def trainer():
    return employed()


def test_a_trainer_takes_the_register_and_closes_the_run(trainer, as_person):
    run = past_run(trainer, title="Thresholds")
    here, away = booked(run), booked(run)
    browser = as_person(trainer)
    assert "2 marks are still missing" in browser.get(f"/runs/{run.pk}/register/").content.decode()
    session = run.sessions.get()
    marks = {f"mark-{here.pk}": "present", f"mark-{away.pk}": "absent"}
    page = browser.post(f"/runs/{run.pk}/register/{session.pk}/", marks, follow=True).content.decode()
    assert "Register saved: 2 people marked." in page
    assert "Everyone is marked." in page
    page = browser.post(f"/runs/{run.pk}/close/", follow=True).content.decode()
    assert "Run closed. 1 person has completed the course" in page
    assert Achievement.objects.get().person == here.person
    assert "Thresholds" in as_person(here.person).get("/bookings/").content.decode()


def test_a_mark_that_is_not_one_changes_nothing(trainer, as_person):
    run = past_run(trainer)
    booking, session = booked(run), run.sessions.get()
    address = f"/runs/{run.pk}/register/{session.pk}/"
    page = as_person(trainer).post(address, {f"mark-{booking.pk}": "asleep"}, follow=True)
    assert "Choose one of the marks offered." in page.content.decode()
    assert not Attendance.objects.exists()


def test_a_session_of_another_run_is_not_found(trainer, as_person):
    run, other = past_run(trainer), past_run(trainer)
    address = f"/runs/{run.pk}/register/{other.sessions.get().pk}/"
    assert as_person(trainer).post(address, {}).status_code == 404


def addresses(run: Run) -> list[tuple[str, str]]:
    session = run.sessions.first()
    return [
        ("get", f"/runs/{run.pk}/register/"),
        ("post", f"/runs/{run.pk}/register/{session.pk}/"),
        ("post", f"/runs/{run.pk}/close/"),
        ("get", f"/runs/{run.pk}/close/"),
        ("get", f"/runs/{run.pk}/notes/"),
        ("get", f"/runs/{run.pk}/register/{session.pk}/sheet/"),
        ("get", f"/runs/{run.pk}/register/{session.pk}/code/"),
    ]


def test_a_trainer_of_another_run_finds_nothing(trainer, as_person):
    past_run(stranger := employed())
    for method, address in addresses(past_run(trainer)):
        assert getattr(as_person(stranger), method)(address).status_code == 404


def test_one_who_teaches_nothing_is_told_that_the_page_is_for_others(trainer, as_person):
    for method, address in addresses(past_run(trainer)):
        assert getattr(as_person(employed()), method)(address).status_code == 403


def test_an_academy_lead_keeps_every_register(trainer, as_person):
    run = past_run(trainer)
    browser = as_person(holding("lead"))
    assert browser.get(f"/runs/{run.pk}/register/").status_code == 200
    assert f"/runs/{run.pk}/register/" in browser.get("/registers/").content.decode()


def test_registers_to_take_are_on_the_trainers_list(trainer, as_person):
    past_run(trainer, title="Thresholds")
    planned_run(starts_at=NOW + timedelta(hours=2), title="Later today", trainers=[trainer])
    planned_run(title="Next month", trainers=[trainer])
    page = as_person(trainer).get("/").content.decode()
    assert "Take the register and close: Thresholds" in page
    assert "Later today" in page
    assert "Take the register: Next month" not in page


def test_what_someone_needs_is_shown_to_the_trainer_and_not_printed_on_the_sheet_that_goes_round(trainer, as_person):
    run = planned_run(trainers=[trainer])
    booking = booked(run)
    Person.objects.filter(pk=booking.person_id).update(access_needs="A hearing loop")
    page = as_person(trainer).get(f"/runs/{run.pk}/register/").content.decode()
    assert page.count("A hearing loop") == 1
    assert "govuk-!-display-none-print" in page.partition("A hearing loop")[0].rpartition("<section")[2]
    type(run).objects.filter(pk=run.pk).update(starts_at=NOW - DAY, ends_at=NOW - DAY / 2)
    run.sessions.update(starts_at=NOW - DAY, ends_at=NOW - DAY / 2)
    assert "A hearing loop" in as_person(trainer).get(f"/runs/{run.pk}/register/").content.decode()


@pytest.mark.parametrize(("days", "seen"), [(31, False), (29, True), (-29, True), (-31, False)])
def test_what_someone_needs_is_shown_to_the_trainer_from_30_days_before_the_run_to_30_days_after(
    trainer, as_person, days, seen
):
    run = planned_run(trainers=[trainer], starts_at=NOW + days * DAY)
    Person.objects.filter(pk=booked(run).person_id).update(access_needs="A hearing loop")
    assert ("A hearing loop" in as_person(trainer).get(f"/runs/{run.pk}/register/").content.decode()) is seen
    lead = as_person(holding("lead"))
    assert "A hearing loop" in lead.get(f"/runs/{run.pk}/register/").content.decode()


def test_what_someone_needs_is_shown_to_no_other_trainer_manager_or_coordinator(trainer, as_person):
    manager = employed()
    person = employed(agency=manager.employments.get().agency, manager=manager)
    Person.objects.filter(pk=person.pk).update(access_needs="A hearing loop")
    run = planned_run(trainers=[trainer], starts_at=NOW + DAY)
    booking = booked(run, person)
    other = employed()
    planned_run(trainers=[other])
    agency = manager.employments.get().agency
    for viewer in (manager, other, holding("coordinator", agency=agency, scoped=True), holding("director")):
        browser = as_person(viewer)
        for address in (f"/runs/{run.pk}/register/", f"/bookings/{booking.reference}/", "/people/", f"/runs/{run.pk}/"):
            assert "A hearing loop" not in browser.get(address).content.decode()


def queries(browser, address: str) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as seen:
        assert browser.get(address).status_code == 200
    return len(seen)


def test_a_register_asks_the_database_no_more_for_three_than_for_one(trainer, as_person):
    run = past_run(trainer, sessions=2)
    mark(run, trainer, {booked(run): "present"})
    browser, address = as_person(trainer), f"/runs/{run.pk}/register/"
    one = queries(browser, address)
    mark(run, trainer, {booked(run): "present"}, {booked(run): "absent"})
    assert queries(browser, address) == one


def test_the_list_of_registers_asks_no_more_for_three_runs_of_each_kind_than_for_one(trainer, as_person):
    def one_of_each() -> None:
        booked(past_run(trainer))
        booked(planned_run(trainers=[trainer]))
        booked(done := past_run(trainer))
        Run.objects.filter(pk=done.pk).update(state=Run.State.COMPLETED)

    one_of_each()
    browser = as_person(trainer)
    one = queries(browser, "/registers/")
    one_of_each(), one_of_each()
    assert queries(browser, "/registers/") == one


def test_an_address_that_only_takes_forms_leads_back_to_the_register(trainer, as_person):
    run = past_run(trainer)
    page = as_person(trainer).get(f"/runs/{run.pk}/register/{run.sessions.first().pk}/")
    assert (page.status_code, page.url) == (302, f"/runs/{run.pk}/register/")


def test_before_a_run_is_closed_one_sees_who_completed_it_and_why_others_did_not(trainer, as_person):
    run = past_run(trainer)
    here, away = booked(run), booked(run)
    browser = as_person(trainer)
    page = browser.get(f"/runs/{run.pk}/close/").content.decode()
    assert "2 marks are still missing from the register." in page
    assert "<h2" not in page.partition("<main")[2].partition("</main>")[0]
    mark(run, trainer, {here: "present", away: "absent"})
    page = browser.get(f"/runs/{run.pk}/close/").content.decode()
    assert "1 person completed the course" in page
    assert page.index(here.person.name) < page.index("1 person did not") < page.index(away.person.name)
    assert "Absent on 22 November 2026." in page
    run.refresh_from_db()
    assert run.state == Run.State.PUBLISHED
    browser.post(f"/runs/{run.pk}/close/")
    assert browser.get(f"/runs/{run.pk}/close/").url == f"/runs/{run.pk}/register/"
    assert "No. Absent on 22 November 2026." in browser.get(f"/runs/{run.pk}/register/").content.decode()


def test_what_another_trainer_marked_meanwhile_is_not_undone_by_a_page_that_does_not_show_it(trainer, as_person):
    run = past_run(trainer)
    mine, theirs = booked(run), booked(run)
    mark(run, trainer, {theirs: "late"})  # after the page below was loaded
    sent = {f"mark-{mine.pk}": "present", f"was-{mine.pk}": ""}
    sent |= {f"mark-{theirs.pk}": "absent", f"was-{theirs.pk}": "absent"}
    as_person(trainer).post(f"/runs/{run.pk}/register/{run.sessions.get().pk}/", sent)
    assert dict(Attendance.objects.values_list("booking", "mark")) == {mine.pk: "present", theirs.pk: "late"}


def test_the_rest_are_marked_by_one_button(trainer, as_person):
    run = past_run(trainer)
    away, here = booked(run), booked(run)
    sent = {f"mark-{away.pk}": "absent", "rest": "present"}
    page = as_person(trainer).post(f"/runs/{run.pk}/register/{run.sessions.get().pk}/", sent, follow=True)
    assert "Register saved: 2 people marked." in page.content.decode()
    assert dict(Attendance.objects.values_list("booking", "mark")) == {away.pk: "absent", here.pk: "present"}


def by_script(browser, run: Run, sent: dict[str, object]):
    return browser.post(
        f"/runs/{run.pk}/register/{run.sessions.get().pk}/", sent, headers={"Accept": "application/json"}
    )


def test_a_phone_is_told_which_marks_stand(trainer, as_person):
    run = past_run(trainer)
    one, two = booked(run), booked(run)
    browser = as_person(trainer)
    mark(run, trainer, {one: "late"})
    answer = by_script(browser, run, {f"mark-{one.pk}": "absent", f"age-{one.pk}": "60", f"mark-{two.pk}": "present"})
    assert answer.json() == {"marks": {str(one.pk): "late", str(two.pk): "present"}}
    assert Attendance.objects.get(booking=two).marked_at == NOW


@pytest.mark.parametrize("age", ["soon", "nan", "inf", "-5", "1e400"])
def test_an_age_that_makes_no_sense_means_now(trainer, as_person, age):
    run = past_run(trainer)
    booking = booked(run)
    by_script(as_person(trainer), run, {f"mark-{booking.pk}": "absent", f"age-{booking.pk}": age})
    assert Attendance.objects.get().marked_at == NOW


def test_a_phone_is_told_why_its_marks_are_refused(trainer, as_person):
    run = past_run(trainer)
    booking = booked(run)
    Run.objects.filter(pk=run.pk).update(state=Run.State.COMPLETED)
    answer = by_script(as_person(trainer), run, {f"mark-{booking.pk}": "absent"})
    assert (answer.status_code, "is closed" in answer.json()["refused"]) == (409, True)


# --- Paper and notes ---------------------------------------------------------------------------------------------


def test_a_sign_in_sheet_has_names_and_agencies_and_no_needs(trainer, as_person, monkeypatch):
    run = planned_run(trainers=[trainer], title="Thresholds")
    booking, gone = booked(run), booked(run)
    Person.objects.filter(pk=booking.person_id).update(access_needs="A hearing loop")
    type(gone).objects.filter(pk=gone.pk).update(state="given_up")
    printed = {}
    render = pdf.render
    monkeypatch.setattr(pdf, "render", lambda name, data: (printed.update(data), render(name, data))[1])
    answer = as_person(trainer).get(f"/runs/{run.pk}/register/{run.sessions.get().pk}/sheet/")
    assert (answer["Content-Type"], answer.content[:5]) == ("application/pdf", b"%PDF-")
    assert (printed["course"], printed["trainers"], printed["venue"]) == ("Thresholds", trainer.name, "Room 2")
    assert printed["rows"] == [[booking.person.name, ""]]
    assert "hearing" not in str(printed)


def test_notes_are_kept_and_too_long_ones_are_not_lost(trainer, as_person):
    run = past_run(trainer)
    browser, address = as_person(trainer), f"/runs/{run.pk}/notes/"
    page = browser.post(address, {"notes": "x" * 4001}).content.decode()
    assert "Use 4,000 characters or fewer" in page
    assert "x" * 4001 in page
    assert "Notes saved." in browser.post(address, {"notes": "The room was cold."}, follow=True).content.decode()
    browser.post(address, {"notes": "The room was cold."})
    run.refresh_from_db()
    assert run.notes == "The room was cold."
    assert AuditEvent.objects.filter(kind="run.notes").count() == 1
