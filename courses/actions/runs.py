"""Planning runs: drafts, publishing, changing, moving and cancelling.

What touches bookings happens under the run's lock, as booking does.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Count, F, Q

from academy.lib.text import in_words, plural
from courses.actions import bookings, interests
from courses.emails import runs as emails
from courses.models import Approval, Attendance, Booking, Charge, Course, KeptPlaces, Room, Run, Session
from partners import audit
from partners.models import Agency, Person

State = Run.State
OVER = {State.CANCELLED: "cancelled", State.COMPLETED: "closed"}
FAR_OFF = timedelta(days=400_000)  # beyond any session, where those that change places step aside


class RunRefused(Exception):
    """Why a run cannot be published, changed, moved or cancelled. Fit to show."""


@audit.named(Run)
def _names(ids: Iterable[int]) -> dict[int, str]:
    return {run.pk: str(run) for run in Run.objects.filter(pk__in=ids).select_related("course")}


@audit.sentence("run.drafted")
def _drafted(told: audit.Told) -> str:
    return f"planned {told.about} as a draft"


@audit.sentence("run.published")
def _published(told: audit.Told) -> str:
    return f"published {told.about}"


@audit.sentence("run.changed")
def _changed(told: audit.Told) -> str:
    return f"changed the {in_words(told.event.details.get('what', []))} of {told.about}"


@audit.sentence("run.moved")
def _moved(told: audit.Told) -> str:
    return f"changed the dates or places of {told.about}, and {told.detail('told')} people were told"


@audit.sentence("run.cancelled")
def _cancelled(told: audit.Told) -> str:
    return f"cancelled {told.about}, and {told.detail('told')} people were told"


@dataclass(frozen=True)
class Slot:
    """When and where one session is; `session` is the one (by id) that it is to become."""

    starts_at: datetime
    ends_at: datetime
    venue: str
    room: Room | None = None
    join_url: str = ""
    session: int | None = None

    @property
    def facts(self) -> dict[str, object]:
        """The fields of a session."""
        return {name: value for name, value in vars(self).items() if name != "session"}


@dataclass(frozen=True)
class Keeping:
    """Places kept for an agency, or for a kind of agency, until a moment."""

    places: int
    until: datetime
    agency: Agency | None = None
    agency_kind: str = ""


@dataclass(frozen=True)
class Terms:
    """All that is planned of a run apart from its sessions. `cost` is in pounds."""

    capacity: int
    minimum: int = 0
    books_from: datetime | None = None
    books_until: datetime | None = None
    cost: Decimal | None = None
    joining: str = ""
    trainers: Sequence[Person] = ()
    kept: Sequence[Keeping] = ()


WORDS = {
    "minimum": "minimum",
    "books_from": "opening of booking",
    "books_until": "closing of booking",
    "cost": "cost",
    "joining": "joining instructions",
}


@transaction.atomic
def plan_run(
    *, course: Course, slots: Sequence[Slot], capacity: int, trainers: Sequence[Person], by: Person, at: datetime
) -> Run:
    """A published run of one or more sessions. Whoever waits for a date hears of it."""
    return _publish(new_run(course, slots, Terms(capacity, trainers=trainers)), by, at)


@transaction.atomic
def draft_run(*, course: Course, slots: Sequence[Slot], terms: Terms, by: Person, at: datetime) -> Run:
    """A run that only its planners and trainers see. Nobody is told."""
    run = new_run(course, slots, terms)
    audit.record("run.drafted", by=by, at=at, about=run)
    return run


def new_run(course: Course, slots: Sequence[Slot], terms: Terms) -> Run:
    """A draft, of which nothing is recorded yet."""
    facts = {name: getattr(terms, name) for name in ("capacity", *WORDS)}
    run = Run.objects.create(course=course, **facts, **_span(slots))
    run.trainers.set(terms.trainers)
    Session.objects.bulk_create(Session(run=run, **slot.facts) for slot in slots)
    KeptPlaces.objects.bulk_create(KeptPlaces(run=run, **vars(keeping)) for keeping in terms.kept)
    return run


def _span(slots: Sequence[Slot]) -> dict[str, datetime]:
    return {"starts_at": min(slot.starts_at for slot in slots), "ends_at": max(slot.ends_at for slot in slots)}


@transaction.atomic
def publish_run(*, run: Run, by: Person, at: datetime) -> Run:
    """Open a draft for booking. Only those who wait for a date of the course hear of it.

    Raises RunRefused while its course is not published, or once it has begun; WrongState where it is no draft.
    """
    run = bookings.lock(run)
    if not run.course.published:
        raise RunRefused("The course is not published, so nobody would find this run. Publish the course first.")
    if run.has_started(at):
        raise RunRefused("Its first session has begun. Change the dates first.")
    return _publish(run, by, at)


def _publish(run: Run, by: Person, at: datetime) -> Run:
    run.move_to(State.PUBLISHED)
    audit.record("run.published", by=by, at=at, about=run)
    _refresh(run, at)
    interests.tell(run, at)
    return run


def _refresh(run: Run, at: datetime) -> None:
    Course.objects.filter(pk=run.course_id).refresh_next_start(at)


def _still_open(run: Run) -> Run:
    """The run, locked. Raises RunRefused once it is over."""
    run = bookings.lock(run)
    if run.state in OVER:
        raise RunRefused(f"This run is {OVER[run.state]}, so it can no longer be changed.")
    return run


@transaction.atomic
def change_run(*, run: Run, terms: Terms, by: Person, at: datetime) -> Run:
    """Change what is planned of a run apart from its sessions. Places that so become free go to those who wait.

    Raises RunRefused once it is cancelled or closed, CapacityTooLow with more people on it than places.
    """
    run = _still_open(run)
    changed = [*_set_facts(run, terms), *_set_trainers(run, terms), *_set_kept(run, terms)]
    if changed:
        audit.record("run.changed", by=by, at=at, about=run, what=changed)
    if terms.capacity != run.capacity:
        return bookings.change_capacity(run=run, capacity=terms.capacity, by=by, at=at)
    bookings.fill_places(run, by=by, at=at)
    return run


def _set_facts(run: Run, terms: Terms) -> list[str]:
    changed = [name for name in WORDS if getattr(run, name) != getattr(terms, name)]
    for name in changed:
        setattr(run, name, getattr(terms, name))
    if changed:
        run.save(update_fields=changed)
    return [WORDS[name] for name in changed]


def _set_trainers(run: Run, terms: Terms) -> list[str]:
    before = set(run.trainers.all())
    run.trainers.set(terms.trainers)
    return ["trainers"] if before != set(terms.trainers) else []


def _set_kept(run: Run, terms: Terms) -> list[str]:
    before = {Keeping(kept.places, kept.until, kept.agency, kept.agency_kind) for kept in run.kept_places.all()}
    if before == set(terms.kept):
        return []
    run.kept_places.all().delete()
    KeptPlaces.objects.bulk_create(KeptPlaces(run=run, **vars(keeping)) for keeping in terms.kept)
    return ["places kept"]


@dataclass(frozen=True)
class Hearers:
    """Who hears of it if a run is moved or cancelled: how many with a place or an offer, waiting, and training."""

    booked: int
    waiting: int
    trainers: int

    @property
    def all(self) -> int:
        return self.booked + self.waiting + self.trainers

    def __str__(self) -> str:
        """'3 people with a place, 1 in the queue and 1 trainer', without those who are none."""
        with_a_place = plural(self.booked, "person", "people") + " with a place"
        parts = {with_a_place: self.booked, f"{self.waiting} in the queue": self.waiting}
        parts[plural(self.trainers, "trainer")] = self.trainers
        return in_words([words for words, count in parts.items() if count])


def hearers(run: Run) -> Hearers:
    """Of a draft, nobody has heard."""
    if run.state == State.DRAFT:
        return Hearers(0, 0, 0)
    holding, queued = Q(state__in=Booking.HOLDING), Q(state=Booking.State.QUEUED)
    counts = run.bookings.aggregate(booked=Count("pk", filter=holding), waiting=Count("pk", filter=queued))
    return Hearers(**counts, trainers=run.trainers.count())


@transaction.atomic
def move_run(*, run: Run, slots: Sequence[Slot], by: Person, at: datetime) -> Run:
    """Give a run these sessions: each `slot` changes the session that it names, or is a new one; others go.

    Everyone with a place or in the queue and every trainer is told once, unless it is a draft or nothing changed; then
    giving a place up costs nothing any more. Raises RunRefused once it is cancelled or closed, or for a session
    that has begun.
    """
    run = _still_open(run)
    before = {session.pk: session for session in run.sessions.select_related("room")}
    changed = _changed_slots(before, slots)
    gone = before.keys() - {slot.session for slot in slots}
    if not changed and not gone:
        return run
    _refuse_begun([before[pk] for pk in (*gone, *(slot.session for slot in changed if slot.session))], at)
    _set_sessions(run, changed, gone)
    for name, value in _span(slots).items():
        setattr(run, name, value)
    run.save(update_fields=["starts_at", "ends_at"])
    _refresh(run, at)
    audit.record("run.moved", by=by, at=at, about=run, told=hearers(run).all)
    if run.state == State.PUBLISHED:
        _tell_of_move(run, gone, at)
    return run


def _changed_slots(before: dict[int, Session], slots: Sequence[Slot]) -> list[Slot]:
    """Those that are new, or say something else than the session of that id."""

    def says_else(slot: Slot) -> bool:
        session = before.get(slot.session)
        return session is None or any(getattr(session, name) != value for name, value in slot.facts.items())

    known = [slot if slot.session in before else replace(slot, session=None) for slot in slots]
    return [slot for slot in known if says_else(slot)]


def _refuse_begun(sessions: Iterable[Session], at: datetime) -> None:
    if any(session.starts_at <= at for session in sessions):
        raise RunRefused("A session that has begun can no longer be moved or left out.")


def _set_sessions(run: Run, changed: Sequence[Slot], gone: Iterable[int]) -> None:
    """Sessions stay the same rows, so that calendars know them again; two may change places."""
    run.sessions.filter(pk__in=gone).delete()
    kept = run.sessions.filter(pk__in=[slot.session for slot in changed if slot.session])
    kept.update(starts_at=F("starts_at") + FAR_OFF, ends_at=F("ends_at") + FAR_OFF)
    for slot in changed:
        if slot.session:
            run.sessions.filter(pk=slot.session).update(**slot.facts)
    Session.objects.bulk_create(Session(run=run, **slot.facts) for slot in changed if not slot.session)


def _tell_of_move(run: Run, gone: Iterable[int], at: datetime) -> None:
    run.bookings.live().update(calendar_sequence=F("calendar_sequence") + 1, free_until_days=0)
    emails.moved(run, list(run.bookings.live()), list(gone), at)


@transaction.atomic
def cancel_run(*, run: Run, reason: str, by: Person, at: datetime) -> Run:
    """Cancel a run, for a reason that people read. Bookings end without a charge, decisions about them are no longer
    needed, and everyone with a place or in the queue and every trainer is told once; of a draft, nobody.

    Raises RunRefused once it is cancelled or closed, or somebody was marked on its register.
    """
    run = _still_open(run)
    if Attendance.objects.filter(session__run=run).exists():
        raise RunRefused("A register of this run has been taken. Close it instead.")
    told = hearers(run)
    was_published = run.state == State.PUBLISHED
    run.move_to(State.CANCELLED)
    Run.objects.filter(pk=run.pk).update(cancel_reason=reason)
    ended = _end_bookings(run, by, at)
    _refresh(run, at)
    audit.record("run.cancelled", by=by, at=at, about=run, told=told.all)
    if was_published:
        emails.cancelled(run, ended, at)
    return run


def _end_bookings(run: Run, by: Person, at: datetime) -> list[Booking]:
    live = list(run.bookings.live())
    for booking in live:
        sequence = booking.calendar_sequence + 1
        booking.move_to(Booking.State.CANCELLED, ended_at=at, calendar_sequence=sequence)
    waiting = Approval.objects.waiting().filter(booking__in=live)
    waiting.update(state=Approval.State.DROPPED, decided_at=at)
    fees = Charge.objects.standing().filter(booking__in=live, kind=Charge.Kind.FEE)
    fees.update(waived_at=at, waived_by=by, waiver_reason="The run was cancelled")
    return live
