"""What gets in the way of a run: rooms, trainers, seats, and nights on which clocks change."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from academy.lib.wall_clock import NoSuchTime, london_moment, parse_time
from courses.actions import clashes
from courses.actions.clashes import Plan
from courses.actions.runs import Slot
from courses.models import Room, Run
from tests.factories import NOW, AgencyFactory, booked, employed, holding, planned_run

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
WHEN = NOW + timedelta(days=30)


@pytest.fixture
def lead():
    return holding("lead")


@pytest.fixture
def weir():
    return Room.objects.create(name="Weir room", seats=12)


def in_room(run: Run, room: Room) -> Run:
    run.sessions.update(room=room, venue=room.name)
    return run


def found(seen_by, *, starts_at=WHEN, room=None, trainers=(), capacity=10, run=None) -> list[str]:
    slot = Slot(starts_at, starts_at + 6 * HOUR, str(room or "Online"), room)
    return clashes.find(Plan([slot], capacity, trainers, run), seen_by=seen_by, at=NOW)


def test_a_room_that_is_taken_is_said_with_what_takes_it(lead, weir):
    in_room(planned_run(title="Court skills", starts_at=WHEN + 3 * HOUR), weir)
    assert found(lead, room=weir) == [
        "Weir room is taken by Court skills, 1pm to 7pm on Wednesday 23 December 2026.".replace("Wednesday ", "")
    ]


def test_many_runs_at_once_clash_with_what_each_clashes_with_by_itself_in_as_many_queries(lead, weir):
    busy, learns = employed(), employed()
    runs = [in_room(planned_run(title=f"Run {n}", starts_at=WHEN + n * HOUR, trainers=[busy]), weir) for n in (0, 3, 9)]
    runs[0].trainers.add(learns)
    booked(planned_run(starts_at=WHEN), learns)
    booked(planned_run(starts_at=WHEN + 200 * HOUR), busy)
    planned_run(title="At another time", starts_at=WHEN + 30 * HOUR, trainers=[busy])
    counts, at_once = [], {}
    for some in (runs[:1], runs):
        found = Run.objects.filter(pk__in=[run.pk for run in some]).prefetch_related("trainers", "sessions__room")
        found = list(found)
        with CaptureQueriesContext(connection) as seen:
            at_once = clashes.of_each(found, seen_by=lead, at=NOW)
        counts.append(len(seen))
    alone = {}
    for run in runs:
        slots = [
            Slot(session.starts_at, session.ends_at, session.venue, session.room) for session in run.sessions.all()
        ]
        plan = Plan(slots, run.capacity, list(run.trainers.all()), run)
        alone[run.pk] = clashes.find(plan, seen_by=lead, at=NOW)
    assert at_once == alone
    assert [len(said) for said in at_once.values()] == [4, 3, 1]
    assert counts[0] == counts[1]
    assert clashes.of_each([], seen_by=lead, at=NOW) == {}


def test_sessions_that_follow_each_other_do_not_clash(lead, weir):
    in_room(planned_run(starts_at=WHEN + 6 * HOUR), weir)
    in_room(planned_run(starts_at=WHEN - 6 * HOUR), weir)
    assert found(lead, room=weir) == []


@pytest.mark.parametrize("state", ["cancelled", "completed"])
def test_what_is_not_held_any_more_takes_no_room(lead, weir, state):
    run = in_room(planned_run(starts_at=WHEN), weir)
    Run.objects.filter(pk=run.pk).update(state=state)
    assert found(lead, room=weir) == []


def test_a_run_does_not_clash_with_itself(lead, weir):
    trainer = employed()
    run = in_room(planned_run(starts_at=WHEN, trainers=[trainer]), weir)
    assert found(lead, room=weir, trainers=[trainer], run=run) == []


def test_a_room_with_too_few_seats_is_said(lead, weir):
    assert found(lead, room=weir, capacity=13) == ["Weir room seats 12, and this run has 13 places."]
    assert found(lead, room=weir, capacity=12) == []


def test_a_trainer_who_teaches_elsewhere_is_said_and_other_trainers_are_not(lead):
    busy, free = employed(), employed()
    planned_run(title="Court skills", starts_at=WHEN, trainers=[busy, employed()])
    (said,) = found(lead, trainers=[busy, free])
    assert said.startswith(f"{busy} teaches Court skills, 10am to 4pm")


def test_a_trainer_who_has_a_place_elsewhere_is_said_without_saying_where(lead):
    busy = employed()
    booked(planned_run(title="Something private", starts_at=WHEN), busy)
    assert found(lead, trainers=[busy]) == [f"{busy} has a place on other training at that time."]


def test_training_that_a_planner_would_not_find_is_not_named(weir):
    other = AgencyFactory()
    in_room(planned_run(title="A secret", starts_at=WHEN, open_to="owner", owner=other), weir)
    coordinator = holding("coordinator", scoped=True)
    (said,) = found(coordinator, room=weir)
    assert said.startswith("Weir room is taken by other training, 10am")


def test_only_just_these_clashes_are_confirmed_by_their_name():
    assert clashes.digest(["a"]) != clashes.digest(["a", "b"]) != clashes.digest([])


def test_days_without_work_are_a_notice():
    christmas = datetime(2026, 12, 25, 10, tzinfo=UTC)
    slots = [Slot(day, day + HOUR, "Online") for day in (christmas, christmas + timedelta(days=5))]
    assert clashes.notices(slots) == ["Friday 25 December 2026 is not a working day."]


# --- London's clock -------------------------------------------------------------------------------------------------


def test_half_past_nine_stays_half_past_nine_in_summer_and_in_winter():
    assert london_moment(date(2027, 3, 26), time(9, 30)) == datetime(2027, 3, 26, 9, 30, tzinfo=UTC)
    assert london_moment(date(2027, 3, 29), time(9, 30)) == datetime(2027, 3, 29, 8, 30, tzinfo=UTC)


def test_the_hour_that_is_left_out_is_refused():
    with pytest.raises(NoSuchTime, match="clocks go forward at 1am on 28 March 2027, so there is no 1:30am that night"):
        london_moment(date(2027, 3, 28), time(1, 30))
    assert london_moment(date(2027, 3, 28), time(2, 0)) == datetime(2027, 3, 28, 1, tzinfo=UTC)


def test_the_hour_that_comes_twice_is_refused():
    with pytest.raises(NoSuchTime, match="clocks go back at 2am on 31 October 2027, so 1:30am comes twice"):
        london_moment(date(2027, 10, 31), time(1, 30))
    assert london_moment(date(2027, 10, 31), time(2, 0)) == datetime(2027, 10, 31, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("9:30", time(9, 30)),
        ("09.30", time(9, 30)),
        ("9.30 AM", time(9, 30)),
        ("2pm", time(14)),
        ("12am", time(0)),
        ("12pm", time(12)),
        ("midday", time(12)),
        ("14", time(14)),
    ],
)
def test_a_time_is_read_as_people_write_it(typed, meant):
    assert parse_time(typed) == meant


@pytest.mark.parametrize("typed", ["", "soon", "25:00", "9:75", "14pm", "0am", "9:3", "9;30"])
def test_what_is_no_time_is_refused(typed):
    with pytest.raises(ValueError):
        parse_time(typed)
