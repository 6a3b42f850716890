"""Asking to shadow a colleague or to be coached: the host and the guest's manager agree, in any order; either of the
two may call it off; afterwards both write what they learnt."""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from academy.lib.dates import london_day, start_of_day
from courses.eligibility.visits import why_not_ask
from courses.emails import hostings as emails
from courses.models import Hosting, Reflection, Visit
from courses.models.states import WrongState
from partners import audit
from partners.models import Person

State = Visit.State
NOT_DECIDED = "Nobody decided in time."


class CannotAsk(Exception):
    """Somebody may not ask for this. Fit to show."""


@audit.sentence("visit.asked", hosting=Hosting)
def _asked(told: audit.Told) -> str:
    return f"asked for {told.detail('hosting')}"


@audit.sentence("visit.host_agreed", hosting=Hosting)
def _host_agreed(told: audit.Told) -> str:
    return f"agreed to {told.detail('hosting')} with {told.person}"


@audit.sentence("visit.declined", hosting=Hosting)
def _declined(told: audit.Told) -> str:
    return f"declined {told.detail('hosting')} with {told.person}"


@audit.sentence("visit.approved", hosting=Hosting)
def _approved(told: audit.Told) -> str:
    return f"approved that {told.person} goes to {told.detail('hosting')}"


@audit.sentence("visit.refused", hosting=Hosting)
def _refused(told: audit.Told) -> str:
    return f"did not approve that {told.person} goes to {told.detail('hosting')}"


@audit.sentence("visit.called_off", hosting=Hosting)
def _called_off(told: audit.Told) -> str:
    return f"called off {told.detail('hosting')}{told.for_other}"


@audit.sentence("visit.lapsed", hosting=Hosting)
def _lapsed(told: audit.Told) -> str:
    return f"ended {told.person}’s request for {told.detail('hosting')}, which nobody had decided about in time"


@audit.sentence("visit.reflected", hosting=Hosting)
def _reflected(told: audit.Told) -> str:
    return f"wrote what they learnt at {told.detail('hosting')}"


@audit.sentence("visit.done", hosting=Hosting)
def _done(told: audit.Told) -> str:
    return f"counted {told.detail('hosting')} as done by {told.person}"


def _record(kind: str, visit: Visit, *, by: Person | None, at: datetime) -> None:
    audit.record(kind, by=by, at=at, about=visit, person=visit.guest, hosting=visit.hosting_id)


def _locked(visit: Visit) -> Visit:
    """The same visit, read anew under a lock: so that host and manager may agree at the same moment."""
    found = Visit.objects.select_for_update(of=("self",)).select_related("hosting__host", "guest")
    return found.get(pk=visit.pk)


@transaction.atomic
def ask(*, hosting: Hosting, guest: Person, hopes: str, times: str, at: datetime) -> Visit:
    """Ask a host. The host is told, and so are those who may say whether the guest goes.

    Raises CannotAsk with every reason.
    """
    on = london_day(at)
    hosting = Hosting.objects.select_for_update(of=("self",)).select_related("agency").get(pk=hosting.pk)
    if reasons := why_not_ask(hosting, guest, on):
        raise CannotAsk(" ".join(reasons))
    agency = guest.employment(on).agency
    visit = Visit.objects.create(
        hosting=hosting, guest=guest, agency=agency, hopes=hopes, times=times, hours=hosting.hours, asked_at=at
    )
    emails.asked(visit, at)
    emails.approval_wanted(visit, at)
    _record("visit.asked", visit, by=guest, at=at)
    return visit


@transaction.atomic
def agree_as_host(*, visit: Visit, on: date, arrangements: str, by: Person, at: datetime) -> Visit:
    """The host agrees to a day. Guest and host are told; once the manager has agreed too, that it is settled.

    Raises WrongState where somebody settled it before, or the day is over.
    """
    visit = _locked(visit)
    if on < london_day(at):
        raise WrongState("This day is over. Choose another.")
    settled = visit.state == State.MANAGER_AGREED
    facts = {"on": on, "arrangements": arrangements, "host_agreed_at": at}
    visit.move_to(State.AGREED if settled else State.HOST_AGREED, **facts)
    (emails.agreed if settled else emails.host_agreed)(visit, at)
    _record("visit.host_agreed", visit, by=by, at=at)
    return visit


@transaction.atomic
def decline(*, visit: Visit, reason: str, by: Person, at: datetime) -> Visit:
    """The host says no, and why. The guest is told. Raises WrongState."""
    visit = _locked(visit)
    visit.move_to(State.DECLINED, reason=reason, ended_at=at)
    emails.declined(visit, at)
    _record("visit.declined", visit, by=by, at=at)
    return visit


