"""Somebody's own calendar at a secret address."""

from datetime import timedelta

import icalendar
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from academy.privacy import erasing
from courses.actions import calendars
from courses.models import Booking, CalendarFeed, Run, Session
from partners.actions import merges
from partners.models import EmploymentVersion, Person, User
from tests.factories import NOW, TODAY, booked, employed, holding, planned_run

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def address(person: Person) -> str:
    return f"/calendar/{calendars.make(person=person, at=NOW).token}.ics"


def events(path: str, **headers) -> list[icalendar.Event]:
    answer = Client().get(path, headers=headers)
    assert answer.status_code == 200, answer.status_code
    return icalendar.Calendar.from_ical(answer.content).walk("VEVENT")


def test_it_has_own_places_and_the_runs_that_one_trains_and_nothing_else():
    person = employed()
    booked(planned_run(title="Own place", sessions=2), person)
    planned_run(title="Taught", trainers=[person])
    booked(planned_run(title="Somebody else’s"))
    gone = booked(planned_run(title="Given up"), person)
    Booking.objects.filter(pk=gone.pk).update(state=Booking.State.GIVEN_UP)
    Run.objects.filter(pk=planned_run(title="Draft", trainers=[person]).pk).update(state=Run.State.DRAFT)
    booked(planned_run(title="Long ago", starts_at=NOW - timedelta(days=120)), person)
    found = sorted(str(event["SUMMARY"]) for event in events(address(person)))
    assert found == ["Own place", "Own place", "You train: Taught"]


def test_it_names_nobody_and_is_for_calendar_programs():
    person, colleague = employed(), employed()
    run = planned_run(trainers=[employed()])
    for each in (person, colleague):
        booked(run, each)
    answer = Client().get(address(person))
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    text = answer.content.decode()
    assert "ATTENDEE" not in text
    assert "ORGANIZER" not in text
    for each in (colleague, *run.trainers.all(), person):
        assert each.email not in text
        assert each.family_name not in text


def test_a_place_that_is_not_yet_ones_own_says_so():
    run, person = planned_run(capacity=1, title="Full"), employed()
    held = booked(run, person)
    Booking.objects.filter(pk=held.pk).update(state=Booking.State.QUEUED, queue_position=1)
    (event,) = events(address(person))
    assert event["SUMMARY"] == "In the queue: Full"
    assert (event["STATUS"], event["TRANSP"]) == ("TENTATIVE", "TRANSPARENT")


def test_the_joining_link_is_there_near_the_start_alone():
    person = employed()
    for hours in (2, 30):
        run = planned_run(starts_at=NOW + hours * HOUR)
        booked(run, person)
        Session.objects.filter(run=run).update(join_url=f"https://meet.example/in-{hours}")
    taught = planned_run(starts_at=NOW + 30 * HOUR, trainers=[person])
    Session.objects.filter(run=taught).update(join_url="https://meet.example/taught")
    text = "".join(str(event["DESCRIPTION"]) for event in events(address(person)))
    assert "in-2" in text
    assert "in-30" not in text
    assert "taught" not in text


def test_an_address_that_was_renewed_or_ended_answers_no_more():
    person = employed()
    first = address(person)
    second = address(person)
    assert Client().get(first).status_code == 404
    assert Client().get(second).status_code == 200
    calendars.end(person=person, at=NOW)
    assert Client().get(second).status_code == 404


@pytest.mark.parametrize("token", ["x", "00000000-0000-0000-0000-000000000000.x", "a.b.c", "%00", "é"])
def test_an_address_that_we_never_made_is_none(token):
    assert Client().get(f"/calendar/{token}.ics").status_code == 404


def test_the_key_in_the_database_opens_nothing_by_itself():
    feed = calendars.make(person=employed(), at=NOW)
    assert Client().get(f"/calendar/{feed.key}.ics").status_code == 404
    assert feed.token != str(feed.key)


def test_a_leavers_address_dies_with_the_last_day():
    person = employed()
    path = address(person)
    EmploymentVersion.objects.filter(identity__person=person).update(end_date=TODAY)
    assert Client().get(path).status_code == 404


def test_an_account_that_is_closed_closes_the_address():
    person = employed()
    path = address(person)
    User.objects.filter(person=person).update(is_active=False)
    assert Client().get(path).status_code == 404


def test_an_erased_persons_address_is_gone():
    person = employed()
    path = address(person)
    erasing.erase(person=person, by=holding("administrator"), at=NOW, reason="Asked for it")
    assert not CalendarFeed.objects.exists()
    assert Client().get(path).status_code == 404


def test_of_two_records_made_one_the_kept_ones_address_answers():
    kept, absorbed = employed(), employed()
    own, other = address(kept), address(absorbed)
    merges.merge(kept=kept, absorbed=absorbed, by=holding("lead"), at=NOW, reason="The same")
    assert Client().get(own).status_code == 200
    assert Client().get(other).status_code == 404


def test_what_has_not_changed_is_not_sent_again():
    person = employed()
    booking = booked(planned_run(), person)
    path = address(person)
    first = Client().get(path)
    assert first["Cache-Control"] == "private, no-cache"
    again = Client().get(path, headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    Session.objects.filter(run=booking.run).update(venue="Room 9")
    assert Client().get(path, headers={"if-none-match": first["ETag"]}).status_code == 200


def test_it_takes_as_many_queries_for_three_of_each_as_for_one():
    person, counts = employed(), []
    path = address(person)
    for more in (1, 2):
        for _ in range(more):
            booked(planned_run(sessions=2), person)
            planned_run(trainers=[person])
        with CaptureQueriesContext(connection) as queries:
            assert events(path)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 6


def test_people_make_renew_and_end_it_on_a_page(as_person):
    person = employed()
    client = as_person(person)
    assert "Make my calendar’s address" in client.get("/record/calendar/").content.decode()
    page = client.post("/record/calendar/", {"make": "1"}, follow=True).content.decode()
    feed = CalendarFeed.objects.get(person=person)
    assert feed.address in page
    client.post("/record/calendar/", {"make": "1"})
    assert CalendarFeed.objects.get(person=person).key != feed.key
    page = client.post("/record/calendar/", {"end": "1"}, follow=True).content.decode()
    assert "The address has ended" in page
    assert not CalendarFeed.objects.exists()
