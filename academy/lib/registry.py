"""What each app offers to the frame: work that falls due, lines for 'your list' and sections below it, access roles,
reports, measures.

Apps register here when Django starts; the frame reads. So upper apps are never imported by lower ones, and there
is one tick and one list.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection


@dataclass(frozen=True)
class Todo:
    """One line of 'your list': what to do, where, and by when."""

    text: str
    url: str
    due: date | None = None
    detail: str = ""


@dataclass(frozen=True)
class Line:
    """One line of a section: something worth knowing, and the page that it opens."""

    text: str
    url: str
    detail: str = ""
    tag: str = ""
    colour: str = "grey"


@dataclass(frozen=True)
class Tile:
    """One figure of a section: what it counts, of what and when, how, and the page with the people behind it."""

    label: str
    number: str
    detail: str
    how: str
    people: str = ""


@dataclass(frozen=True)
class Section:
    """What whoever holds an access role wants to see in the morning, under a heading; at most a handful of lines.

    `nothing` is said where there is neither line nor tile. `more` is an address and the words of the link to it.
    """

    title: str
    lines: list[Line] = field(default_factory=list)
    tiles: list[Tile] = field(default_factory=list)
    nothing: str = ""
    more: tuple[str, str] | None = None

    @property
    def says_something(self) -> bool:
        return bool(self.lines or self.tiles or self.nothing)


@dataclass(frozen=True)
class Report:
    """Rows under named columns, with everything needed to read them later."""

    title: str
    columns: list[str]
    rows: list[list[Any]]
    data: Mapping[str, Any]
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Figure:
    """One value of a measure, with what it was worked out from."""

    label: str
    numerator: Decimal | int | None
    denominator: Decimal | int | None
    value: Decimal | int | None
    unrounded: Decimal | None


@dataclass(frozen=True)
class Due:
    """Work that falls due: `do(at)` does what is due by `at`, is safe to repeat, and returns counts."""

    order: int
    what: str
    do: Callable[[datetime], Mapping[str, int]]
    catches_up: bool = False


@dataclass(frozen=True)
class Measure:
    """A figure with a key, a version and a definition; `compute(as_at, known_at, by)` gives its values."""

    key: str
    version: int
    label: str
    definition: str
    compute: Callable[[date, date, str | None], list[Figure]]
    breakdowns: tuple[str, ...] = ()


DueWork = Callable[[datetime], Mapping[str, int]]
TodoSource = Callable[[Any, date], Iterable[Todo]]
SectionMaker = Callable[[Any, date], Section]
MergeStep = Callable[[Any, Any, Any, datetime], list[str]]
Why = Callable[[Any, Any, date], Iterable[str]]
ReportMaker = Callable[[date | None, date, date], Report]

_due: list[Due] = []
_todo: list[tuple[frozenset[str], TodoSource]] = []
_sections: list[tuple[int, frozenset[str], SectionMaker]] = []
_roles: list[str] = []
_integrity: list[Callable[[], Iterable[str]]] = []
_merge_steps: list[MergeStep] = []
_reasons: list[tuple[type, str, "Why"]] = []
shown_at: dict[str, type] = {}  # what the page of that name shows, for those who paste its address
reports: dict[str, ReportMaker] = {}
measures: dict[str, Measure] = {}


def due(order: int, what: str, *, catches_up: bool = False) -> Callable[[DueWork], DueWork]:
    """Register `work(at)`, which an administrator knows as `what`. Lower orders run first.

    Work that `catches_up` does the same after three days at once as after each of them.
    """

    def register(work: DueWork) -> DueWork:
        _due.append(Due(order, what, work, catches_up))
        _due.sort(key=lambda item: item.order)
        return work

    return register


def todo(*roles: str) -> Callable[[TodoSource], TodoSource]:
    """Register `source(person, on)`: the lines of 'your list' of a person who holds any of these access roles.

    Each may take one bounded query.
    """

    def register(source: TodoSource) -> TodoSource:
        _todo.append((frozenset(roles), source))
        return source

    return register


def section(order: int, *roles: str) -> Callable[[SectionMaker], SectionMaker]:
    """Register `make(person, on)`: a section of the first page of a person who holds any of these access roles.

    Lower orders stand first. Each may take one bounded query, and one for what the person answers for.
    """

    def register(make: SectionMaker) -> SectionMaker:
        _sections.append((order, frozenset(roles), make))
        _sections.sort(key=lambda item: item[0])
        return make

    return register


def roles(query: str) -> None:
    """Register a SELECT of one column: the access roles that this app's own rows give %(person)s on the day %(on)s.

    SQL, because every page asks: one query for all apps took 1 ms where a queryset for each took 5.
    """
    _roles.append(query)


def reason(of: type, what: str) -> Callable[[Why], Why]:
    """Register `why(viewer, thing, on)`: a sentence for each rule of one's own by which `viewer` sees `what` of a
    thing of that kind, and none where there is no such rule. Rules under the same `what` open the same.

    It says no more and no less than the querysets allow; tests compare.
    """

    def register(why: Why) -> Why:
        _reasons.append((of, what, why))
        return why

    return register


def integrity(check: Callable[[], Iterable[str]]) -> Callable[[], Iterable[str]]:
    """Register a check that yields one sentence for each broken invariant it finds."""
    _integrity.append(check)
    return check


def merging(step: MergeStep) -> MergeStep:
    """Register what an app settles before two records of one person become one.

    `step(kept, absorbed, by, at)` ends what one person cannot have twice, and returns sentences about it.
    """
    _merge_steps.append(step)
    return step


def merge_steps() -> tuple[MergeStep, ...]:
    """What every app settles first."""
    return tuple(_merge_steps)


def report(name: str) -> Callable[[ReportMaker], ReportMaker]:
    """Register `make(start, as_at, known_at)` under a name that scripts call."""

    def register(make: ReportMaker) -> ReportMaker:
        reports[name] = make
        return make

    return register


def measure(new: Measure) -> Measure:
    """Register a measure under its key."""
    measures[new.key] = new
    return new


def run_due(at: datetime, *, all_of_it: bool = True) -> dict[str, int]:
    """Do everything that is due by `at`, in order, once; or leave out what catches up later. Returns counts by name."""
    done: Counter[str] = Counter()
    for item in _due:
        if all_of_it or not item.catches_up:
            done.update(item.do(at))
    return dict(done)


def due_work() -> tuple[Due, ...]:
    """Everything that a tick does, in order."""
    return tuple(_due)


def todos(person: Any, roles: set[str], on: date) -> list[Todo]:
    """Everything that `person`, who holds these access roles, owes on that day, soonest first."""
    lines = [line for held_by, source in _todo if held_by & roles for line in source(person, on)]
    return sorted(lines, key=lambda line: (line.due or date.max, line.text))


def sections(person: Any, roles: set[str], on: date) -> list[Section]:
    """What `person`, who holds these access roles, wants to see that day, in order; those with nothing to say left
    out."""
    made = [make(person, on) for _, held_by, make in _sections if held_by & roles]
    return [section for section in made if section.says_something]


def roles_of(person: Any, on: date) -> set[str]:
    """Every access role that `person` holds on that day. One query."""
    with connection.cursor() as cursor:
        cursor.execute(" UNION ".join(_roles), {"person": person.pk, "on": on})
        return {role for (role,) in cursor.fetchall()}


def roles_sql(person: str, on: str) -> str:
    """The same as SQL, for a query about many people: a SELECT of the access roles of whoever the expression `person`
    names, on the day that `on` names."""
    return " UNION ".join(_roles).replace("%(person)s", person).replace("%(on)s", on)


def reasons(viewer: Any, thing: Any, on: date) -> dict[str, list[str]]:
    """Why `viewer` sees what there is of `thing` that day: sentences by what they open, none for what is shut."""
    found: dict[str, list[str]] = {}
    for of, what, why in _reasons:
        if isinstance(thing, of):
            found.setdefault(what, []).extend(why(viewer, thing, on))
    return found


def broken_invariants() -> list[str]:
    """One sentence for each broken invariant, from every app."""
    return [problem for check in _integrity for problem in check()]
