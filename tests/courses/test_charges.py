"""What giving up late and not coming costs: agreed as the booking is made, written down once, waived with a reason."""

from datetime import timedelta
from decimal import Decimal

import pytest

from courses.actions import bookings, charges
from courses.actions.corrections import correct
from courses.actions.registers import close_run, take_register
from courses.models import Booking, Charge, Policy, Run
from courses.models.states import WrongState
from partners.models import Agency, AgencyKind
from tests.courses.steps import ask, leave
from tests.factories import NOW, TODAY, AgencyFactory, CourseFactory, booked, employed, holding, planned_run

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def school() -> Agency:
    Policy.objects.create(
        agency_kind="school", free_until_days=3, late_charge=20, no_show_half_day=35, no_show_full_day=70
    )
    return AgencyFactory(name="Brook Lane Primary", kind=AgencyKind.SCHOOL)


def ledger() -> list[tuple[str, Decimal]]:
    return list(Charge.objects.order_by("pk").values_list("kind", "amount"))


def held(run: Run, marks: dict[Booking, str]) -> None:
    """The register is taken and the run closed."""
    trainer = employed()
    at = run.ends_at + timedelta(hours=1)
    for session in run.sessions.all():
        take_register(session=session, marks={b.pk: mark for b, mark in marks.items()}, by=trainer, at=at)
    close_run(run=run, by=trainer, at=at)


@pytest.mark.parametrize(("days_before", "late"), [(5, False), (3, True), (2, True)])
def test_giving_up_is_free_until_so_many_working_days_before(school, days_before, late):
    run = planned_run(starts_at=NOW + timedelta(days=30))  # Wednesday 23 December: three working days before is Friday
    booking = ask(run, agency=school)
    leave(booking, at=run.starts_at - days_before * DAY)
    assert ledger() == ([("late", 20)] if late else [])


def test_weekends_do_not_count(school):
    booking = ask(planned_run(starts_at=NOW + timedelta(days=28)), agency=school)  # a Monday
    assert booking.free_until.strftime("%A %d") == "Wednesday 16"


def corrected(booking: Booking, mark: str) -> None:
    session = booking.run.sessions.get()
    correct(booking=booking, marks={session.pk: mark}, reason="A test", by=employed(), at=NOW + 60 * DAY)


def test_the_ledger_follows_a_register_that_is_put_right(school):
    run = planned_run()
    there, away = ask(run, agency=school), ask(run, agency=school)
    held(run, {there: "present", away: "absent"})
    owed = Charge.objects.get()
    assert (owed.booking, owed.due) == (away, 70)
    for booking in (there, away):
        booking.refresh_from_db()
    corrected(away, "present")
    owed.refresh_from_db()
    assert (owed.due, owed.waiver_reason) == (0, "The register was corrected.")
    corrected(away, "absent")
    corrected(there, "absent")
    assert sorted(charge.due for charge in Charge.objects.all()) == [70, 70]
    corrected(there, "excused")
    assert sorted(charge.due for charge in Charge.objects.all()) == [0, 70]


def test_what_was_invoiced_before_the_register_was_put_right_stays(school):
    run = planned_run()
    away = ask(run, agency=school)
    held(run, {away: "absent"})
    charges.invoice(by=employed(), at=NOW + 50 * DAY)
    away.refresh_from_db()
    corrected(away, "present")
    assert Charge.objects.get().waived_at is None


def test_a_waiver_for_another_reason_stays_when_the_register_is_put_right(school):
    run = planned_run()
    away = ask(run, agency=school)
    held(run, {away: "absent"})
    charges.waive(charge=Charge.objects.get(), reason="Their car broke down", by=employed(), at=NOW + 50 * DAY)
    away.refresh_from_db()
    corrected(away, "present")
    corrected(away, "absent")
    assert Charge.objects.get().waiver_reason == "Their car broke down"


def test_what_was_agreed_stays_although_the_policy_changes(school):
    run = planned_run()
    booking = ask(run, agency=school)
    Policy.objects.update(late_charge=99)
    leave(booking, at=run.starts_at - DAY)
    assert ledger() == [("late", 20)]


def test_an_agency_without_a_policy_pays_nothing_and_nothing_is_late():
    run = planned_run()
    leave(ask(run), at=run.starts_at - timedelta(hours=2))
    assert ledger() == []


def test_a_small_charity_pays_nothing_but_it_is_written_down():
    Policy.objects.create(agency_kind="voluntary", free_until_days=3)
    run = planned_run()
    leave(ask(run, agency=AgencyFactory(kind=AgencyKind.VOLUNTARY)), at=run.starts_at - DAY)
    assert ledger() == [("late", 0)]


def test_a_substitute_is_free_however_late(school):
    run = planned_run()
    booking = ask(run, agency=school)
    bookings.hand_over(
        booking=booking, to=employed(agency=school), by=booking.person, at=run.starts_at - timedelta(hours=1)
    )
    assert ledger() == []


def test_leaving_a_queue_is_free_however_late(school):
    run = planned_run(capacity=1)
    ask(run)
    leave(ask(run, agency=school), at=run.starts_at - timedelta(hours=1))
    assert ledger() == []