@transaction.atomic
def approve(*, visit: Visit, by: Person, at: datetime) -> Visit:
    """The guest's manager agrees. Guest and host are told. Raises WrongState, for one's own request too."""
    visit = _of_another(visit, by)
    settled = visit.state == State.HOST_AGREED
    visit.move_to(State.AGREED if settled else State.MANAGER_AGREED, manager=by, manager_agreed_at=at)
    (emails.agreed if settled else emails.manager_agreed)(visit, at)
    _record("visit.approved", visit, by=by, at=at)
    return visit


@transaction.atomic
def refuse(*, visit: Visit, reason: str, by: Person, at: datetime) -> Visit:
    """The guest's manager says no, and why. Guest and host are told. Raises WrongState, for one's own request too."""
    visit = _of_another(visit, by)
    visit.move_to(State.REFUSED, manager=by, reason=reason, ended_at=at)
    emails.refused(visit, at)
    _record("visit.refused", visit, by=by, at=at)
    return visit


def _of_another(visit: Visit, by: Person) -> Visit:
    visit = _locked(visit)
    if visit.guest_id == by.pk:
        raise WrongState("You cannot approve your own request.")
    return visit


@transaction.atomic
def call_off(*, visit: Visit, reason: str, by: Person, at: datetime) -> Visit:
    """Guest or host cannot, and say why. The other is told. Raises WrongState where it has ended or its day is over."""
    visit = _locked(visit)
    if visit.is_live and visit.on and visit.on < london_day(at):
        raise WrongState("Its day is over, so it cannot be called off any more.")
    visit.move_to(State.CALLED_OFF, reason=reason, ended_at=at)
    emails.called_off(visit, at, by=by)
    _record("visit.called_off", visit, by=by, at=at)
    return visit


@transaction.atomic
def reflect(*, visit: Visit, learnt: str, will_do: str, by: Person, at: datetime) -> Reflection:
    """Guest or host writes what they learnt, once. With both it is done, and counts as learning.

    Raises WrongState before its day is over, and for whoever has written before.
    """
    visit = _locked(visit)
    if not visit.is_over(london_day(at)):
        raise WrongState("You can write once it is over.")
    facts = {"learnt": learnt, "will_do": will_do, "written_at": at}
    written, is_new = Reflection.objects.get_or_create(visit=visit, by=by, defaults=facts)
    if not is_new:
        raise WrongState("You have written what you learnt.")
    _record("visit.reflected", visit, by=by, at=at)
    if visit.state == State.AGREED and visit.reflections.count() == 2:
        _finish(visit, at)
    return written


# --- What falls due -----------------------------------------------------------------------------------------------


def lapse(at: datetime) -> int:
    """End what nobody decided: in the time that there is for it, or before the day that the host agreed to. Both are
    told. Returns how many."""
    day_passed = Q(on__lt=london_day(at))
    waited = Q(asked_at__lt=start_of_day(london_day(at) - timedelta(days=settings.VISIT_ANSWER_WITHIN_DAYS)))
    waiting = Visit.objects.live().exclude(state=State.AGREED).filter(waited | day_passed)
    return sum(_lapse(visit, at) for visit in waiting.order_by("pk"))


@transaction.atomic
def _lapse(visit: Visit, at: datetime) -> int:
    visit = _locked(visit)
    try:
        visit.move_to(State.LAPSED, reason=NOT_DECIDED, ended_at=at)
    except WrongState:
        return 0  # decided a moment ago
    emails.lapsed(visit, at)
    _record("visit.lapsed", visit, by=None, at=at)
    return 1


def ask_to_reflect(at: datetime) -> int:
    """Ask guest and host what they learnt, once, the day after. Returns of how many visits."""
    over = list(Visit.objects.to_reflect_on(london_day(at)).filter(reflection_asked_at=None).order_by("pk"))
    for visit in over:
        with transaction.atomic():
            if Visit.objects.filter(pk=visit.pk, reflection_asked_at=None).update(reflection_asked_at=at):
                emails.reflection_wanted(visit, at)
    return len(over)


def finish(at: datetime) -> int:
    """Count as done what has waited long enough for what both learnt. Returns how many."""
    last = london_day(at) - timedelta(days=settings.VISIT_REFLECTION_DAYS)
    return sum(_finish_late(visit, at) for visit in Visit.objects.to_reflect_on(last).order_by("pk"))


@transaction.atomic
def _finish_late(visit: Visit, at: datetime) -> int:
    visit = _locked(visit)
    if visit.state != State.AGREED:
        return 0  # done a moment ago
    _finish(visit, at)
    return 1


def _finish(visit: Visit, at: datetime) -> None:
    visit.move_to(State.DONE, ended_at=at)
    _record("visit.done", visit, by=None, at=at)
