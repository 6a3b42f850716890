"""Asking everyone trained, 3, 6 and 12 months on: planned, sent, reminded, answered or closed."""

import json
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings, strategies

from academy.lib import registry
from academy.lib.dates import LONDON, is_working_day
from courses.models import Achievement
from evaluation.actions import follow_ups as actions
from evaluation.models import FollowUp, Questionnaire
from partners.models import OutboxMessage, Person
from tests.evaluation.asking import answer, sent
from tests.factories import NOW, CourseFactory, achieved, crowd, employ, employed

pytestmark = pytest.mark.django_db
State = FollowUp.State
DAY = timedelta(days=1)


def due_days(completed_on: date) -> list[date]:
    """The London dates on which someone who completed a course that day is asked, as planned by the database."""
    achievement = achieved(on=completed_on)
    actions.plan(NOW)
    return [
        item.due_at.astimezone(LONDON).date()
        for item in FollowUp.objects.filter(achievement=achievement).order_by("months")
    ]


def stands(achievement: Achievement) -> list[str]:
    return list(achievement.follow_ups.order_by("months").values_list("state", flat=True))


# --- Planning ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("completed_on", "expected"),
    [
        ("2026-11-23", ["2027-02-23", "2027-05-24", "2027-11-23"]),  # 23 May 2027 is a Sunday
        ("2025-11-30", ["2026-03-02", "2026-06-01", "2026-11-30"]),  # 28 February 2026 is a Saturday, 30 May too
        ("2023-11-30", ["2024-02-29", "2024-05-30", "2024-12-02"]),  # leap year; 30 November 2024 is a Saturday
        ("2024-02-29", ["2024-05-29", "2024-08-29", "2025-02-28"]),  # clamped from the anchor, never chained
        ("2026-08-31", ["2026-11-30", "2027-03-01", "2027-08-31"]),  # 28 February 2027 is a Sunday
        ("2025-09-25", ["2025-12-29", "2026-03-25", "2026-09-25"]),  # Christmas, Boxing Day, a weekend
        ("2025-12-18", ["2026-03-18", "2026-06-18", "2026-12-18"]),
        ("2026-01-03", ["2026-04-07", "2026-07-03", "2027-01-04"]),  # Good Friday to Easter Monday
    ],
)
def test_follow_ups_are_due_3_6_and_12_months_on_moved_to_a_working_day(completed_on, expected):
    assert due_days(date.fromisoformat(completed_on)) == [date.fromisoformat(day) for day in expected]


def test_follow_ups_go_out_at_nine_in_london_in_summer_and_winter():
    achieved(on=date(2026, 10, 7))
    actions.plan(NOW)
    local = [item.due_at.astimezone(LONDON) for item in FollowUp.objects.all()]
    assert {(moment.hour, moment.minute) for moment in local} == {(9, 0)}
    assert len({moment.utcoffset() for moment in local}) == 2


def expected_due(day: date, months: int) -> datetime:
    """Worked out here a second time, another way."""
    months_from_zero = day.year * 12 + day.month - 1 + months
    year, month = months_from_zero // 12, months_from_zero % 12 + 1
    due = date(year, month, min(day.day, monthrange(year, month)[1]))
    while not is_working_day(due):
        due += DAY
    return datetime(due.year, due.month, due.day, 9, tzinfo=LONDON).astimezone(UTC)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(day=strategies.dates(date(2019, 1, 1), date(2027, 12, 31)))
def test_the_database_plans_what_the_calendar_says(day):
    achievement = achieved(on=day)
    actions.plan(NOW)
    planned = {item.months: item.due_at for item in achievement.follow_ups.all()}
    assert planned == {months: expected_due(day, months) for months in (3, 6, 12)}


def test_follow_ups_are_planned_once_however_often_it_is_asked():
    achieved(on=date(2026, 11, 20)), achieved(on=date(2026, 11, 20))
    assert [actions.plan(NOW) for _ in range(3)] == [6, 0, 0]
    assert FollowUp.objects.count() == 6


def test_a_revoked_achievement_is_not_followed_up():
    achievement = achieved(on=date(2026, 11, 20))
    Achievement.objects.filter(pk=achievement.pk).update(revoked_at=NOW)
    assert actions.plan(NOW) == 0


def test_the_newest_questionnaire_is_the_one_that_is_asked():
    newest = Questionnaire.objects.create(key="follow-up", version=2, title="New", promise="")
    Questionnaire.objects.create(key="another", version=9, title="Other", promise="")
    achieved(on=date(2026, 11, 20))
    actions.plan(NOW)
    assert {item.questionnaire for item in FollowUp.objects.all()} == {newest}


