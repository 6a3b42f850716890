"""Asking for a follow-up, and the one reminder."""

from datetime import datetime

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.urls import reverse

from academy.lib.dates import london_day
from evaluation.models import FollowUp, Paper
from partners import outbox
from partners.models import Person
from partners.outbox import Mail


def _load(ids: set[int], at: datetime) -> dict[int, FollowUp]:
    at_work = Person.objects.employed(london_day(at)).filter(pk=OuterRef("person"))
    follow_ups = FollowUp.objects.select_related("achievement__course", "person").annotate(at_work=Exists(at_work))
    return follow_ups.in_bulk(ids)


def _unwanted(follow_up: FollowUp, at: datetime) -> str:
    if not follow_up.accepts_answers(at):
        return f"the follow-up is {follow_up.get_state_display().lower()}"
    if follow_up.achievement.revoked_at:
        return "the achievement was revoked"
    return "" if follow_up.at_work else "the person has left"


def _mail(follow_up: FollowUp, subject: str, template: str) -> Mail:
    course = follow_up.achievement.course
    link = settings.SITE_URL + reverse("follow_up", args=[follow_up.token])
    subject = subject.format(course=course.title, months=follow_up.months)
    return outbox.mail(subject, f"evaluation/{template}", follow_up=follow_up, course=course, link=link)


@outbox.kind("evaluation.follow_up", subject="follow_up", load=_load, unwanted=_unwanted, survey=True)
def _asked(follow_up: FollowUp) -> Mail:
    return _mail(follow_up, "{months} months on: {course}", "follow_up")


@outbox.kind("evaluation.reminder", subject="follow_up", load=_load, unwanted=_unwanted, survey=True)
def _reminder(follow_up: FollowUp) -> Mail:
    return _mail(follow_up, "Reminder, {months} months on: {course}", "reminder")


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


def _load_papers(ids: set[int], at: datetime) -> dict[int, Paper]:
    return Paper.objects.defer("pdf").in_bulk(ids)


@outbox.kind("evaluation.paper", subject="paper", load=_load_papers)
def _paper(paper: Paper) -> Mail:
    link = settings.SITE_URL + reverse("paper", args=[paper.pk])
    return outbox.mail(f"Who stays: {paper.period:%B %Y}", "evaluation/paper", paper=paper, link=link)


def paper_made(paper: Paper, people: list[int], at: datetime) -> None:
    """'This month's figures are here', with a link for those who may open them."""
    outbox.queue(
        *(outbox.new("evaluation.paper", key=f"{paper.pk}:{pk}", person=pk, at=at, paper=paper.pk) for pk in people)
    )
