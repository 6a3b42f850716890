"""Asking for a follow-up, and the one reminder."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse

from academy.lib.dates import london_day
from evaluation.models import FollowUp
from partners import outbox
from partners.models import OutboxMessage, Person
from partners.outbox import Mail


def _follow_up(message: OutboxMessage) -> FollowUp:
    related = FollowUp.objects.select_related("achievement__course", "person")
    return related.get(pk=message.subjects["follow_up"])


def _unwanted(message: OutboxMessage, at: datetime) -> str:
    follow_up = _follow_up(message)
    if not follow_up.accepts_answers(at):
        return f"the follow-up is {follow_up.get_state_display().lower()}"
    at_work = Person.objects.employed(london_day(at)).filter(pk=follow_up.person_id).exists()
    return "" if at_work else "the person has left"


def _mail(message: OutboxMessage, subject: str, template: str) -> Mail:
    follow_up = _follow_up(message)
    course = follow_up.achievement.course
    link = settings.SITE_URL + reverse("follow_up", args=[follow_up.token])
    subject = subject.format(course=course.title, months=follow_up.months)
    return outbox.mail(subject, f"evaluation/{template}", follow_up=follow_up, course=course, link=link)


@outbox.kind("evaluation.follow_up", unwanted=_unwanted, survey=True)
def _asked(message: OutboxMessage) -> Mail:
    return _mail(message, "{months} months on: {course}", "follow_up")


@outbox.kind("evaluation.reminder", unwanted=_unwanted, survey=True)
def _reminder(message: OutboxMessage) -> Mail:
    return _mail(message, "Reminder, {months} months on: {course}", "reminder")


def ask(follow_ups: list[FollowUp], at: datetime) -> None:
    """'What changed in your practice?', with a link that needs no password."""
    _queue("evaluation.follow_up", follow_ups, at)


def remind(follow_ups: list[FollowUp], at: datetime) -> None:
    """The same once more, to those who have not answered."""
    _queue("evaluation.reminder", follow_ups, at)


def _queue(kind: str, follow_ups: list[FollowUp], at: datetime) -> None:
    outbox.queue(
        *(outbox.new(kind, key=str(item.pk), person=item.person_id, at=at, follow_up=item.pk) for item in follow_ups)
    )
