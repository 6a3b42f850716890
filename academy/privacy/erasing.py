"""Erasing people: on request, by the schedule, and again after an older backup was restored."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.text import capfirst

from academy.lib.text import plural, sort_key
from academy.privacy import ledger, schedule
from academy.privacy.models import ERASED_NAME, Erasure, Hold, held_people
from academy.privacy.wiping import wipe
from courses.actions import bookings
from courses.models import Booking
from partners import audit
from partners.importers.erasures import clear_the_way
from partners.models import Person
from partners.models.imports import none_at_work

Rule = Erasure.Rule


@audit.sentence("person.erased")
def _told_erased(told: audit.Told) -> str:
    return "erased somebody"


BEING_TAKEN_IN = "A file of people is being taken in just now. Try again in a minute."


class CannotErase(Exception):
    """Why somebody is not erased. Fit to show."""


@dataclass(frozen=True)
class Share:
    """One line of what erasing somebody does: of which records, how many, what goes, and what stays and why."""

    title: str
    count: str
    goes: str
    end: str


def preview(person: Person) -> list[Share]:
    """What erasing this person would do, record by record, in the schedule's order."""
    about = [record for record in schedule.load().in_use if record.person]
    counts = [(record, record.rows_of([person.pk]).count()) for record in about]
    return [
        Share(record.title, plural(n, "row"), _goes(record), record.erased or record.end) for record, n in counts if n
    ]


def _goes(record: schedule.Record) -> str:
    if any(not rule.where for rule in record.rules("delete").values()):
        return "Everything"
    fields = schedule.own_fields(record.cls)
    names = [str(fields[name].verbose_name) for name in (*record.rules("delete"), *record.rules("erase"))]
    return capfirst(", ".join(names)) or "Nothing"


def places_to_come(person: Person, at: datetime) -> QuerySet[Booking]:
    """Places, and places in queues, that erasing gives up."""
    return Booking.objects.live().filter(person=person, run__starts_at__gt=at).select_related("run__course")


@transaction.atomic
def erase(*, person: Person, by: Person | None, at: datetime, reason: str, rule: str = Rule.REQUEST) -> Erasure:
    """Take everything that tells who this is out of the academy; what is counted stays, on a record without a name.

    Written to the ledger first, so that it is done in the end whatever dies meanwhile. Places to come go to the next
    in the queue; files of people that wait for a decision and name them are given up. Nobody is told: there is no
    address left. Audited without a name. Raises CannotErase where a hold keeps them, while an import is at work, where
    it was done before, where they are who asks, or where the reason names them; and ledger.CannotWrite.
    """
    if not none_at_work():
        raise CannotErase(BEING_TAKEN_IN)
    person = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    if why := _why_not(person, by, reason):
        raise CannotErase(why)
    people = _with_absorbed([person])
    if not clear_the_way(people, by=by, at=at):
        raise CannotErase(BEING_TAKEN_IN)
    ledger.write(ledger.Line(each.uuid, each.pk, at, rule) for each in people)
    _give_up_places(person, by=by, at=at)
    _erase(people, by=by, at=at, reason=reason, rule=rule)
    return Erasure.objects.get(record=person.uuid)


def _give_up_places(person: Person, *, by: Person | None, at: datetime) -> None:
    for booking in places_to_come(person, at):
        bookings.give_up(booking=booking, by=by, at=at)


def _why_not(person: Person, by: Person | None, reason: str) -> str:
    if hold := Hold.objects.over(person).select_related("agency").first():
        return hold.sentence
    if person.given_name == ERASED_NAME:
        return "This person has been erased already."
    if by == person:
        return "You cannot erase your own record: ask another administrator."
    if names_them(person, reason):
        return "Leave the name, address and numbers out of the reason: it is kept."
    return ""


