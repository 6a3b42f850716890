"""People who come unbooked, instead of others, or unknown to the records."""

import pytest

from courses.actions import newcomers
from courses.actions.registers import close_run
from courses.models import Achievement, Attendance, Booking, Newcomer, Run
from courses.models.states import WrongState
from partners.models import AuditEvent, Person
from tests.courses.days import MINUTE, mark, past_run
from tests.factories import NOW, AgencyFactory, booked, employed, holding, planned_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def trainer():
    return employed()


@pytest.fixture
def run(trainer) -> Run:
    """It started an hour ago, and is full."""
    return planned_run(starts_at=NOW - 60 * MINUTE, trainers=[trainer], capacity=1)


def called(surname: str, **facts) -> Person:
    person = employed(**facts)
    person.family_name = surname
    person.save()
    return person


def page(browser, run: Run, **sent) -> str:
    return browser.post(f"/runs/{run.pk}/walk-in/", sent, follow=True).content.decode()


def test_somebody_found_by_address_is_added_once_one_has_looked(run, trainer, as_person):
    booked(run)
    came = employed(agency=AgencyFactory(name="Elm Nursery"))
    browser = as_person(trainer)
    told = page(browser, run, email=came.email.upper())
    assert came.name in told
    assert "Elm Nursery" in told
    assert not run.bookings.filter(person=came).exists()
    for _ in range(2):
        assert f"{came.name} is on the register" in page(browser, run, email=came.email, confirmed="1")
    booking = run.bookings.get(person=came)
    assert (booking.state, booking.walk_in, booking.booked_by) == ("booked", True, trainer)
    assert AuditEvent.objects.filter(kind="booking.walk_in", person=came).count() == 1


def test_somebody_is_found_by_number_and_surname_together(run, trainer, as_person):
    agency = AgencyFactory()
    came = called("Éclair", agency=agency, employee_number="0017")
    called("Éclair", agency=agency, employee_number="0018")
    browser = as_person(trainer)
    assert came.name in page(browser, run, number="0017", surname="eclair")
    for wrong in (
        {"number": "0017"},
        {"surname": "eclair"},
        {"number": "0018", "surname": "Ecl"},
        {"email": "x@y.example"},
    ):
        told = page(browser, run, **wrong, confirmed="1")
        assert "Error: Add somebody" in told
        assert came.name not in told
    assert not run.bookings.exists()


def test_two_people_with_one_number_and_surname_are_told_apart_by_address(run, trainer, as_person):
    for _ in range(2):
        called("Reed", employee_number="1")
    assert "Several people have that number" in page(as_person(trainer), run, number="1", surname="Reed")


def test_who_waited_in_the_queue_gets_the_place_of_the_queue_as_one_who_came(run, trainer, as_person):
    waits = booked(run)
    Booking.objects.filter(pk=waits.pk).update(state="queued", queue_position=1)
    page(as_person(trainer), run, email=waits.person.email, confirmed="1")
    waits.refresh_from_db()
    assert (waits.state, waits.walk_in, waits.queue_position) == ("booked", True, None)


def test_a_trainer_is_not_added_to_their_own_run(run, trainer, as_person):
    assert "You teach this run" in page(as_person(trainer), run, email=trainer.email, confirmed="1")
    assert not run.bookings.exists()


def test_somebody_who_came_instead_of_another_has_their_place(run, trainer, as_person):
    away, came = booked(run), employed()
    told = page(as_person(trainer), run, email=came.email, instead_of=away.pk)
    assert f"{away.person.name}, whose place goes to them" in told
    page(as_person(trainer), run, email=came.email, instead_of=away.pk, confirmed="1")
    away.refresh_from_db()
    booking = run.bookings.get(person=came)
    assert (away.state, booking.state, booking.handed_from, booking.walk_in) == ("handed_on", "booked", away, False)


def test_the_place_of_one_who_is_here_goes_to_nobody(run, trainer, as_person):
    here, elsewhere = booked(run), booked(past_run(trainer))
    mark(run, trainer, {here: "late"})
    for booking in (here, elsewhere):
        told = page(as_person(trainer), run, email=employed().email, instead_of=booking.pk, confirmed="1")
        assert "Choose somebody who holds a place on this run" in told
    assert run.bookings.get() == here


@pytest.mark.parametrize("facts", [{"starts_at": NOW + MINUTE}, {"state": "completed"}])
def test_nobody_is_added_before_the_run_or_after_it_is_closed(run, trainer, as_person, facts):
    Run.objects.filter(pk=run.pk).update(**facts)
    told = page(as_person(trainer), run, email=employed().email, confirmed="1")
    assert "People are added once the first session has started" in told
    assert not run.bookings.exists()


# --- Not in the records ------------------------------------------------------------------------------------------


def write_down(browser, run: Run, name: str = "Ivo Ashdown", where: str = "A nursery"):
    sent = {"name": name, "agency_name": where, "session": run.sessions.get().pk}
    return browser.post(f"/runs/{run.pk}/newcomer/", sent, follow=True).content.decode()


def test_somebody_unknown_is_written_down_once_and_stands_on_the_register(run, trainer, as_person):
    browser = as_person(trainer)
    for name in ("Ivo Ashdown", "ivo ashdown"):
        assert "Ivo Ashdown, A nursery: came on 23 November 2026" in write_down(browser, run, name)
    assert Newcomer.objects.count() == 1


def test_what_is_missing_is_asked_for_and_the_rest_kept(run, trainer, as_person):
    told = write_down(as_person(trainer), run, where="")
    assert "Enter where they work" in told
    assert 'value="Ivo Ashdown"' in told


def test_a_lead_says_who_it_was_and_the_name_that_was_written_down_goes(run, trainer, as_person):
    write_down(as_person(trainer), run)
    came, newcomer = employed(), Newcomer.objects.get()
    lead = as_person(holding("lead"))
    assert "Find out who came to" in lead.get("/").content.decode()
    assert "Say who it was" in lead.get(f"/runs/{run.pk}/register/").content.decode()
    assert "Say who it was" not in as_person(trainer).get(f"/runs/{run.pk}/register/").content.decode()
    told = lead.post(f"/newcomers/{newcomer.pk}/", {"email": came.email}, follow=True).content.decode()
    assert f"{came.name} is on the register as present." in told
    newcomer.refresh_from_db()
    assert (newcomer.name, newcomer.agency_name, newcomer.booking.person) == ("", "", came)
    assert (Attendance.objects.get().booking.person, Attendance.objects.get().mark) == (came, "present")
    assert lead.get(f"/newcomers/{newcomer.pk}/").status_code == 404


def test_after_the_run_was_closed_that_completes_the_course_for_them(trainer):
    run = past_run(trainer)
    newcomer = newcomers.write_down(session=run.sessions.get(), name="Ivo", agency_name="A nursery", by=trainer, at=NOW)
    close_run(run=run, by=trainer, at=NOW)
    came, lead = employed(), holding("lead")
    newcomers.settle(newcomer=newcomer, person=came, by=lead, at=NOW)
    assert Achievement.objects.get().person == came
    with pytest.raises(WrongState):
        newcomers.settle(newcomer=newcomer, person=came, by=lead, at=NOW)


def test_a_line_can_be_crossed_out(run, trainer, as_person):
    write_down(as_person(trainer), run)
    as_person(holding("lead")).post(f"/newcomers/{Newcomer.objects.get().pk}/", {"nobody": "1"})
    assert not Newcomer.objects.waiting().exists()
    assert not run.bookings.exists()
