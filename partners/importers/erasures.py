"""Files of people that name somebody who is being erased: those that wait for a decision are given up, and of those
that were taken in the file is forgotten, and what is said of its lines.

Otherwise the name would stay there, and might be taken in again after all.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from academy.lib.rows import FileRefused
from academy.lib.sheets import every_line
from academy.lib.text import sort_key
from partners import audit
from partners.models import Employment, Import, Person, PersonVersion
from partners.models.imports import none_at_work

S = Import.State
WAITING = (S.READING, S.MATCHING, S.CHECKING, S.CHECKED)
NOTE = (
    "Somebody whom this file names was erased from the academy after it was sent, so it was given up. "
    "Take them out of the list and send it again."
)
Words = frozenset[str]


@audit.sentence("import.given_up")
def _told_given_up(told: audit.Told) -> str:
    return f"gave up the import of the file {told.about}, which named somebody who was erased"


def clear_the_way(people: Sequence[Person], *, by: Person | None, at: datetime) -> bool:
    """Cancel the imports that nobody has confirmed and whose files name these people, or cannot be read. Audited.
    Forget the files that were taken in and name them.

    Call it in the transaction that erases them, and before it does: until that ends no import begins, and whoever goes
    on with one of those waits and finds it cancelled. False, and nothing is done, where one is being taken in or about
    to be: it would write the name again.
    """
    if not none_at_work():
        return False
    loads = list(Import.objects.filter(state__in=[*WAITING, S.IMPORTING]).select_for_update(of=("self",)))
    if any(load.state == S.IMPORTING for load in loads):
        return False
    kept = Import.objects.filter(ended_at__isnull=False).exclude(file=b"")
    telling = _telling(people) if loads or kept.exists() else {}
    for load in loads:
        if telling and _names_any(load, telling):
            _give_up(load, by, at)
    for load in kept.iterator(chunk_size=10) if telling else ():
        if _names_any(load, telling):
            _forget(load)
    return True


def _give_up(load: Import, by: Person | None, at: datetime) -> None:
    load.move_to(S.CANCELLED, ended_at=at, file=b"", sheet={}, findings={}, notes=[NOTE], lease_until=None)
    load.lines.all().delete()
    audit.record("import.given_up", by=by, at=at, about=load)


def _forget(load: Import) -> None:
    """What is kept so that wrong lines can be put right. Undoing the import needs none of it."""
    Import.objects.filter(pk=load.pk).update(file=b"", sheet={}, findings={}, notes=[])
    load.lines.filter(person=None).delete()


def _names_any(load: Import, telling: dict[str, list[Words]]) -> bool:
    try:
        return any(_tells(_words(*cells), telling) for cells in every_line(bytes(load.file)))
    except FileRefused:
        return True


def _tells(words: Words, telling: dict[str, list[Words]]) -> bool:
    return any(needed <= words for word in words & telling.keys() for needed in telling[word])


def _words(*texts: str) -> Words:
    return frozenset(_BETWEEN.split(sort_key(*texts))) - {""}


_BETWEEN = re.compile(r"[\s,;:<>()\[\]\"|/=]+")


def _telling(people: Sequence[Person]) -> dict[str, list[Words]]:
    """Words that together name one of these people where they stand on one line, by one of them."""
    found: dict[str, list[Words]] = defaultdict(list)
    for needed in _ways_to_name(people):
        if needed:
            found[max(needed, key=len)].append(needed)
    return found


def _ways_to_name(people: Sequence[Person]) -> Iterator[Words]:
    """An address or a registration number; a first and last name, now or before; either with an employee number."""
    names: dict[int, set[tuple[str, str]]] = defaultdict(set)
    for person in people:
        names[person.pk].add((person.given_name, person.family_name))
        yield from (_words(person.email), _words(person.email_refused), _words(person.swe_number))
    for version in PersonVersion.objects.filter(identity__in=people).order_by():
        names[version.identity_id].add((version.given_name, version.family_name))
        yield _words(version.email)
    for given, family in {name for several in names.values() for name in several}:
        if family:
            yield frozenset({*list(_words(*given.split()[:1])), *_words(family)})
    spells = Employment.objects.filter(person__in=people).exclude(employee_number="")
    for person, number in spells.values_list("person", "employee_number").order_by().distinct():
        yield from _numbered(number, names[person])


def _numbered(number: str, names: Iterable[tuple[str, str]]) -> Iterator[Words]:
    """The number, as it is or without the zeros that a spreadsheet takes away, with either name."""
    for text in {number, number.lstrip("0")} - {""}:
        for given, family in names:
            yield from (_words(text) | _words(name) for name in (*given.split()[:1], family) if name)