def test_planning_for_many_people_takes_as_many_queries_as_for_one():
    def planning() -> int:
        with CaptureQueriesContext(connection) as seen:
            actions.plan(NOW)
        return len(seen)

    achieved(on=date(2026, 11, 20))
    one = planning()
    course = CourseFactory()
    for person in crowd(3):
        achieved(person, on=date(2026, 11, 20), course=course)
    assert planning() == one


# --- Sending -----------------------------------------------------------------------------------------------------


def test_a_follow_up_is_sent_when_due_and_once(mailoutbox):
    achievement = achieved(on=date(2026, 8, 24))
    just_before = datetime(2026, 11, 24, 8, 59, tzinfo=UTC)
    assert registry.run_due(just_before)["follow_ups_sent"] == 0
    done = [registry.run_due(just_before + timedelta(minutes=minutes)) for minutes in (1, 2, 60)]
    assert [counts["follow_ups_sent"] for counts in done] == [1, 0, 0]
    assert [mail.to for mail in mailoutbox] == [[achievement.person.email]]
    assert stands(achievement) == [State.SENT, State.PLANNED, State.PLANNED]


def test_the_letter_says_what_when_and_where(mailoutbox):
    person = employed()
    achieved(person, on=date(2026, 8, 23), course=CourseFactory(title="Noticing neglect"))
    registry.run_due(NOW)
    (mail,) = mailoutbox
    assert mail.subject == "3 months on: Noticing neglect"
    assert "You completed 'Noticing neglect' on 23 August 2026, 3 months ago." in mail.body
    assert f"/follow-ups/{FollowUp.objects.get(months=3).token}/" in mail.body
    assert "It works until 22 January 2027." in mail.body


def test_a_leaver_is_skipped_with_the_reason_and_gets_no_mail(mailoutbox):
    achievement = achieved(employed(end_date=date(2026, 10, 30)), on=date(2026, 8, 23))
    assert registry.run_due(NOW)["follow_ups_skipped"] == 1
    assert achievement.follow_ups.get(months=3).skipped_because == "the person has left"
    assert mailoutbox == []


def test_a_leaver_is_someone_whose_last_day_has_come():
    achievement = achieved(employed(end_date=NOW.date() + DAY), on=date(2026, 8, 23))
    registry.run_due(NOW)
    assert stands(achievement)[0] == State.SENT
    registry.run_due(NOW + DAY)
    leaver = achieved(employed(end_date=NOW.date()), on=date(2026, 8, 23))
    registry.run_due(NOW)
    assert stands(leaver)[0] == State.SKIPPED


def test_one_who_moved_to_another_agency_is_still_asked(mailoutbox):
    person = employed(end_date=date(2026, 9, 30))
    employ(person, start=date(2026, 10, 1))
    achievement = achieved(person, on=date(2026, 8, 23))
    registry.run_due(NOW)
    assert stands(achievement)[0] == State.SENT
    assert len(mailoutbox) == 1


def test_one_who_left_and_came_back_is_asked_the_later_questions():
    person = employed(end_date=date(2026, 10, 30))
    achievement = achieved(person, on=date(2026, 8, 24))
    registry.run_due(NOW + DAY)
    employ(person, start=date(2027, 1, 4), employee_number="again")
    registry.run_due(datetime(2027, 2, 24, 9, tzinfo=UTC))
    assert stands(achievement) == [State.SKIPPED, State.SENT, State.PLANNED]


def test_an_achievement_revoked_meanwhile_is_skipped_with_the_reason():
    achievement = achieved(on=date(2026, 8, 23))
    actions.plan(NOW - 10 * DAY)
    Achievement.objects.filter(pk=achievement.pk).update(revoked_at=NOW)
    registry.run_due(NOW)
    assert achievement.follow_ups.get(months=3).skipped_because == "the achievement was revoked"


def test_someone_without_an_address_is_skipped_with_the_reason_and_counts_as_nobody_asked():
    achievement = achieved(on=date(2026, 8, 23))
    Person.objects.filter(pk=achievement.person_id).update(email="")
    registry.run_due(NOW)
    assert achievement.follow_ups.get(months=3).skipped_because == "there is no e-mail address"
    assert not FollowUp.objects.asked().exists()


def test_nobody_is_reminded_of_an_achievement_that_was_revoked(mailoutbox):
    follow_up = sent()
    Achievement.objects.update(revoked_at=NOW)
    registry.run_due(NOW + 15 * DAY)
    assert [mail.to for mail in mailoutbox] == [[follow_up.person.email]]
    assert OutboxMessage.objects.get(kind="evaluation.reminder").note == "the achievement was revoked"


