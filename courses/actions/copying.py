"""Planning again what was held before: one run, a course's, or a whole year's, as drafts with new dates."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from academy.lib.dates import LONDON, end_of_day, london_day, next_working_day, start_of_day
from academy.lib.text import day
from academy.lib.wall_clock import NoSuchTime, london_moment
from courses.actions import runs
from courses.actions.runs import Keeping, Slot, Terms
from courses.models import Run, Session
from partners import audit
from partners.models import Person

MOST = 400  # runs that are shown and copied at once


@audit.sentence("run.copied", copy_of=Run)
def _copied(told: audit.Told) -> str:
    return f"planned {told.about} as a copy of {told.detail('copy_of')}"


@dataclass(frozen=True)
class Copy:
    """A run as it would be held again. `notes` say what was changed besides the dates, or why it cannot be."""

    run: Run
    slots: Sequence[Slot]
    notes: Sequence[str]
    is_there: bool = False

    @property
    def can_be(self) -> bool:
        return bool(self.slots) and not self.is_there


def held_between(kept: QuerySet[Run], first: date, last: date) -> QuerySet[Run]:
    """Runs that began in those days and were held, or are to be: neither drafts nor cancelled."""
    held = kept.filter(state__in=[Run.State.PUBLISHED, Run.State.COMPLETED])
    return held.filter(starts_at__gte=start_of_day(first), starts_at__lte=end_of_day(last)).order_by("starts_at", "pk")


def preview(found: QuerySet[Run], days: int) -> list[Copy]:
    """Each run as it would be `days` later, or on the working day after. Changes nothing."""
    listed = list(
        found.select_related("course").prefetch_related("sessions__room", "trainers", "kept_places__agency")[:MOST]
    )
    there = _there([run.course_id for run in listed])
    return [_shifted(run, days, there) for run in listed]


def _there(courses: Iterable[int]) -> set[tuple[int, datetime]]:
    """Courses and moments at which a run of them begins, in whatever state but cancelled."""
    planned = Run.objects.filter(course__in=set(courses)).exclude(state=Run.State.CANCELLED)
    return set(planned.values_list("course", "starts_at"))


def _shifted(run: Run, days: int, there: set[tuple[int, datetime]]) -> Copy:
    try:
        slots, notes = _slots(run, days)
    except NoSuchTime as refusal:
        return Copy(run, [], [f"{refusal}."])
    is_there = (run.course_id, min(slot.starts_at for slot in slots)) in there
    return Copy(run, slots, [*notes, *(["This date is planned already."] if is_there else [])], is_there)


def _slots(run: Run, days: int) -> tuple[list[Slot], list[str]]:
    """Its sessions that much later, by London's clock; those of one day stay together, and no two days become one."""
    slots, notes, was, on = [], [], date.min, date.min
    for session in run.sessions.all():
        before, was = was, london_day(session.starts_at)
        if was != before:
            meant = was + timedelta(days=days)
            on = next_working_day(max(meant, on + timedelta(days=1)))
            if on != meant:
                notes.append(f"{meant:%A} {day(meant)} is no working day or is taken: {on:%A} {day(on)} instead.")
        slots.append(_slot(session, on, notes))
    return slots, notes


def _slot(session: Session, on: date, notes: list[str]) -> Slot:
    begins, ends = (moment.astimezone(LONDON) for moment in (session.starts_at, session.ends_at))
    last = on + (ends.date() - begins.date())
    room = session.room
    if room and not room.in_use:
        notes.append(f"{room} is out of use: choose another room.")
        room = None
    venue = session.venue if room or not session.room else "Room to be chosen"
    return Slot(london_moment(on, begins.time()), london_moment(last, ends.time()), venue, room)


@transaction.atomic
def copy_runs(*, copies: Sequence[Copy], days: int, by: Person, at: datetime) -> list[Run]:
    """Make a draft of each that can be. Joining links, notes and recordings stay with the run they were made for."""
    return [_make(copy, days, by, at) for copy in copies if copy.can_be]


def _make(copy: Copy, days: int, by: Person, at: datetime) -> Run:
    made = runs.new_run(copy.run.course, copy.slots, _terms(copy.run, days))
    audit.record("run.copied", by=by, at=at, about=made, copy_of=copy.run.pk)
    return made


def _terms(run: Run, days: int) -> Terms:
    return Terms(
        capacity=run.capacity,
        minimum=run.minimum,
        books_from=_later(run.books_from, days),
        books_until=_later(run.books_until, days),
        cost=run.cost,
        joining=run.joining,
        trainers=[person for person in run.trainers.all() if person.merged_into_id is None],
        kept=[Keeping(k.places, _later(k.until, days), k.agency, k.agency_kind) for k in run.kept_places.all()],
    )


def _later(moment: datetime | None, days: int) -> datetime | None:
    """The same time of London's clock so many days later."""
    if moment is None:
        return None
    local = moment.astimezone(LONDON).replace(tzinfo=None)
    return (local + timedelta(days=days)).replace(tzinfo=LONDON).astimezone(UTC)
