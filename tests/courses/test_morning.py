"""What trainers, managers and academy leads find of training in the morning."""

from datetime import UTC, date, datetime, timedelta

import pytest

from academy.lib import registry
from courses.models import Booking, Run, Session
from tests.factories import NOW, TODAY, booked, crowd, employed, holding, planned_run
from tests.morning import owed, said, section

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


# --- Trainers ------------------------------------------------------------------------------------------------------


def test_a_trainer_sees_the_next_three_sessions_with_the_places_taken(as_person):
    trainer = employed()
    later = planned_run(title="Later", starts_at=NOW + 40 * DAY, trainers=[trainer])
    today = planned_run(title="Today’s", starts_at=NOW, sessions=2, capacity=8, trainers=[trainer])
    planned_run(title="Tomorrow’s", starts_at=NOW + DAY, trainers=[trainer])
    planned_run(title="A colleague’s", starts_at=NOW, trainers=[employed()])
    waits, *_ = [booked(today) for _ in range(3)]
    Booking.objects.filter(pk=waits.pk).update(state="queued", queue_position=1)
    found = section(trainer, "You teach next")
    assert said(found) == [
        "Today’s | Today, 10am to 4pm · Room 2 | 2 of 8 places taken",
        "Tomorrow’s | Tomorrow, 10am to 4pm · Room 2 | 0 of 20 places taken",
        "Today’s | Monday 30 November 2026, 10am to 4pm · Room 2 | 2 of 8 places taken",
    ]
    assert str(later.pk) not in [line.url for line in found.lines]
    browser = as_person(trainer)
    assert [browser.get(line.url).status_code for line in found.lines] == [200] * 3


def test_a_trainer_sees_nothing_of_runs_that_are_cancelled_or_still_drafts():
    trainer = employed()
    for state in (Run.State.CANCELLED, Run.State.DRAFT):
        run = planned_run(trainers=[trainer])
        Run.objects.filter(pk=run.pk).update(state=state)
    assert said(section(trainer, "You teach next")) == []
    assert section(trainer, "You teach next").nothing == "You have no run planned."


# --- Managers ------------------------------------------------------------------------------------------------------


def test_a_manager_sees_who_is_on_training_this_week_and_what_was_newly_booked(as_person):
    manager = employed()
    ann, bob, cat = (employed(manager=manager) for _ in range(3))
    booked(planned_run(title="This week’s", starts_at=NOW + DAY), ann)
    new = booked(planned_run(title="New", starts_at=NOW + 60 * DAY), bob)
    queued = booked(planned_run(title="Full", starts_at=NOW + 50 * DAY), cat)
    Booking.objects.filter(pk__in=[new.pk, queued.pk]).update(asked_at=NOW - DAY)
    Booking.objects.filter(pk=queued.pk).update(state="queued", queue_position=1)
    booked(planned_run(title="An outsider’s", starts_at=NOW + DAY))
    found = section(manager, "Your people’s next training")
    assert said(found) == [
        f"{ann.name}: This week’s | Tomorrow, 10am",
        f"{cat.name}: Full | Tuesday 12 January 2027, 10am | In the queue",
        f"{bob.name}: New | Friday 22 January 2027, 10am | New",
    ]
    browser = as_person(manager)
    assert [browser.get(line.url).status_code for line in found.lines] == [200] * 3


def test_what_is_new_or_soon_is_shown_before_what_was_booked_long_ago_for_later():
    manager = employed()
    for place in range(5):
        booked(planned_run(starts_at=NOW + (20 + place) * DAY), employed(manager=manager))
    new = booked(planned_run(title="New", starts_at=NOW + 60 * DAY), employed(manager=manager))
    Booking.objects.filter(pk=new.pk).update(asked_at=NOW)
    lines = said(section(manager, "Your people’s next training"))
    assert len(lines) == 5
    assert lines[-1].endswith("| New")


def test_the_second_session_of_a_run_that_has_begun_is_training_too():
    manager = employed()
    ann = employed(manager=manager)
    booked(planned_run(title="Two days", starts_at=NOW - 5 * DAY, sessions=2), ann)
    assert said(section(manager, "Your people’s next training")) == [
        f"{ann.name}: Two days | Wednesday 25 November 2026, 10am"
    ]


