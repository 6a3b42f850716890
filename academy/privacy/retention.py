"""What the schedule's periods call for: leavers erased, rows and fields that have had their time."""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from celery.exceptions import SoftTimeLimitExceeded
from django.contrib.sessions.models import Session
from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from academy.lib.dates import london_day
from academy.privacy import erasing, schedule
from academy.privacy.models import RetentionRun, held_people
from academy.privacy.schedule import LEAVING, TRAINING, Period, Record, Rule
from academy.privacy.wiping import empty, neutral
from courses.models import Booking
from partners.models import EmploymentVersion, Grant, Limit, Person

log = logging.getLogger(__name__)

SECONDS_A_TICK = 20  # after which the next tick goes on, so that messages are not kept waiting
PEOPLE_AT_A_TIME = 20
ROWS_AT_A_TIME = 1000


@dataclass(frozen=True)
class Step:
    """One rule with a period: which rows have had their time at a moment, and what is done with a batch of them."""

    what: str
    key: str
    past: Callable[[datetime], QuerySet]
    take: Callable[[Sequence[int], datetime], int]
    size: int = ROWS_AT_A_TIME


def steps() -> Iterator[Step]:
    """Every period of the schedule, in its order."""
    for record in schedule.load().in_use:
        if record.kept and record.kept.after == LEAVING:
            yield _leavers(record)
        elif record.kept:
            yield _rows(record, record.kept)
        for name, rule in record.fields.items():
            if rule.period:
                yield _field(record, name, rule, rule.period)


def leavers(period: Period, at: datetime) -> QuerySet[Person]:
    """People whose last employment, by what is known now, ended before the period; nobody with a place to come, with
    an access role, or under a hold. Who was never employed counts from the day on which the record was made. A record
    that became part of another goes with that.
    """
    spells = EmploymentVersion.objects.current().filter(identity__person=OuterRef("pk"))
    newer = spells.filter(Q(end_date=None) | Q(end_date__gte=period.cutoff(at)))
    coming = Booking.objects.live().filter(person=OuterRef("pk"), run__ends_at__gt=at)
    roles = Grant.objects.in_force(london_day(at)).filter(person=OuterRef("pk"))
    gone = Person.objects.filter(Exists(spells) | Q(created_at__lt=period.moment(at)), erasure=None, merged_into=None)
    return gone.exclude(Exists(newer)).exclude(Exists(coming)).exclude(Exists(roles)).exclude(pk__in=held_people())


def untrained(period: Period, at: datetime) -> QuerySet[Person]:
    """People who have asked for no run, whatever came of it, that ended since the period began or is to come. Who never
    asked counts from the day on which the record was made."""
    since = Booking.objects.filter(person=OuterRef("pk"), run__ends_at__gte=period.moment(at))
    return Person.objects.filter(created_at__lt=period.moment(at)).exclude(Exists(since))


def _leavers(record: Record) -> Step:
    period = record.kept
    return Step(
        what=f"{record.title}: erased {period}",
        key="people_erased",
        past=lambda at: leavers(period, at),
        take=lambda ids, at: erasing.erase_leavers(leavers(period, at).filter(pk__in=ids), at=at),
        size=PEOPLE_AT_A_TIME,
    )


def _rows(record: Record, period: Period) -> Step:
    manager = record.cls._base_manager
    return Step(
        what=f"{record.title}: deleted {period}",
        key="rows_deleted",
        past=lambda at: _not_held(record, manager.filter(_before(record, period, at))),
        take=lambda ids, at: manager.filter(pk__in=ids).delete()[0],
    )


OF_PEOPLE = {LEAVING: leavers, TRAINING: untrained}