def test_what_is_weeks_late_is_skipped_and_what_is_still_to_come_is_not():
    achievement = achieved(on=date(2026, 3, 2))  # recorded long after: due on 2 June, 2 September and 2 March
    done = registry.run_due(NOW)
    assert (done["follow_ups_skipped"], done["follow_ups_sent"]) == (2, 0)
    assert stands(achievement) == [State.SKIPPED, State.SKIPPED, State.PLANNED]
    assert achievement.follow_ups.get(months=6).skipped_because == "its time had passed"


def test_a_scheduler_dead_for_three_days_catches_up_once(mailoutbox):
    achieved(on=date(2026, 8, 20)), achieved(on=date(2026, 8, 21)), achieved(on=date(2026, 8, 22))
    registry.run_due(datetime(2026, 11, 19, 10, tzinfo=UTC))
    done = registry.run_due(NOW)  # four days later
    assert done["follow_ups_sent"] == 3
    assert registry.run_due(NOW + timedelta(minutes=1))["follow_ups_sent"] == 0
    assert len(mailoutbox) == 3


# --- Reminding and closing ---------------------------------------------------------------------------------------


def test_one_reminder_after_two_weeks_only_to_those_who_have_not_answered(mailoutbox):
    silent, swift = sent(), sent()
    answer(swift)
    mailoutbox.clear()
    assert registry.run_due(NOW + 14 * DAY - timedelta(seconds=1))["follow_ups_reminded"] == 0
    done = [registry.run_due(NOW + timedelta(days=days))["follow_ups_reminded"] for days in (14, 15, 40)]
    assert done == [1, 0, 0]
    (mail,) = mailoutbox
    assert mail.to == [silent.person.email]
    assert mail.subject.startswith("Reminder, 3 months on: ")
    assert "This is the only reminder." in mail.body


def test_a_reminder_that_falls_on_a_weekend_waits_for_the_working_day(mailoutbox):
    sent()
    saturday = NOW + 19 * DAY
    FollowUp.objects.filter(state=State.SENT).update(sent_at=saturday - 14 * DAY)
    for moment in (saturday, saturday + DAY):
        registry.run_due(moment)
    assert len(mailoutbox) == 1
    registry.run_due(saturday + 2 * DAY)
    assert len(mailoutbox) == 2


def test_someone_who_left_after_being_asked_is_not_reminded(mailoutbox):
    person = employed()
    sent(person)
    person.employments.get().versions.update(end_date=NOW.date())
    mailoutbox.clear()
    registry.run_due(NOW + 14 * DAY)
    assert mailoutbox == []
    assert OutboxMessage.objects.get(kind="evaluation.reminder").note == "the person has left"


def test_after_sixty_days_it_is_closed():
    follow_up = sent()
    assert registry.run_due(NOW + 60 * DAY - timedelta(seconds=1))["follow_ups_closed"] == 0
    assert registry.run_due(NOW + 60 * DAY)["follow_ups_closed"] == 1
    follow_up.refresh_from_db()
    assert follow_up.state == State.CLOSED


def test_the_questions_wait_on_ones_list_until_answered_or_closed(as_person):
    person = employed()
    follow_up = sent(person)
    assert follow_up.token in as_person(person).get("/").content.decode()
    answer(follow_up)
    assert "Tell us what changed" not in as_person(person).get("/").content.decode()


# --- The command -------------------------------------------------------------------------------------------------


def run_due(capsys, *arguments: str) -> dict[str, int]:
    call_command("run_due", *arguments)
    return json.loads(capsys.readouterr().out)


def test_run_due_prints_counts_as_json_and_can_be_repeated(capsys):
    achieved(on=date(2026, 8, 23))
    first, second = (run_due(capsys, "--at", "2026-11-23T10:00") for _ in range(2))
    did = {name: count for name, count in first.items() if count}
    assert did == {"certificates_issued": 1, "follow_ups_planned": 3, "follow_ups_sent": 1, "messages_sent": 1}
    assert set(second.values()) <= {0}


def test_run_due_takes_london_time_a_date_as_its_end_and_nothing_as_now(capsys):
    achieved(on=date(2026, 4, 1))  # due on 1 July at 9:00 in London, which is 8:00 UTC
    assert run_due(capsys, "--at", "2026-07-01T08:59")["follow_ups_sent"] == 0
    assert run_due(capsys, "--at", "2026-07-01T09:00")["follow_ups_sent"] == 1
    achieved(on=date(2026, 4, 1))
    assert run_due(capsys, "--at", "2026-07-01")["follow_ups_sent"] == 1
    achieved(on=date(2026, 8, 23))
    assert run_due(capsys)["follow_ups_sent"] == 1


@pytest.mark.parametrize("moment", ["tomorrow", "2026-13-01", "2026-02-30T10:00"])
def test_run_due_refuses_a_moment_that_is_none(moment):
    with pytest.raises(CommandError, match="is not a moment like"):
        call_command("run_due", "--at", moment)