def names_them(person: Person, text: str) -> bool:
    """Whether some words hold a part of the person's name, an address or a number of theirs."""
    words = set(sort_key(text).replace(",", " ").replace(".", " ").split())
    telling = {person.email, person.swe_number, *person.employments.values_list("employee_number", flat=True)} - {""}
    names = set(sort_key(person.given_name, person.family_name).split())
    return bool(names & words) or any(sort_key(each) in sort_key(text) for each in telling)


@transaction.atomic
def erase_leavers(leavers: QuerySet[Person], *, at: datetime) -> int:
    """Erase these people, but for those whom another worker holds just now; nobody during an import. Returns how many.

    Asked again once they are locked: somebody may have come back since they were found.
    """
    locked = [person.pk for person in _locked(leavers)]
    people = _with_absorbed(list(leavers.filter(pk__in=locked)))
    if not clear_the_way(people, by=None, at=at):
        return 0
    ledger.write(ledger.Line(person.uuid, person.pk, at, Rule.SCHEDULE) for person in people)
    _erase(people, by=None, at=at, reason="", rule=Rule.SCHEDULE)
    return len(people)


def _with_absorbed(people: list[Person]) -> list[Person]:
    """These people, and the records that became part of theirs."""
    ids = {person.pk for person in people}
    return [*people, *Person.objects.filter(merged_into__in=ids).exclude(pk__in=ids)]


def _locked(people: QuerySet[Person]) -> list[Person]:
    """Those whom nobody else holds, until the transaction ends."""
    free = Person.objects.select_for_update(no_key=True, skip_locked=True, of=("self",))
    return list(free.filter(pk__in=people.values("pk")))


def _erase(people: list[Person], *, by: Person | None, at: datetime, reason: str, rule: str) -> None:
    if not people:
        return
    wipe(people)
    facts = {"at": at, "rule": rule, "by": by, "reason": reason}
    Erasure.objects.bulk_create(
        (Erasure(record=person.uuid, person=person, **facts) for person in people),
        update_conflicts=True,
        unique_fields=["record"],
        update_fields=["person", *facts],
    )
    for person in people:
        audit.record("person.erased", by=by, at=at, about=person, person=person)


def heed_ledger(at: datetime) -> dict[str, int]:
    """Compare the ledger with the database, where their counts differ: cheap enough for every tick."""
    return {} if Erasure.objects.count() == len(ledger.read()) else compare_with_ledger(at)


def compare_with_ledger(at: datetime) -> dict[str, int]:
    """Erase again whoever the ledger names and who has a name, and bring either side up to what the other knows."""
    lines = ledger.read()
    again = 0
    for pk, uuid in Person.objects.filter(uuid__in=lines).exclude(given_name=ERASED_NAME).values_list("pk", "uuid"):
        again += _erase_again(pk, lines[uuid], at)
    ledger.write(
        ledger.Line(made.record, made.person_id or 0, made.at, made.rule)
        for made in Erasure.objects.exclude(record__in=lines)
    )
    _note_strangers(lines)
    return {"people_erased_again": again} if again else {}


@transaction.atomic
def _erase_again(pk: int, line: ledger.Line, at: datetime) -> int:
    """By the ledger's word: its moment and its rule. A hold keeps them; so the count differs until it is ended."""
    for person in _locked(Person.objects.filter(pk=pk).exclude(pk__in=held_people())):
        if not clear_the_way([person], by=None, at=at):
            return 0
        _give_up_places(person, by=None, at=at)
        _erase([person], by=None, at=line.at, reason="", rule=line.rule)
        return 1
    return 0


def _note_strangers(lines: dict) -> None:
    """Erasures of records that the restored backup does not have."""
    here = set(Person.objects.filter(uuid__in=lines).values_list("uuid", flat=True))
    known = set(Erasure.objects.values_list("record", flat=True))
    Erasure.objects.bulk_create(
        (Erasure(record=uuid, at=line.at, rule=line.rule) for uuid, line in lines.items() if uuid not in here | known),
        ignore_conflicts=True,
    )
