"""What somebody says of their own learning: added, changed and taken away again, with the file that shows it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from courses.models import Evidence, Learning, PracticeTheme
from partners import audit
from partners.models import Person

audit.named(Learning)(lambda ids: dict.fromkeys(ids, "own learning"))


@audit.sentence("learning.added")
def _told_added(told: audit.Told) -> str:
    return "added a piece of own learning"


@audit.sentence("learning.changed")
def _told_changed(told: audit.Told) -> str:
    return "changed a piece of own learning"


@audit.sentence("learning.deleted")
def _told_deleted(told: audit.Told) -> str:
    return "deleted a piece of own learning"


@dataclass(frozen=True)
class File:
    """A file that was looked into, and its safe name."""

    name: str
    kind: str
    content: bytes


@transaction.atomic
def add(
    *, person: Person, facts: Mapping[str, Any], themes: Iterable[PracticeTheme] = (), file: File | None, at: datetime
) -> Learning:
    """A new piece of somebody's own learning, with its evidence if there is any. `facts` are fields of Learning.

    Audited without what it says.
    """
    made = Learning.objects.create(person=person, recorded_at=at, changed_at=at, **facts)
    made.themes.set(themes)
    _attach(made, file, at)
    audit.record("learning.added", by=person, at=at, about=made, person=person)
    return made


@transaction.atomic
def change(
    *,
    learning: Learning,
    facts: Mapping[str, Any],
    themes: Iterable[PracticeTheme] = (),
    file: File | None,
    drop_file: bool = False,
    at: datetime,
) -> None:
    """Say something else of it. A file takes the place of the one before; `drop_file` takes that away. Audited."""
    Learning.objects.filter(pk=learning.pk).update(changed_at=at, **facts)
    learning.themes.set(themes)
    if drop_file and not file:
        Evidence.objects.filter(learning=learning).delete()
    _attach(learning, file, at)
    audit.record("learning.changed", by=learning.person, at=at, about=learning, person=learning.person)


@transaction.atomic
def delete(*, learning: Learning, at: datetime) -> None:
    """Take a piece of own learning away, and its evidence. Audited."""
    audit.record("learning.deleted", by=learning.person, at=at, about=learning, person=learning.person)
    learning.delete()


def _attach(learning: Learning, file: File | None, at: datetime) -> None:
    if file:
        Evidence.objects.update_or_create(learning=learning, defaults={**vars(file), "sent_at": at})
