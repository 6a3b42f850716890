"""What gets in the way of a run as it is planned: rooms and trainers that are taken, rooms that are too small.

Nothing of it is forbidden: two courses may share a hall. Whoever plans sees it before saving, and says so.
"""

import functools
import hashlib
import operator
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from academy.lib.dates import is_working_day, london_day
from academy.lib.text import clock_time, day
from courses.actions.runs import Slot
from courses.models import Booking, Run, Session
from partners.models import Person

PLANNED = (Run.State.DRAFT, Run.State.PUBLISHED)


@dataclass(frozen=True)
class Plan:
    """A run as somebody would save it; `run` is the one that is changed, if it is there already."""

    slots: Sequence[Slot]
    capacity: int
    trainers: Sequence[Person]
    run: Run | None = None


def find(plan: Plan, *, seen_by: Person, at: datetime) -> list[str]:
    """A sentence for each clash. Of training that `seen_by` would not find, no name is said."""
    visible = Run.objects.visible_to(seen_by, london_day(at))
    return [*_rooms(plan, visible), *_seats(plan), *_teaching(plan, visible), *_learning(plan)]


def of_each(runs: Sequence[Run], *, seen_by: Person, at: datetime) -> dict[int, list[str]]:
    """What `find` says of each of these runs as it is, by id, in as many queries for many as for one.

    They have `trainers` and `sessions__room` prefetched.
    """
    if not runs:
        return {}
    others = list(_beside(runs))
    seen = _seen(others, Run.objects.visible_to(seen_by, london_day(at)))
    learning = _held_beside(runs)
    return {run.pk: list(_of_one(run, others, seen, learning)) for run in runs}


def _beside(runs: Sequence[Run]) -> QuerySet[Session]:
    """Sessions in the time of these runs that are in one of their rooms, or taught by one of their trainers."""
    rooms = {session.room_id for run in runs for session in run.sessions.all()}
    trainers = {person.pk for run in runs for person in run.trainers.all()}
    theirs = Q(room__in=rooms - {None}) | Q(run__in=Run.objects.filter(trainers__in=trainers).values("pk"))
    found = Session.objects.filter(theirs, run__state__in=PLANNED, **_span(runs))
    return found.select_related("run__course", "room").prefetch_related("run__trainers").order_by("starts_at", "pk")


def _span(runs: Sequence[Run], prefix: str = "") -> dict[str, datetime]:
    first, last = min(run.starts_at for run in runs), max(run.ends_at for run in runs)
    return {f"{prefix}starts_at__lt": last, f"{prefix}ends_at__gt": first}


@dataclass(frozen=True)
class _Held:
    """A place of a trainer on other training."""

    person: int
    run: int
    starts_at: datetime
    ends_at: datetime


def _held_beside(runs: Sequence[Run]) -> list[_Held]:
    """Places of their trainers from the first to the last of these."""
    trainers = {person.pk for run in runs for person in run.trainers.all()}
    held = Booking.objects.filter(person__in=trainers, state__in=Booking.HOLDING, run__state__in=PLANNED)
    held = held.filter(**_span(runs, "run__sessions__"))
    return [
        _Held(*row) for row in held.values_list("person", "run", "run__sessions__starts_at", "run__sessions__ends_at")
    ]


def _of_one(run: Run, others: Sequence[Session], seen: set[int], learning: Sequence[_Held]) -> Iterator[str]:
    own = list(run.sessions.all())
    trainers = list(run.trainers.all())
    at_once = [other for other in others if other.run_id != run.pk and any(_overlap(other, each) for each in own)]
    for other in at_once:
        if any(other.room_id and other.room_id == each.room_id and _overlap(other, each) for each in own):
            yield f"{other.room} is taken by {_what(other, seen)}."
    yield from _seats(Plan([Slot(s.starts_at, s.ends_at, s.venue, s.room) for s in own], run.capacity, trainers))
    for other in at_once:
        for person in other.run.trainers.all():
            if person in trainers:
                yield f"{person} teaches {_what(other, seen)}."
    elsewhere = [held for held in learning if held.run != run.pk]
    busy = {held.person for held in elsewhere if any(_overlap(held, each) for each in own)}
    for person in sorted((each for each in trainers if each.pk in busy), key=lambda each: each.name_key):
        yield f"{person} has a place on other training at that time."


