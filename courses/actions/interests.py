"""Waiting for a date of a course: to be told of new ones, or to get a place on the next that suits."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from courses import emails
from courses.actions.places import fill_places, lock, serve_course
from courses.models import Course, Habits, Interest, Run
from partners import audit
from partners.models import Person

State = Interest.State


@audit.named(Course)
def _names(ids) -> dict[int, str]:
    return {course.pk: course.title for course in Course.objects.filter(pk__in=ids)}


@audit.sentence("interest.asked")
def _asked(told: audit.Told) -> str:
    return f"asked for dates of {told.about}"


@audit.sentence("interest.ended")
def _ended(told: audit.Told) -> str:
    return f"no longer asks for dates of {told.about}"


def ask(
    *, course: Course, person: Person, wants_place: bool, days: Sequence[int], areas: Sequence[str], at: datetime
) -> Interest:
    """Wait for dates of a course; where one that suits has a place now, it is held for them at once. Asking again
    changes what one asks for and keeps since when one waits."""
    wish = {"wants_place": wants_place, "days": sorted(days), "areas": sorted(areas)}
    interest = _ask(course, person, wish, at)
    if wants_place:
        serve_course(course, at)
        interest.refresh_from_db()
    return interest


@transaction.atomic
def _ask(course: Course, person: Person, wish: dict[str, object], at: datetime) -> Interest:
    interest, is_new = Interest.objects.select_for_update().get_or_create(
        course=course, person=person, defaults={**wish, "asked_at": at}
    )
    waits = interest.state == State.WAITING and not is_new
    since = interest.asked_at if waits else at
    Interest.objects.filter(pk=interest.pk).update(**wish, state=State.WAITING, asked_at=since, ended_at=None)
    audit.record("interest.asked", by=person, at=at, about=course, person=person)
    return Interest.objects.get(pk=interest.pk)


@transaction.atomic
def end(*, interest: Interest, by: Person, at: datetime) -> None:
    """Stop waiting. Raises WrongState where one does not wait any more."""
    interest.move_to(State.ENDED, ended_at=at)
    audit.record("interest.ended", by=by, at=at, about=interest.course, person=interest.person)


@transaction.atomic
def tell(run: Run, at: datetime) -> None:
    """A run was published: hold places for those who wait for one, and tell those who go on waiting for a date."""
    run = lock(run)
    fill_places(run, by=None, at=at)
    for interest in Interest.objects.waiting().filter(course=run.course_id):
        emails.date_published(interest, run, at)


def remember(*, person: Person, days: Sequence[int], areas: Sequence[str]) -> None:
    """Keep where and on which days somebody learns best, for their next visit to the catalogue."""
    Habits.objects.update_or_create(person=person, defaults={"days": sorted(days), "areas": sorted(areas)})
