"""Planning runs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from courses.models import Course, Run, Session
from partners import audit
from partners.models import Person


@audit.named(Run)
def _names(ids: Iterable[int]) -> dict[int, str]:
    return {run.pk: str(run) for run in Run.objects.filter(pk__in=ids).select_related("course")}


@audit.sentence("run.published")
def _published(told: audit.Told) -> str:
    return f"published {told.about}"


@dataclass(frozen=True)
class Slot:
    """When and where one session is."""

    starts_at: datetime
    ends_at: datetime
    venue: str


@transaction.atomic
def plan_run(
    *, course: Course, slots: Sequence[Slot], capacity: int, trainers: Sequence[Person], by: Person, at: datetime
) -> Run:
    """A published run of one or more sessions."""
    starts_at, ends_at = min(slot.starts_at for slot in slots), max(slot.ends_at for slot in slots)
    run = Run.objects.create(
        course=course, capacity=capacity, starts_at=starts_at, ends_at=ends_at, state=Run.State.PUBLISHED
    )
    run.trainers.set(trainers)
    Session.objects.bulk_create(Session(run=run, **vars(slot)) for slot in slots)
    Course.objects.filter(pk=course.pk).refresh_next_start(at)
    audit.record("run.published", by=by, at=at, about=run)
    return run