def test_whoever_does_not_come_is_written_down_once_as_the_run_is_closed(school):
    run = planned_run(starts_at=NOW - DAY)
    there, absent, excused = (ask(run, agency=school, at=NOW - 9 * DAY) for _ in range(3))
    held(run, {there: "present", absent: "absent", excused: "excused"})
    assert list(Charge.objects.values_list("booking", "kind", "amount")) == [(absent.pk, "no_show", 70)]
    charges.of_closed_run(run, at=NOW)
    assert Charge.objects.count() == 1


def test_half_a_day_costs_less(school):
    run = planned_run(starts_at=NOW - DAY)
    run.sessions.update(ends_at=run.starts_at + timedelta(hours=3))
    absent = ask(run, agency=school, at=NOW - 9 * DAY)
    held(run, {absent: "absent"})
    assert ledger() == [("no_show", 35)]


def test_whoever_missed_only_one_of_two_sessions_did_come(school):
    run = planned_run(starts_at=NOW - 14 * DAY, sessions=2)
    booking = ask(run, agency=school, at=NOW - 20 * DAY)
    first, second = run.sessions.all()
    for session, mark in ((first, "present"), (second, "absent")):
        take_register(session=session, marks={booking.pk: mark}, by=employed(), at=NOW)
    close_run(run=run, by=employed(), at=NOW)
    assert ledger() == []


@pytest.mark.parametrize(("strict", "completed"), [(False, 1), (True, 0)])
def test_who_comes_late_was_there_unless_agreed_otherwise(school, strict, completed):
    Policy.objects.update(late_is_absent=strict)
    run = planned_run(starts_at=NOW - DAY)
    held(run, {ask(run, agency=school, at=NOW - 9 * DAY): "late"})
    assert run.achievements.count() == completed
    assert bool(ledger()) is strict


def test_a_fee_is_due_for_every_place_held_until_the_run(school):
    run = planned_run(starts_at=NOW - DAY, fee=Decimal("120.50"))
    lead = holding("lead")
    booking = bookings.book(run=run, person=employed(agency=school), by=lead, at=NOW - 9 * DAY)
    held(run, {booking: "present"})
    assert ledger() == [("fee", Decimal("120.50"))]


def test_a_charge_is_waived_once_with_a_reason(school):
    run = planned_run()
    leave(ask(run, agency=school), at=run.starts_at - DAY)
    charge, lead = Charge.objects.get(), holding("lead")
    charges.waive(charge=charge, reason="A bereavement", by=lead, at=NOW)
    charge.refresh_from_db()
    assert (charge.waived_by, charge.waiver_reason, charge.due) == (lead, "A bereavement", 0)
    with pytest.raises(WrongState):
        charges.waive(charge=charge, reason="Again", by=lead, at=NOW)


def test_what_was_invoiced_is_not_waived_any_more(school):
    run = planned_run()
    leave(ask(run, agency=school), at=run.starts_at - DAY)
    charges.invoice(by=holding("lead"), at=NOW)
    with pytest.raises(WrongState, match="waived or invoiced before"):
        charges.waive(charge=Charge.objects.get(), reason="A bereavement", by=holding("lead"), at=NOW)


def test_a_place_given_up_for_another_date_by_itself_costs_nothing_however_late(school):
    course = CourseFactory()
    first, second = (planned_run(course=course, capacity=1, starts_at=NOW + days * DAY) for days in (30, 40))
    mine, holder = ask(first, agency=school), ask(second)
    bookings.swap(booking=mine, run=second, by=mine.person, at=NOW)
    at = first.starts_at - DAY
    leave(holder, at=at)
    assert bookings.give_up_replaced(at) == 1
    assert ledger() == []


def test_what_costs_nothing_is_in_no_file_for_invoicing():
    charity = AgencyFactory(kind=AgencyKind.VOLUNTARY)
    Policy.objects.create(agency_kind=AgencyKind.VOLUNTARY, free_until_days=3)
    run = planned_run()
    leave(ask(run, agency=charity), at=run.starts_at - DAY)
    assert ledger() == [("late", 0)]
    assert charges.invoice(by=holding("lead"), at=NOW) == []


def test_nobody_is_charged_where_no_agency_had_the_place(school):
    run = planned_run()
    stranger = booked(run)
    Booking.objects.update(no_show_charge=70)
    held(run, {stranger: "absent"})
    assert ledger() == []


def test_each_charge_goes_into_one_file_for_invoicing(school):
    run = planned_run()
    first, second = ask(run, agency=school), ask(run, agency=school)
    leave(first, at=run.starts_at - DAY)
    lead = holding("lead")
    assert [charge.booking for charge in charges.invoice(by=lead, at=NOW)] == [first]
    leave(second, at=run.starts_at - DAY)
    assert [charge.booking for charge in charges.invoice(by=lead, at=NOW)] == [second]
    assert charges.invoice(by=lead, at=NOW) == []


def test_a_coordinator_sees_the_own_agencys_charges_alone(school):
    run = planned_run()
    leave(ask(run, agency=school), at=run.starts_at - DAY)
    assert not Charge.objects.visible_to(holding("coordinator", scoped=True), TODAY).exists()
    own = holding("coordinator", agency=school, scoped=True)
    assert Charge.objects.visible_to(own, TODAY).count() == 1
    assert Charge.objects.visible_to(holding("lead"), TODAY).count() == 1
