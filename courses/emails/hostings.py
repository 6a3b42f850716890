"""What host, guest and the guest's manager are told about shadowing and coaching: one function a message."""

from collections.abc import Callable, Container, Iterable
from datetime import datetime

from academy.lib.dates import london_day
from courses.models import Visit
from partners import outbox
from partners.models import Person
from partners.outbox import Mail

State = Visit.State


def _load(ids: set[int], at: datetime) -> dict[int, Visit]:
    return Visit.objects.select_related("hosting__host", "hosting__agency", "guest", "agency").in_bulk(ids)


def _unless(states: Container[str]) -> Callable[[Visit, datetime], str]:
    return lambda visit, at: "" if visit.state in states else "it was settled since"


def _mail(visit: Visit, subject: str, template: str) -> Mail:
    context = {"visit": visit, "hosting": visit.hosting}
    return outbox.mail(f"{subject}: {visit.hosting.title}", f"hostings/{template}", **context)


def _queue(kind: str, visit: Visit, people: Iterable[int], at: datetime) -> None:
    outbox.queue(*[outbox.new(kind, key=f"{visit.pk}-{pk}", person=pk, at=at, visit=visit.pk) for pk in people])


def _both(visit: Visit) -> list[int]:
    return [visit.guest_id, visit.hosting.host_id]


@outbox.kind("courses.visit_asked", subject="visit", load=_load, unwanted=_unless(Visit.WAITS_FOR_HOST))
def _asked(visit: Visit) -> Mail:
    return _mail(visit, f"{visit.guest.name} asks you", "asked")


def asked(visit: Visit, at: datetime) -> None:
    """To the host: 'Somebody would like to come.'"""
    _queue("courses.visit_asked", visit, [visit.hosting.host_id], at)


@outbox.kind("courses.visit_approval_wanted", subject="visit", load=_load, unwanted=_unless(Visit.WAITS_FOR_MANAGER))
def _approval_wanted(visit: Visit) -> Mail:
    return _mail(visit, f"{visit.guest.name} asks for your approval", "approval_wanted")


def approval_wanted(visit: Visit, at: datetime) -> None:
    """To each who may decide: 'Somebody whom you answer for would like to go: do you agree?'"""
    deciders = visit.deciders(london_day(at)).values_list("pk", flat=True)
    _queue("courses.visit_approval_wanted", visit, deciders, at)


@outbox.kind("courses.visit_host_agreed", subject="visit", load=_load, unwanted=_unless([State.HOST_AGREED]))
def _host_agreed(visit: Visit) -> Mail:
    return _mail(visit, "The host agrees", "host_agreed")


def host_agreed(visit: Visit, at: datetime) -> None:
    """To both: 'The host agrees to a day; the manager has still to.'"""
    _queue("courses.visit_host_agreed", visit, _both(visit), at)


@outbox.kind("courses.visit_manager_agreed", subject="visit", load=_load, unwanted=_unless([State.MANAGER_AGREED]))
def _manager_agreed(visit: Visit) -> Mail:
    return _mail(visit, "The manager agrees", "manager_agreed")


def manager_agreed(visit: Visit, at: datetime) -> None:
    """To both: 'The manager agrees; the host has still to.'"""
    _queue("courses.visit_manager_agreed", visit, _both(visit), at)


@outbox.kind("courses.visit_agreed", subject="visit", load=_load, unwanted=_unless([State.AGREED]))
def _agreed(visit: Visit) -> Mail:
    return _mail(visit, "Agreed", "agreed")


def agreed(visit: Visit, at: datetime) -> None:
    """To both: 'It is settled.'"""
    _queue("courses.visit_agreed", visit, _both(visit), at)


@outbox.kind("courses.visit_declined", subject="visit", load=_load)
def _declined(visit: Visit) -> Mail:
    return _mail(visit, "Declined", "declined")


def declined(visit: Visit, at: datetime) -> None:
    """To the guest: 'The host cannot, for this reason.'"""
    _queue("courses.visit_declined", visit, [visit.guest_id], at)


@outbox.kind("courses.visit_refused", subject="visit", load=_load)
def _refused(visit: Visit) -> Mail:
    return _mail(visit, "Not approved", "refused")


def refused(visit: Visit, at: datetime) -> None:
    """To both: 'The manager does not agree, for this reason.'"""
    _queue("courses.visit_refused", visit, _both(visit), at)


@outbox.kind("courses.visit_called_off", subject="visit", load=_load)
def _called_off(visit: Visit) -> Mail:
    return _mail(visit, "Called off", "called_off")


def called_off(visit: Visit, at: datetime, *, by: Person) -> None:
    """To the other, or to both where somebody else did it: 'It is not to be, for this reason.'"""
    _queue("courses.visit_called_off", visit, [pk for pk in _both(visit) if pk != by.pk], at)


@outbox.kind("courses.visit_lapsed", subject="visit", load=_load)
def _lapsed(visit: Visit) -> Mail:
    return _mail(visit, "Nobody decided in time", "lapsed")


def lapsed(visit: Visit, at: datetime) -> None:
    """To both: 'Nobody decided, so it has ended.'"""
    _queue("courses.visit_lapsed", visit, _both(visit), at)


@outbox.kind("courses.visit_reflection_wanted", subject="visit", load=_load, unwanted=_unless([State.AGREED]))
def _reflection_wanted(visit: Visit) -> Mail:
    return _mail(visit, "What did you learn", "reflection_wanted")


def reflection_wanted(visit: Visit, at: datetime) -> None:
    """To both: 'Write a few sentences about what you learnt.'"""
    _queue("courses.visit_reflection_wanted", visit, _both(visit), at)