def _field(record: Record, name: str, rule: Rule, period: Period) -> Step:
    manager = record.cls._base_manager
    nothing = {name: neutral(schedule.own_fields(record.cls)[name], rule)}

    def past(at: datetime) -> QuerySet:
        people = OF_PEOPLE.get(period.after)
        rows = manager.filter(pk__in=people(period, at)) if people else manager.filter(_before(record, period, at))
        return _not_held(record, rows.filter(**rule.where).exclude(**nothing))

    return Step(
        what=f"{record.title}, {name.replace('_', ' ')}: erased {period}",
        key="fields_erased",
        past=past,
        take=lambda ids, at: empty(record, manager.filter(pk__in=ids), {name: rule}),
    )


def _before(record: Record, period: Period, at: datetime) -> Q:
    if record.cls in (Session, Limit):  # these expire by the machine's clock, and the try-out's may be far ahead of it
        at = min(at, timezone.now())
    path = schedule.lookup(period.after)
    field = record.cls._meta.get_field(path) if "__" not in path else None
    is_day = isinstance(field, models.DateField) and not isinstance(field, models.DateTimeField)
    return Q(**{f"{path}__lt": period.cutoff(at) if is_day else period.moment(at)})


def _not_held(record: Record, rows: QuerySet) -> QuerySet:
    """Without the rows about anybody whom a hold keeps."""
    for path in record.person:
        rows = rows.exclude(**{"pk__in" if path == "self" else f"{schedule.lookup(path)}__in": held_people()})
    return rows


def would_do(at: datetime) -> dict[str, int]:
    """How many rows each rule would take at that moment; changes nothing."""
    return {step.what: step.past(at).count() for step in steps()}


def run(at: datetime, *, seconds: float = float("inf")) -> Counter[str]:
    """That day's run: begin it, or go on with it, until nothing is past its time or the seconds are over.

    Returns how many rows each rule took just now. Safe to repeat and to kill: each batch is a transaction of its own,
    and asks again what is past its time. Two at once: the second one leaves it to the first.
    """
    done: Counter[str] = Counter()
    if today := RetentionRun.claim(london_day(at), at):
        until = time.monotonic() + seconds
        try:
            if all(_finish(step, done, at, until) for step in steps()):
                today.finished_at = at
        finally:
            today.did = dict(Counter(today.did) + done)
            today.lease_until = None
            today.save(update_fields=["did", "finished_at", "lease_until"])
    return done


def _finish(step: Step, done: Counter[str], at: datetime, until: float) -> bool:
    """Take everything that is past its time, a batch at a time. False where time was up first."""
    failed: set[int] = set()
    while ids := list(step.past(at).exclude(pk__in=failed).values_list("pk", flat=True)[: step.size]):
        if time.monotonic() > until:
            return False
        taken, failed_now = _take(step, ids, at)
        if not taken:  # others hold the rest, or it cannot be done: tomorrow's run asks again
            failed |= set(ids)
        failed |= failed_now
        done[step.what] += taken
    return True


def _take(step: Step, ids: list[int], at: datetime) -> tuple[int, set[int]]:
    """A batch; where it ends in a fault, each of its rows by itself, so that one keeps none of the others."""
    try:
        return step.take(ids, at), set()
    except SoftTimeLimitExceeded:  # which says nothing about these rows
        raise
    except Exception as fault:
        log.error("%s: a batch ended in a fault: %s", step.what, type(fault).__name__)
        if len(ids) == 1:
            return 0, set(ids)
        parts = [_take(step, [pk], at) for pk in ids]
        return sum(taken for taken, _ in parts), set(chain.from_iterable(failed for _, failed in parts))


def due(at: datetime) -> dict[str, int]:
    """For each tick: heed the ledger, and once a day what has been kept long enough. Returns counts."""
    done = Counter(erasing.heed_ledger(at))
    today = RetentionRun.objects.filter(on=london_day(at))
    if today.exclude(finished_at=None).exists():
        return dict(done)
    if not today.exists():  # once a day also what a count does not show
        done.update(erasing.compare_with_ledger(at))
    keys = {step.what: step.key for step in steps()}
    for what, count in run(at, seconds=SECONDS_A_TICK).items():
        done[keys[what]] += count
    return dict(done)