def _overlap(one: Session | _Held, other: Session) -> bool:
    return one.starts_at < other.ends_at and one.ends_at > other.starts_at


def notices(slots: Iterable[Slot]) -> list[str]:
    """What one may want to know, and need not confirm: days on which England does not work."""
    days = dict.fromkeys(london_day(slot.starts_at) for slot in slots)
    return [f"{each:%A} {day(each)} is not a working day." for each in days if not is_working_day(each)]


def digest(clashes: Sequence[str]) -> str:
    """Names just these clashes, so that 'save anyway' is never said of others."""
    return hashlib.sha256("\n".join(clashes).encode()).hexdigest()[:20]


def _at_once(slots: Iterable[Slot], prefix: str = "") -> Q:
    """Sessions that overlap any of these times."""
    each = (Q(**{f"{prefix}starts_at__lt": s.ends_at, f"{prefix}ends_at__gt": s.starts_at}) for s in slots)
    return functools.reduce(operator.or_, each)


def _elsewhere(plan: Plan) -> QuerySet[Session]:
    """Sessions of other runs at those times."""
    others = Session.objects.filter(_at_once(plan.slots), run__state__in=PLANNED)
    return others.exclude(run=plan.run).select_related("run__course", "room").order_by("starts_at", "pk")


def _what(session: Session, seen: set[int]) -> str:
    title = session.run.course.title if session.run_id in seen else "other training"
    hours = f"{clock_time(session.starts_at)} to {clock_time(session.ends_at)}"
    return f"{title}, {hours} on {day(london_day(session.starts_at))}"


def _seen(sessions: Sequence[Session], visible: QuerySet[Run]) -> set[int]:
    return set(visible.filter(pk__in=[session.run_id for session in sessions]).values_list("pk", flat=True))


def _rooms(plan: Plan, visible: QuerySet[Run]) -> Iterator[str]:
    taken = [slot for slot in plan.slots if slot.room]
    if not taken:
        return
    wanted = functools.reduce(operator.or_, (_at_once([slot]) & Q(room=slot.room) for slot in taken))
    sessions = list(_elsewhere(plan).filter(wanted))
    seen = _seen(sessions, visible)
    for session in sessions:
        yield f"{session.room} is taken by {_what(session, seen)}."


def _seats(plan: Plan) -> Iterator[str]:
    rooms = {slot.room.pk: slot.room for slot in plan.slots if slot.room}
    for room in rooms.values():
        if room.seats < plan.capacity:
            yield f"{room} seats {room.seats}, and this run has {plan.capacity} places."


def _teaching(plan: Plan, visible: QuerySet[Run]) -> Iterator[str]:
    sessions = list(
        _elsewhere(plan).filter(run__trainers__in=plan.trainers).distinct().prefetch_related("run__trainers")
    )
    seen = _seen(sessions, visible)
    for session in sessions:
        for person in session.run.trainers.all():
            if person in plan.trainers:
                yield f"{person} teaches {_what(session, seen)}."


def _learning(plan: Plan) -> Iterator[str]:
    """Trainers who have a place on other training then. Which one is theirs to know."""
    held = Booking.objects.filter(person__in=plan.trainers, state__in=Booking.HOLDING, run__state__in=PLANNED)
    held = held.filter(run__sessions__in=Session.objects.filter(_at_once(plan.slots))).exclude(run=plan.run)
    for person in Person.objects.filter(pk__in=held.values("person")):
        yield f"{person} has a place on other training at that time."


def learners(plan: Plan) -> int:
    """How many people with a place on the run have a place elsewhere at those times."""
    own = plan.run.bookings.filter(state__in=Booking.HOLDING).values("person")
    elsewhere = Session.objects.filter(_at_once(plan.slots)).exclude(run=plan.run)
    held = Booking.objects.filter(person__in=own, state__in=Booking.HOLDING, run__state=Run.State.PUBLISHED)
    return held.filter(run__sessions__in=elsewhere).values("person").distinct().count()