def test_a_manager_sees_nothing_of_places_given_up_or_runs_called_off():
    manager = employed()
    given_up, off = (booked(planned_run(), employed(manager=manager)) for _ in range(2))
    Booking.objects.filter(pk=given_up.pk).update(state="given_up")
    Run.objects.filter(pk=off.run_id).update(state="cancelled")
    found = section(manager, "Your people’s next training")
    assert (said(found), found.nothing) == ([], "None of your people has booked any training.")


# --- Academy leads -------------------------------------------------------------------------------------------------


def filled(run: Run, places: int, *, waiting: int = 0) -> Run:
    """The same run with so many places taken and so many people waiting."""
    bookings = [booked(run, person) for person in crowd(places + waiting)]
    for place, booking in enumerate(bookings[places:], start=1):
        Booking.objects.filter(pk=booking.pk).update(state="queued", queue_position=place)
    return run


def test_a_lead_sees_what_starts_this_week_and_coming_runs_with_few_people_or_a_long_queue(as_person):
    lead = holding("lead")
    filled(planned_run(title="Just right", starts_at=NOW + 2 * DAY, capacity=4), 2)
    filled(planned_run(title="Few", starts_at=NOW + 6 * DAY, capacity=5), 2)
    filled(planned_run(title="Few, with time", starts_at=NOW + 14 * DAY, capacity=5), 2)
    filled(planned_run(title="Short queue", starts_at=NOW + 8 * DAY, capacity=2), 2, waiting=2)
    filled(planned_run(title="Long queue", starts_at=NOW + 27 * DAY, capacity=2), 2, waiting=3)
    filled(planned_run(title="Far off", starts_at=NOW + 28 * DAY, capacity=2), 2, waiting=3)
    found = section(lead, "Runs to look at")
    assert said(found) == [
        "2 runs start in the next 7 days | 4 of 9 places taken",
        "Few | Sunday 29 November 2026, 10am | Only 2 of 5 places taken",
        "Long queue | Sunday 20 December 2026, 10am | 3 people in the queue",
    ]
    browser = as_person(lead)
    assert [browser.get(line.url).status_code for line in found.lines] == [200] * 3


def test_a_lead_is_told_where_no_run_is_coming():
    found = section(holding("lead"), "Runs to look at")
    assert (found.lines, found.nothing) == ([], "No run starts in the next four weeks.")


def test_a_lead_is_told_how_many_runs_are_coming_where_none_needs_a_look():
    lead = holding("lead")
    for days in (15, 22):
        planned_run(starts_at=NOW + days * DAY)
    found = section(lead, "Runs to look at")
    assert (found.lines, found.nothing) == ([], "2 runs start in the next four weeks. None of them needs a look.")
    Run.objects.earliest("starts_at").delete()
    assert section(lead, "Runs to look at").nothing == "1 run starts in the next four weeks. It needs no look."


def test_a_lead_has_registers_closed_that_nobody_has_closed_for_a_week():
    lead = holding("lead")
    planned_run(starts_at=NOW - 6 * DAY)
    assert owed(lead) == []
    run = planned_run(starts_at=NOW - 7 * DAY)
    [line] = owed(lead)
    assert line.text == "See to 1 register left open for a week or more"
    assert line.url == f"/runs/{run.pk}/register/"
    planned_run(starts_at=NOW - 9 * DAY)
    [line] = owed(lead)
    assert (line.text.split()[2], line.url, line.due) == ("2", "/registers/", TODAY - 9 * DAY)
    Run.objects.update(state="completed")
    assert owed(lead) == []


def test_today_is_a_day_in_london():
    """Ten past midnight on 10 June, British Summer Time, is still 9 June in UTC."""
    trainer, tenth = employed(), date(2027, 6, 10)
    run = planned_run(trainers=[trainer])
    start = datetime(2027, 6, 9, 23, 10, tzinfo=UTC)
    Session.objects.filter(run=run).update(starts_at=start, ends_at=start + timedelta(hours=1))
    [line] = registry.sections(trainer, {"trainer"}, tenth)[0].lines
    assert line.detail == "Today, 12:10am to 1:10am · Room 2"
