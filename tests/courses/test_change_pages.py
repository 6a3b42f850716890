"""The pages on which a booking changes, is approved, is paid for; booking for others; waiting for a date."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from academy.lib.dates import london_day
from academy.lib.text import clock_time, day
from courses.actions import bookings
from courses.models import Approval, Booking, BookingQuestion, Charge, Interest, Policy
from partners.models import Agency, Person
from tests.courses.steps import ask, leave, state, waits_for
from tests.factories import NOW, TODAY, AgencyFactory, CourseFactory, booked, employed, granted, holding, planned_run

pytestmark = pytest.mark.django_db
State = Booking.State
DAY = timedelta(days=1)


@pytest.fixture
def agency() -> Agency:
    return AgencyFactory(name="Brook Lane Primary", kind="school")


@pytest.fixture
def ann(agency) -> Person:
    return employed(agency=agency)


@pytest.fixture
def browser(ann, as_person):
    return as_person(ann)


def text(page) -> str:
    return " ".join(page.content.decode().split())


def queries(browser, address: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert browser.get(address).status_code == 200
    return len(seen)


# --- Booking -------------------------------------------------------------------------------------------------------


def test_a_courses_questions_are_asked_and_the_answers_kept_with_the_booking(browser, ann):
    run = planned_run()
    hopes = BookingQuestion.objects.create(course=run.course, text="What do you hope for?", required=True)
    leads = BookingQuestion.objects.create(course=run.course, text="Do you lead a team?", kind="yes_no")
    page = browser.post(f"/runs/{run.pk}/book/", {"access_needs": "A loop"})
    assert "Answer: What do you hope for?" in text(page)
    assert "A loop" in text(page)  # nothing typed is lost
    browser.post(f"/runs/{run.pk}/book/", {f"question-{hopes.pk}": "Courage", f"question-{leads.pk}": "Yes"})
    assert Booking.objects.get(person=ann).answers == {str(hopes.pk): "Courage", str(leads.pk): "Yes"}


def test_an_answer_that_was_not_offered_is_refused(browser):
    run = planned_run()
    question = BookingQuestion.objects.create(course=run.course, text="Which?", kind="choice", choices="One\nTwo")
    browser.post(f"/runs/{run.pk}/book/", {f"question-{question.pk}": "Three"})
    assert not run.bookings.exists()


def test_before_booking_one_is_told_of_fee_approval_and_what_giving_up_costs(browser):
    Policy.objects.create(agency_kind="school", free_until_days=3, late_charge=20, no_show_full_day=70)
    page = text(browser.get(f"/runs/{planned_run(fee=Decimal('120.00')).pk}/book/"))
    assert "Your agency pays £120.00 for a place" in page
    assert "costs nothing until 3 working days before. Later your agency pays £20.00, or £70.00 if you do not" in page


def test_who_has_another_date_is_shown_the_way_to_swap(browser, ann):
    first = planned_run()
    second = planned_run(course=first.course, starts_at=NOW + 40 * DAY)
    mine = ask(first, ann)
    page = text(browser.get(f"/runs/{second.pk}/book/"))
    assert f"/bookings/{mine.reference}/swap/?to={second.pk}" in page


# --- Offers --------------------------------------------------------------------------------------------------------


def offered(ann: Person) -> Booking:
    run = planned_run(capacity=1, starts_at=NOW + 5 * DAY)
    holder, mine = ask(run), ask(run, ann)
    leave(holder)
    return mine


def test_an_offer_is_on_the_list_and_taken_in_two_presses(browser, ann):
    mine = offered(ann)
    assert "Take or decline the place on" in text(browser.get("/"))
    page = text(browser.get(f"/bookings/{mine.reference}/"))
    assert "Held until <strong>24 November 2026, 10am</strong>" in page
    done = browser.post(f"/bookings/{mine.reference}/answer/", {"answer": "take"}, follow=True)
    assert "Place booked" in text(done)


def test_an_offer_is_declined(browser, ann):
    mine = offered(ann)
    browser.post(f"/bookings/{mine.reference}/answer/", {"answer": "decline"})
    assert state(mine) == State.DECLINED


@pytest.mark.parametrize("data", [{}, {"answer": ""}, {"answer": "sell"}])
def test_a_press_without_an_answer_changes_nothing(browser, ann, data):
    mine = offered(ann)
    browser.post(f"/bookings/{mine.reference}/answer/", data)
    assert state(mine) == State.OFFERED


def test_an_answer_that_comes_too_late_says_so(browser, ann):
    mine = offered(ann)
    Booking.objects.filter(pk=mine.pk).update(offer_until=NOW)
    page = browser.post(f"/bookings/{mine.reference}/answer/", {"answer": "take"}, follow=True)
    assert "This offer has run out" in text(page)


def test_an_offer_that_ran_out_says_until_when_it_was_held(browser, ann):
    mine = Booking.objects.get(pk=offered(ann).pk)
    Booking.objects.filter(pk=mine.pk).update(state=State.LAPSED, ended_at=NOW)
    page = text(browser.get(f"/bookings/{mine.reference}/"))
    assert "Offer ran out" in page
    assert f"A place was held until {day(london_day(mine.offer_until))}, {clock_time(mine.offer_until)}." in page


def test_just_before_a_run_who_waits_takes_a_free_place_by_a_press(browser, ann):
    run = planned_run(capacity=1, starts_at=NOW + timedelta(hours=20))
    holder = booked(run)
    mine = ask(run, ann)
    assert "There is a free place" not in text(browser.get(f"/bookings/{mine.reference}/"))
    leave(holder)
    assert "There is a free place" in text(browser.get(f"/bookings/{mine.reference}/"))
    browser.post(f"/bookings/{mine.reference}/take/")
    assert state(mine) == State.BOOKED


@pytest.mark.parametrize(("hours", "passes_on"), [(20, False), (50, True)])
def test_who_waits_is_told_that_in_the_last_day_nobody_is_given_a_place(browser, ann, hours, passes_on):
    run = planned_run(capacity=1, starts_at=NOW + timedelta(hours=hours))
    booked(run)
    page = text(browser.get(f"/bookings/{ask(run, ann).reference}/"))
    assert ("the next person in the queue gets it" in page, "whoever takes it first has it" in page) == (
        passes_on,
        not passes_on,
    )


# --- Giving up, swapping, handing on -------------------------------------------------------------------------------


def test_what_giving_up_late_costs_is_said_before(browser, ann):
    Policy.objects.create(agency_kind="school", free_until_days=3, late_charge=20)
    mine = ask(planned_run(starts_at=NOW + 2 * DAY), ann)
    assert "so the agency pays £20.00" in text(browser.get(f"/bookings/{mine.reference}/give-up/"))
    early = ask(planned_run(starts_at=NOW + 20 * DAY), ann)
    assert "pays" not in text(browser.get(f"/bookings/{early.reference}/give-up/"))


def test_a_date_is_chosen_and_swapped(browser, ann):
    first = planned_run()
    second = planned_run(course=first.course, starts_at=NOW + 40 * DAY)
    other = planned_run(starts_at=NOW + 50 * DAY)
    mine = ask(first, ann)
    page = browser.get(f"/bookings/{mine.reference}/swap/")
    assert "2 January 2027, 10am, Room 2 (20 places left)" in text(page)
    assert "Choose one of the dates shown" in text(browser.post(f"/bookings/{mine.reference}/swap/", {"run": other.pk}))
    browser.post(f"/bookings/{mine.reference}/swap/", {"run": second.pk})
    assert Booking.objects.live().get(person=ann).run == second


def test_without_another_date_one_is_led_to_waiting_for_one(browser, ann):
    mine = ask(planned_run(), ann)
    assert "Tell me when there is a date" in text(browser.get(f"/bookings/{mine.reference}/swap/"))


def test_a_place_is_given_to_a_colleague_by_their_address(browser, ann, agency):
    mine, colleague = ask(planned_run(), ann), employed(agency=agency)
    page = browser.post(f"/bookings/{mine.reference}/hand-over/", {"email": colleague.email.upper()}, follow=True)
    assert f"{colleague.name} has the place now" in text(page)
    assert state(mine) == State.HANDED_ON


@pytest.mark.parametrize("who", ["a stranger", "somebody of another agency", "oneself"])
def test_a_place_goes_to_nobody_else_and_what_was_typed_stays(browser, ann, who):
    address = {"a stranger": "nobody@nowhere.example", "oneself": ann.email}.get(who) or employed().email
    mine = ask(planned_run(), ann)
    page = text(browser.post(f"/bookings/{mine.reference}/hand-over/", {"email": address}))
    assert "We found nobody with that address at Brook Lane Primary" in page
    assert f'value="{address}"' in page
    assert state(mine) == State.BOOKED


# --- Approvals -----------------------------------------------------------------------------------------------------


@pytest.fixture
def manager(agency) -> Person:
    return employed(agency=agency)


def asked_of(manager: Person) -> Booking:
    agency = manager.employment(TODAY).agency
    return ask(planned_run(needs_approval=True, title="Thresholds"), employed(agency=agency, manager=manager))


def test_a_manager_finds_what_waits_on_their_list_and_approves_it(manager, as_person):
    booking, browser = asked_of(manager), as_person(manager)
    assert "Approve 1 booking, or not" in text(browser.get("/"))
    address = f"/approvals/{booking.approvals.get().pk}/"
    assert address in text(browser.get("/approvals/"))
    browser.get(address)
    assert booking.approvals.get().state == Approval.State.WAITING  # opening it changes nothing
    page = browser.post(address, {"decision": "yes"}, follow=True)
    assert "booking is approved, and they are told" in text(page)
    assert "Nothing waits for your approval" in text(page)


def test_a_refusal_needs_a_reason(manager, as_person):
    booking, browser = asked_of(manager), as_person(manager)
    address = f"/approvals/{booking.approvals.get().pk}/"
    assert "Say why not" in text(browser.post(address, {"decision": "no"}))
    browser.post(address, {"decision": "no", "reason": "We need you that week"})
    assert state(booking) == State.REFUSED


def test_approvals_ask_the_database_no_more_for_three_than_for_one(manager, as_person):
    asked_of(manager)
    browser = as_person(manager)
    one = queries(browser, "/approvals/")
    asked_of(manager), asked_of(manager)
    assert queries(browser, "/approvals/") == one


# --- For others ----------------------------------------------------------------------------------------------------


def test_many_are_booked_at_once_and_each_outcome_is_told(manager, agency, as_person):
    run = planned_run(capacity=1)
    first, second, gone = (employed(agency=agency, manager=manager) for _ in range(3))
    booked(planned_run(title="Thresholds"), gone)
    stranger = employed()
    chosen = [first.pk, second.pk, gone.pk, stranger.pk]
    page = text(as_person(manager).post(f"/runs/{run.pk}/book-for-others/", {"person": chosen}))
    assert [run.bookings.filter(person=who).exists() for who in (first, second, gone, stranger)] == [
        True,
        True,
        False,
        False,
    ]
    assert "In the queue, place 1" in page
    assert f"Not booked. {gone.name} has a place on other training at the same time." in page
    assert "Thresholds" not in page, "which training it is, is theirs to tell"
    assert run.bookings.first().booked_by == manager


def test_whoever_was_ticked_stays_ticked_while_somebody_looks_for_others(manager, agency, as_person):
    ann, bob = (employed(agency=agency, manager=manager) for _ in range(2))
    run, browser = planned_run(), as_person(manager)
    address = f"/runs/{run.pk}/book-for-others/"
    page = text(browser.post(address, {"person": [ann.pk], "q": bob.name, "find": "1"}))
    assert not run.bookings.exists()
    assert f'value="{ann.pk}" checked' in page
    assert page.count(f'value="{ann.pk}"') == 1
    assert f'value="{bob.pk}">' in page
    browser.post(address, {"person": [ann.pk, bob.pk], "q": bob.name})
    assert set(run.bookings.values_list("person", flat=True)) == {ann.pk, bob.pk}


@pytest.mark.parametrize("person", ["", "x", "0", "99999999999999999999", "-1"])
def test_nonsense_books_nobody(manager, as_person, person):
    run = planned_run()
    employed(manager=manager)
    page = as_person(manager).post(f"/runs/{run.pk}/book-for-others/", {"person": person})
    assert "Tick at least one person" in text(page)
    assert not run.bookings.exists()


def test_a_manager_gives_up_the_place_of_one_of_their_people_and_they_are_told(manager, agency, as_person):
    booking = ask(planned_run(), employed(agency=agency, manager=manager))
    page = as_person(manager).post(f"/bookings/{booking.reference}/give-up/", follow=True)
    assert f"For {booking.person.name}, you have given up the place" in text(page)


# --- Charges -------------------------------------------------------------------------------------------------------


def late(agency: Agency) -> Charge:
    Policy.objects.get_or_create(agency_kind="school", defaults={"free_until_days": 3, "late_charge": 20})
    run = planned_run()
    booking = ask(run, agency=agency)
    leave(booking, at=run.starts_at - DAY)
    return Charge.objects.get(booking=booking)


def test_a_coordinator_sees_the_own_agencys_charges_and_cannot_waive_them(agency, as_person):
    mine, others = late(agency), late(AgencyFactory(name="Oak Secondary", kind="school"))
    browser = as_person(granted(employed(agency=agency), "coordinator", agency=agency))
    page = text(browser.get("/charges/"))
    assert mine.booking.person.name in page
    assert others.booking.person.name not in page
    assert others.booking.person.name not in text(browser.get(f"/charges/?agency={others.agency_id}"))
    assert browser.get(f"/charges/{mine.pk}/waive/").status_code == 403


def test_who_often_gives_up_late_is_named_to_those_who_may_see_it(agency, as_person):
    charge = late(agency)
    Charge.objects.create(booking=charge.booking, agency=agency, kind="no_show", amount=0, made_at=NOW)
    page = text(as_person(holding("lead")).get("/charges/"))
    assert f"{charge.booking.person.name}, Brook Lane Primary: 2 times" in page


def test_a_lead_waives_a_charge_and_downloads_the_rest_once(agency, as_person):
    first, second = late(agency), late(agency)
    browser = as_person(holding("lead"))
    assert "Say why it is waived" in text(browser.post(f"/charges/{first.pk}/waive/", {"reason": " "}))
    browser.post(f"/charges/{first.pk}/waive/", {"reason": "A bereavement"})
    lines = browser.post("/charges/invoice/").content.decode("utf-8-sig").splitlines()
    assert lines[0] == "Agency,Booking,Name,Course,Date,For,Amount (£)"
    assert [line.split(",")[1] for line in lines[1:]] == [second.booking.reference]
    assert "nothing new to invoice" in text(browser.post("/charges/invoice/", follow=True))


def test_a_formula_in_a_name_is_inert_in_the_file(agency, as_person):
    charge = late(agency)
    Person.objects.filter(pk=charge.booking.person_id).update(given_name="=HYPERLINK(1)", family_name="")
    assert ",'=HYPERLINK(1)," in as_person(holding("lead")).post("/charges/invoice/").content.decode()


def test_what_is_agreed_is_set_for_a_kind_of_agency_and_holds_for_new_bookings(as_person, ann):
    browser = as_person(holding("lead"))
    agreed = {"free_until_days": 7, "late_charge": "15", "no_show_half_day": "30", "no_show_full_day": "60"}
    browser.post("/charges/agreed/school/", agreed)
    assert ask(planned_run(), ann).late_charge == 15
    page = text(browser.post("/charges/agreed/school/", agreed | {"late_charge": "-1"}))
    assert "Enter a number, 0 or more" in page
    assert Policy.objects.get().late_charge == 15


def test_charges_ask_the_database_no_more_for_three_than_for_one(agency, as_person):
    late(agency)
    browser = as_person(holding("lead"))
    one = queries(browser, "/charges/")
    late(agency), late(agency)
    assert queries(browser, "/charges/") == one


# --- Waiting for a date --------------------------------------------------------------------------------------------


def test_one_asks_to_be_told_of_dates_and_stops(browser, ann):
    course = planned_run().course  # on a Wednesday
    browser.post(f"/courses/{course.pk}/interest/", {"wants_place": "yes", "days": ["1", "2"]})
    wish = Interest.objects.get()
    assert (wish.person, wish.wants_place, wish.days, wish.state) == (ann, True, [1, 2], Interest.State.WAITING)
    browser.post(f"/courses/{course.pk}/interest/end/")
    wish.refresh_from_db()
    assert wish.state == Interest.State.ENDED


def test_asking_again_keeps_since_when_one_waits(ann):
    course = CourseFactory()
    waits_for(course, ann)
    again = waits_for(course, ann, at=NOW + DAY, days=[2])
    assert (again.asked_at, again.days, Interest.objects.count()) == (NOW, [2], 1)


def test_who_asks_for_a_place_while_a_date_that_suits_has_one_has_it_held_at_once(browser, ann):
    run = planned_run()
    page = browser.post(f"/courses/{run.course_id}/interest/", {"wants_place": "yes", "days": ["3"]}, follow=True)
    assert "A place is held for you" in text(page)
    held = run.bookings.get(person=ann, state=Booking.State.OFFERED)
    browser.post(f"/bookings/{held.reference}/answer/", {"answer": "take"})
    assert state(held) == Booking.State.BOOKED


def test_a_course_that_is_not_for_ones_agency_cannot_be_waited_for(browser):
    course = planned_run(open_to="owner").course
    assert browser.get(f"/courses/{course.pk}/interest/").status_code == 404


def test_the_joining_link_is_shown_to_those_booked_and_only_near_the_start(browser, ann):
    run = planned_run(starts_at=NOW + timedelta(hours=23))
    run.sessions.update(join_url="https://meet.example/abc", venue="Online")
    mine = bookings.book(run=run, person=ann, by=ann, at=NOW)
    assert "https://meet.example/abc" in text(browser.get(f"/bookings/{mine.reference}/"))
    run.sessions.update(starts_at=NOW + timedelta(hours=25))
    assert "https://meet.example/abc" not in text(browser.get(f"/bookings/{mine.reference}/"))
