"""Recording what people did, in the transaction in which they did it; and telling it in words.

Each app registers one sentence for each kind of event beside the code that records it, and how what it is about is
named. Names are looked up when events are read, one query for each type of thing, so none is kept here.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime

from django.db import models

from partners.models import Agency, AuditEvent, Person, Team

ERASED = "someone who has been erased"
GONE = "something that is no longer there"
NOBODY = "the academy itself"
PERSON = Person._meta.label_lower

# Asks who sits there, where an administrator acts as somebody else; set for each request by partners.access.
hand: ContextVar[Callable[[], Person | None] | None] = ContextVar("hand", default=None)


class UnknownKind(LookupError):
    """Nobody registered a sentence for this kind of event, so nobody could read what happened."""


@dataclass(frozen=True)
class Told:
    """An event as its sentence may tell it: with the names that people and things have now."""

    event: AuditEvent
    names: Mapping[tuple[str, int], str]

    @property
    def person(self) -> str:
        """Whom it concerns; 'nobody' where it concerns none."""
        return self.named(PERSON, self.event.person_id) if self.event.person_id else "nobody"

    @property
    def about(self) -> str:
        """What it was done to."""
        return self.named(self.event.object_type, self.event.object_id)

    def detail(self, key: str) -> str:
        """A fact that was recorded, by its name where the kind said that it is an id."""
        value = self.event.details.get(key)
        of = _kinds[self.event.kind].names.get(key)
        return self.named(of, value) if of and value else str(value if value is not None else "")

    @property
    def for_other(self) -> str:
        """' for Sam Reed' where somebody did it for another; nothing where it was for themselves."""
        return "" if self.event.person_id == self.event.by_id else f" for {self.person}"

    def own(self, thing: str) -> str:
        """'the place' where people did it to their own; else 'Sam Reed’s place'."""
        return f"the {thing}" if self.event.person_id == self.event.by_id else f"{self.person}’s {thing}"

    def named(self, of: str, pk: int) -> str:
        return self.names.get((of, pk)) or (ERASED if of == PERSON else GONE)


Tell = Callable[[Told], str]
Namer = Callable[[Iterable[int]], Mapping[int, str]]


@dataclass(frozen=True)
class Kind:
    """One kind of event: its sentence without the one who did it, and which of its details are ids of what."""

    tell: Tell
    names: Mapping[str, str] = field(default_factory=dict)


_kinds: dict[str, Kind] = {}
_namers: dict[str, Namer] = {}


def sentence(kind: str, **names: type[models.Model]) -> Callable[[Tell], Tell]:
    """Register what events of that kind say after the name of whoever did it: 'gave up the place on …'.

    `names` says which details are ids, of which model.
    """

    def register(tell: Tell) -> Tell:
        _kinds[kind] = Kind(tell, {key: model._meta.label_lower for key, model in names.items()})
        return tell

    return register


def named(model: type[models.Model]) -> Callable[[Namer], Namer]:
    """Register `names(ids)`, which gives what things of that model are called, in one query."""

    def register(names: Namer) -> Namer:
        _namers[model._meta.label_lower] = names
        return names

    return register


def _called(model: type[models.Model]) -> None:
    named(model)(lambda ids: {item.pk: str(item) for item in model._base_manager.filter(pk__in=ids)})


for _model in (Person, Agency, Team):
    _called(_model)


def kinds() -> frozenset[str]:
    """Every kind of event that can be recorded and read."""
    return frozenset(_kinds)


@contextmanager
def by_own_hand() -> Iterator[None]:
    """Within it nobody acts as anybody: what an administrator records about acting itself."""
    token = hand.set(None)
    try:
        yield
    finally:
        hand.reset(token)


def record(
    kind: str, *, by: Person | None, at: datetime, about: models.Model, person: Person | None = None, **details: object
) -> None:
    """Write one audit event: `by` (None: the academy itself) did `kind` to `about`, concerning `person`.

    Where an administrator acts as `by`, the event keeps both. Raises UnknownKind.
    """
    if kind not in _kinds:
        raise UnknownKind(f"Register a sentence for '{kind}' with audit.sentence, beside the code that records it.")
    asks = hand.get()
    AuditEvent.objects.create(
        kind=kind,
        by=by,
        acting=asks() if asks and by else None,
        at=at,
        person=person,
        object_type=about._meta.label_lower,
        object_id=about.pk,
        details=details,
    )


@dataclass(frozen=True)
class Line:
    """One event in plain words, and what else one may ask about it: pairs of a name and what to look for."""

    event: AuditEvent
    text: str
    people: list[tuple[str, int]]


def told(events: Iterable[AuditEvent]) -> list[Line]:
    """Events in plain words, with one query for each type of thing that they name."""
    events = list(events)
    wanted: dict[str, set[int]] = defaultdict(set)
    for event in events:
        for of, pk in _named_in(event):
            wanted[of].add(pk)
    names = {(of, pk): name for of, ids in wanted.items() if of in _namers for pk, name in _namers[of](ids).items()}
    return [_line(event, names) for event in events]


def _people(event: AuditEvent) -> list[int]:
    """Whom an event names, each once, the one who did it first."""
    return [pk for pk in dict.fromkeys((event.acting_id, event.by_id, event.person_id)) if pk]


def _named_in(event: AuditEvent) -> Iterator[tuple[str, int]]:
    yield from ((PERSON, pk) for pk in _people(event))
    if event.object_id:
        yield event.object_type, event.object_id
    kind = _kinds.get(event.kind)
    for key, of in kind.names.items() if kind else ():
        if event.details.get(key):
            yield of, event.details[key]


def _line(event: AuditEvent, names: Mapping[tuple[str, int], str]) -> Line:
    told, kind = Told(event, names), _kinds.get(event.kind)
    who = told.named(PERSON, event.by_id) if event.by_id else NOBODY
    if event.acting_id:
        who = f"{told.named(PERSON, event.acting_id)}, as {who},"
    did = kind.tell(told) if kind else f"did what is no longer done here ({event.kind})"
    people = [(names[PERSON, pk], pk) for pk in _people(event) if (PERSON, pk) in names]
    return Line(event, f"{who[:1].upper()}{who[1:]} {did}.", people)
