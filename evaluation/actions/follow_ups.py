"""The life of a follow-up: planned, sent or skipped, reminded once, answered or closed.

Each step asks a question that is safe to repeat and claims its rows with SKIP LOCKED, so that any number of workers
can run it at once and one that dies leaves nothing half done.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import connection, transaction

from academy.lib.dates import add_months, at_hour, is_working_day, london_day, next_working_day
from courses.models import Achievement
from evaluation import emails
from evaluation.models import Answer, FollowUp, Question, Questionnaire, Response
from partners import audit

BATCH = 1000
State = FollowUp.State


class NotOpen(Exception):
    """The follow-up was answered or closed before. Fit to show."""


def due_at(completed_on: date, months: int) -> datetime:
    """When a follow-up goes out: that many months after the last session, moved on to a working day in England."""
    return at_hour(next_working_day(add_months(completed_on, months)), settings.FOLLOW_UP_SENT_AT_HOUR)


def plan(at: datetime) -> int:
    """Plan the follow-ups of every achievement that has none. Returns how many were planned.

    One INSERT … SELECT: the calendar is worked out once for each date on which anyone completed anything.
    """
    unplanned = Achievement.objects.standing().filter(follow_ups=None)
    days = list(unplanned.order_by().values_list("completed_on", flat=True).distinct())
    if not days:
        return 0
    calendar = [(day, months, due_at(day, months)) for day in days for months in settings.FOLLOW_UP_MONTHS]
    questionnaire = Questionnaire.objects.filter(key="follow-up").latest("version")
    with connection.cursor() as cursor:
        cursor.execute(_PLAN, [questionnaire.pk, *(list(column) for column in zip(*calendar, strict=True))])
        return cursor.rowcount


_PLAN = """
INSERT INTO evaluation_followup (achievement_id, person_id, months, questionnaire_id, state, due_at, skipped_because)
SELECT a.id, a.person_id, calendar.months, %s, 'planned', calendar.due_at, ''
FROM courses_achievement a
JOIN unnest(%s::date[], %s::int[], %s::timestamptz[]) AS calendar (completed_on, months, due_at)
  ON calendar.completed_on = a.completed_on
WHERE a.revoked_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM evaluation_followup f WHERE f.achievement_id = a.id)
ON CONFLICT DO NOTHING
"""


def skip_unwanted(at: datetime) -> int:
    """Skip, with a reason, what is due but makes no sense any more. Returns how many were skipped."""
    due = FollowUp.objects.due(at)
    window = timedelta(days=settings.FOLLOW_UP_WINDOW_DAYS)
    return (
        _skip(due.filter(due_at__lt=at - window), "its time had passed")
        + _skip(due.exclude(achievement__revoked_at=None), "the achievement was revoked")
        + _skip(due.of_leavers(london_day(at)), "the person has left")
        + _skip(due.filter(person__email=""), "there is no e-mail address")
    )


def _skip(follow_ups, reason: str) -> int:
    return follow_ups.update(state=State.SKIPPED, skipped_because=reason)


def send_due(at: datetime) -> int:
    """Ask everyone whose follow-up is due: the state and the message change together. Returns how many were asked."""
    asked = 0
    while batch := _send_batch(at):
        asked += len(batch)
    return asked


@transaction.atomic
def _send_batch(at: datetime) -> list[FollowUp]:
    batch = _claim(FollowUp.objects.due(at).order_by("due_at", "id"))
    closes_at = at + timedelta(days=settings.FOLLOW_UP_LINK_VALID_DAYS)
    _of(batch).update(state=State.SENT, sent_at=at, closes_at=closes_at)
    emails.ask(batch, at)
    return batch


def remind(at: datetime) -> int:
    """Remind, once and on a working day, everyone at work who has not answered. Returns how many were reminded."""
    reminded = 0
    if not is_working_day(london_day(at)):
        return reminded
    while batch := _remind_batch(at):
        reminded += len(batch)
    return reminded


@transaction.atomic
def _remind_batch(at: datetime) -> list[FollowUp]:
    long_ago = at - timedelta(days=settings.FOLLOW_UP_REMINDER_AFTER_DAYS)
    waiting = FollowUp.objects.filter(state=State.SENT, reminded_at=None, sent_at__lte=long_ago, closes_at__gt=at)
    batch = _claim(waiting.order_by("sent_at", "id"))
    _of(batch).update(reminded_at=at)
    emails.remind(batch, at)
    return batch


def close_expired(at: datetime) -> int:
    """Close what was not answered while its link was valid. Returns how many were closed."""
    return FollowUp.objects.filter(state=State.SENT, closes_at__lte=at).update(state=State.CLOSED)


def _claim(follow_ups) -> list[FollowUp]:
    return list(follow_ups.select_for_update(skip_locked=True)[:BATCH])


def _of(batch: list[FollowUp]):
    return FollowUp.objects.filter(pk__in=[item.pk for item in batch])


@audit.sentence("follow_up.answered")
def _answered(told: audit.Told) -> str:
    return "answered what was asked some months after training"


@transaction.atomic
def answer(*, follow_up: FollowUp, answers: Mapping[Question, str], at: datetime) -> Response:
    """Keep the answers to a follow-up, once. Raises NotOpen when it was answered or closed before."""
    open_now = FollowUp.objects.filter(pk=follow_up.pk, state=State.SENT, closes_at__gt=at)
    if not open_now.update(state=State.ANSWERED):
        raise NotOpen("These questions were answered already, or the time to answer them has passed.")
    response = Response.objects.create(follow_up=follow_up, answered_at=at)
    Answer.objects.bulk_create(
        Answer(response=response, question=question, text=text) for question, text in answers.items() if text
    )
    audit.record("follow_up.answered", by=follow_up.person, at=at, about=follow_up, person=follow_up.person)
    return response
