"""Making two records of one human being one, and two again where that was wrong."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, models, transaction

from academy.lib import registry
from academy.lib.dates import london_day
from partners import audit
from partners.actions import accounts, search
from partners.models import Grant, Merge, NotDuplicates, Person, PersonVersion, User
from partners.models.imports import none_at_work
from partners.models.versions import mark_current

# Who did something stays who did it, and what was merged stays told; accounts are closed and opened, never moved.
_STAYS = {"partners.AuditEvent", "partners.Merge", "partners.NotDuplicates", "partners.ImportLine", "partners.User"}
_HELD = ("email", "swe_number", "access_needs")


class CannotMerge(Exception):
    """These two records cannot be made one. Fit to show."""


@audit.sentence("person.merged")
def _told_merged(told: audit.Told) -> str:
    return f"made a second record part of {told.person}"


@audit.sentence("person.merge_undone")
def _told_undone(told: audit.Told) -> str:
    return f"made two records of {told.person} again"


@audit.sentence("person.told_apart", other=Person)
def _told_apart(told: audit.Told) -> str:
    return f"said that {told.person} and {told.detail('other')} are two people"


@dataclass
class Preview:
    """What a merge does: sentences, and how many rows move, by what they are."""

    told: list[str] = field(default_factory=list)
    moved: dict[str, int] = field(default_factory=dict)
    stays: dict[str, int] = field(default_factory=dict)


class _Undo(Exception):
    """Ends a preview."""


def preview(*, kept: Person, absorbed: Person, by: Person, at: datetime) -> Preview:
    """What merging would do: it is done, told and undone. Raises CannotMerge."""
    seen = Preview()
    try:
        with transaction.atomic():
            merge(kept=kept, absorbed=absorbed, by=by, at=at, reason="", told=seen)
            raise _Undo
    except _Undo:
        return seen


@transaction.atomic
def merge(
    *, kept: Person, absorbed: Person, by: Person, at: datetime, reason: str, told: Preview | None = None
) -> Merge:
    """Give `kept` everything that points at `absorbed`, which is shown nowhere from then on. Audited.

    First every app settles what one person cannot have twice. A row that the database refuses to one person twice
    stays with the absorbed record, so that nothing is lost. Raises CannotMerge.
    """
    told = told if told is not None else Preview()
    _refuse_during_import()
    kept, absorbed = _locked(kept, absorbed)
    _refuse(kept, absorbed, by, at)
    for step in registry.merge_steps():
        told.told += step(kept, absorbed, by, at)
    before = {str(person.pk): {name: getattr(person, name) for name in _HELD} for person in (kept, absorbed)}
    made = Merge.objects.create(kept=kept, absorbed=absorbed, by=by, at=at, reason=reason, before=before)
    _hand_over(kept, absorbed)
    made.moved = {name: ids for name, ids in _move_all(absorbed, kept, told) if ids}
    made.save(update_fields=["moved"])
    _settle(kept, absorbed, at)
    audit.record("person.merged", by=by, at=at, about=made, person=kept, absorbed=absorbed.pk)
    return made


@transaction.atomic
def undo(*, merge: Merge, by: Person, at: datetime) -> None:
    """Give the absorbed record back what was moved from it and is still where it was moved to. Audited.

    What came to the kept record since stays there. Raises CannotMerge where it was undone before.
    """
    _refuse_during_import()
    kept, absorbed = _locked(merge.kept, merge.absorbed)
    merge = Merge.objects.get(pk=merge.pk)
    if not merge.before:
        raise CannotMerge("This is too long ago to be undone, or somebody has been erased since.")
    if kept.merged_into_id:
        raise CannotMerge(f"The record of {kept.name} has become part of another since. Undo that first.")
    if not Merge.objects.filter(pk=merge.pk, undone_at=None).update(undone_at=at):
        raise CannotMerge("This has been undone before.")
    for relation in _relations():
        ids = merge.moved.get(_label(relation), [])
        name = relation.field.name
        for row in relation.related_model._base_manager.filter(pk__in=ids, **{name: kept}):
            _point(row, name, absorbed)
    for person in (kept, absorbed):
        for name, value in merge.before[str(person.pk)].items():
            changed_since = person is kept and getattr(person, name) != _merged(merge, name)
            setattr(person, name, getattr(person, name) if changed_since else value)
    absorbed.merged_into = None
    for person in (kept, absorbed):  # one after the other: a number belongs to one person at a time
        person.save(update_fields=[*_HELD, "merged_into"])
    _settle(kept, absorbed, at)
    audit.record("person.merge_undone", by=by, at=at, about=merge, person=kept, absorbed=absorbed.pk)


def tell_apart(*, one: Person, other: Person, by: Person, at: datetime) -> None:
    """Say that two people are two, so that nobody is asked again. Audited."""
    first, second = sorted((one, other), key=lambda person: person.pk)
    with transaction.atomic():
        _, is_new = NotDuplicates.objects.get_or_create(one=first, other=second, defaults={"by": by, "at": at})
        if is_new:
            audit.record("person.told_apart", by=by, at=at, about=first, person=first, other=second.pk)


def _refuse_during_import() -> None:
    """An import knows people from its beginning to its end. Raises CannotMerge."""
    if not none_at_work():
        raise CannotMerge("A file of people is being taken in just now. Try again in a minute.")


def _locked(*people: Person) -> list[Person]:
    """The same people, read anew under a lock; in the order of ids, so that two merges never wait for each other."""
    found = {
        person.pk: person
        for person in Person.objects.select_for_update(no_key=True)
        .filter(pk__in=[person.pk for person in people])
        .order_by("pk")
    }
    return [found[person.pk] for person in people]


def _may_be_moved(person: Person, by: Person, at: datetime) -> bool:
    return Person.objects.may_be_moved_by(by, london_day(at)).filter(pk=person.pk).exists()


def _refuse(kept: Person, absorbed: Person, by: Person, at: datetime) -> None:
    if kept.pk == absorbed.pk:
        raise CannotMerge("This is one record already.")
    if kept.merged_into_id or absorbed.merged_into_id:
        raise CannotMerge("One of these records has been merged with another already.")
    if Grant.objects.held_by(absorbed, london_day(at)).exists():
        raise CannotMerge(f"{absorbed.name} holds an access role by this record. Keep it, and merge the other into it.")
    if absorbed.email and not kept.email and not _may_be_moved(kept, by, at):
        raise CannotMerge(
            f"{kept.name} is an administrator without an address, and would sign in with the other record’s. "
            "Only import_people may give an administrator an address."
        )
    if kept.swe_number and absorbed.swe_number:
        raise CannotMerge(
            f"These records have two Social Work England numbers, {kept.swe_number} and {absorbed.swe_number}: "
            "they are two people, or one of the numbers is wrong."
        )


def _hand_over(kept: Person, absorbed: Person) -> None:
    """What a person has once: the kept record's, or else the absorbed one's."""
    needs = dict.fromkeys(text for text in (kept.access_needs, absorbed.access_needs) if text)
    kept.email, kept.swe_number = kept.email or absorbed.email, kept.swe_number or absorbed.swe_number
    kept.access_needs = "\n".join(needs)
    absorbed.email = absorbed.swe_number = absorbed.access_needs = ""
    absorbed.merged_into = kept
    User.objects.filter(person=absorbed).update(email=None, is_active=False)
    for person in (absorbed, kept):
        person.save(update_fields=[*_HELD, "merged_into"])


def _merged(merge: Merge, name: str) -> str:
    """What the kept record held of `name` once they were merged."""
    kept, absorbed = (merge.before[str(pk)][name] for pk in (merge.kept_id, merge.absorbed_id))
    if name == "access_needs":
        return "\n".join(dict.fromkeys(text for text in (kept, absorbed) if text))
    return kept or absorbed


def _settle(kept: Person, absorbed: Person, at: datetime) -> None:
    """What follows from where things are now: versions, accounts, the words by which people are found."""
    mark_current(PersonVersion, [kept.pk, absorbed.pk])
    accounts.open_accounts([kept, absorbed], at=at)
    search.refresh([kept.pk, absorbed.pk])


def _relations() -> Iterator[Any]:
    """Everything that points at a person, in whichever app, but for what stays."""
    for relation in Person._meta.get_fields(include_hidden=True):
        points = relation.auto_created and not relation.concrete and not relation.many_to_many
        if points and relation.related_model is not Person and relation.related_model._meta.label not in _STAYS:
            yield relation


def _label(relation: Any) -> str:
    return f"{relation.related_model._meta.label}.{relation.field.name}"


def _move_all(absorbed: Person, kept: Person, told: Preview) -> Iterator[tuple[str, list[int]]]:
    PersonVersion.objects.filter(identity=absorbed).update(is_current=False)
    for relation in _relations():
        rows = list(relation.related_model._base_manager.filter(**{relation.field.name: absorbed}))
        moved = [row.pk for row in rows if _point(row, relation.field.name, kept)]
        words = str(relation.related_model._meta.verbose_name_plural)
        for counts, count in ((told.moved, len(moved)), (told.stays, len(rows) - len(moved))):
            if count:
                counts[words] = counts.get(words, 0) + count
        yield _label(relation), moved


def _point(row: models.Model, name: str, person: Person) -> bool:
    """Let a row point at another person; False where the database refuses that to one person twice."""
    rows = type(row)._base_manager.filter(pk=row.pk)
    try:
        with transaction.atomic():
            rows.update(**{name: person})
    except IntegrityError:
        return False
    return True
