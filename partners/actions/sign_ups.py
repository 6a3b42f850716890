"""Asking to be added, and what an agency's coordinator answers. Until then whoever asks sees and does nothing."""

from datetime import date, datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max, Q

from academy.lib.dates import london_day
from academy.lib.domains import domain_of
from partners import audit, emails
from partners.actions import people
from partners.models import Agency, EmploymentVersion, Grant, JobRole, OutboxMessage, Person, SignUp, Team
from partners.permissions import AccessRole

S = SignUp.State


class SignUpRefused(Exception):
    """Why somebody cannot be added so, or nobody can answer so. Fit to show."""


DECIDED = "Somebody else has answered this already."


@audit.sentence("sign_up.asked", agency=Agency)
def _asked(told: audit.Told) -> str:
    return f"was asked by somebody with an address of {told.detail('agency')} to add them"


@audit.sentence("sign_up.added")
def _added(told: audit.Told) -> str:
    return f"confirmed that {told.person}, who had asked to be added, is who they say"


@audit.sentence("sign_up.known")
def _known(told: audit.Told) -> str:
    return f"said that somebody who had asked to be added is {told.person}"


@audit.sentence("sign_up.declined", agency=Agency)
def _declined(told: audit.Told) -> str:
    return f"declined to add somebody to {told.detail('agency')}"


@audit.sentence("sign_up.expired", agency=Agency)
def _expired(told: audit.Told) -> str:
    return f"let go of what somebody had asked, whom nobody at {told.detail('agency')} had answered"


class Standing(StrEnum):
    """What an address is to the academy. Only its mailbox is told."""

    WELCOME = "code"  # they may ask to be added
    HELD = "known"  # somebody at work signs in with it
    STRANGER = "stranger"  # no agency has registered its domain


def standing_of(address: str, at: datetime) -> Standing:
    """What an address is to the academy: the same queries whatever it is. A leaver's may be given to somebody new."""
    held, agencies = is_held(address, at), Agency.objects.of_domain(domain_of(address)).exists()
    return Standing.HELD if held else Standing.WELCOME if agencies else Standing.STRANGER


def is_held(address: str, at: datetime, besides: Person | None = None) -> bool:
    """Whether somebody (`besides` that person) who is at work, or about to be, signs in with the address."""
    running = EmploymentVersion.objects.current().filter(Q(end_date=None) | Q(end_date__gt=london_day(at)))
    holders = running.filter(identity__person__user__email=address)
    return holders.exclude(identity__person=besides).exists()


def ask(
    *,
    email: str,
    agency: Agency,
    team: Team | None,
    given_name: str,
    family_name: str,
    job: str,
    employee_number: str,
    manager_email: str,
    start_date: date | None,
    at: datetime,
) -> SignUp:
    """Write down what somebody who reads the mail of `email` says of themselves; they wait for an answer. Audited.

    Who asks twice is one who waits. Raises SignUpRefused: an address that is held, or not of that agency.
    """
    if is_held(email, at):
        raise SignUpRefused("Somebody signs in with your address already. If that is you, sign in.")
    if domain_of(email) not in agency.domains:
        raise SignUpRefused(f"Your address is not one of {agency}.")
    said = {"given_name": given_name, "family_name": family_name, "job": job, "employee_number": employee_number}
    said |= {"agency": agency, "team": team, "manager_email": manager_email, "start_date": start_date}
    try:
        with transaction.atomic():
            made = SignUp.objects.create(email=email, asked_at=at, **said)
            audit.record("sign_up.asked", by=None, at=at, about=made, agency=agency.pk)
    except IntegrityError:
        return SignUp.objects.waiting().get(email=email)
    return made


@transaction.atomic
def confirm(
    *,
    sign_up: SignUp,
    given_name: str,
    family_name: str,
    team: Team | None,
    job_role: JobRole | None,
    employee_number: str,
    manager: Person | None,
    start_date: date,
    by: Person,
    at: datetime,
) -> Person:
    """Add who asked as a new person with a post at the agency they asked for, and tell them by e-mail. Audited.

    Where a leaver had the address, it is the new person's from now on; they never see the leaver's record. Raises
    SignUpRefused where somebody else was first, or the address is held by now.
    """
    _decide(sign_up, S.ADDED, by=by, at=at)
    if is_held(sign_up.email, at):
        raise SignUpRefused("Somebody at work signs in with this address by now. Say that it is them, or decline.")
    person = people.add(
        given_name=given_name,
        family_name=family_name,
        email=sign_up.email,
        agency=sign_up.agency,
        team=team,
        job_role=job_role,
        employee_number=employee_number,
        start_date=start_date,
        by=by,
        at=at,
        manager=manager,
    )
    _is(sign_up, person)
    audit.record("sign_up.added", by=by, at=at, about=sign_up, person=person)
    return person


@transaction.atomic
def attach(*, sign_up: SignUp, person: Person, by: Person, at: datetime) -> None:
    """Say that who asked is somebody who is known: they sign in with the new address from now on. Audited.

    They are told at both addresses. Raises SignUpRefused where somebody else was first, where another person at work
    has the address, or where `by` may not give this person an address.
    """
    _decide(sign_up, S.KNOWN, by=by, at=at)
    if is_held(sign_up.email, at, besides=person):
        raise SignUpRefused("Somebody else at work signs in with this address.")
    if person.email != sign_up.email:
        if not Person.objects.may_be_moved_by(by, london_day(at)).filter(pk=person.pk).exists():
            raise SignUpRefused(
                f"{person.name} has rights here or works elsewhere too: ask an academy lead to do this."
            )
        said = {"given_name": person.given_name, "family_name": person.family_name, "email": sign_up.email}
        people.change_details(person=person, **said, by=by, at=at)
    _is(sign_up, person)
    audit.record("sign_up.known", by=by, at=at, about=sign_up, person=person)
    emails.invitation(person, at)


@transaction.atomic
def decline(*, sign_up: SignUp, reason: str, by: Person, at: datetime) -> None:
    """Not add who asked; they read the reason in an e-mail, and may ask again. Audited. Raises SignUpRefused."""
    _decide(sign_up, S.DECLINED, by=by, at=at, reason=reason)
    audit.record("sign_up.declined", by=by, at=at, about=sign_up, agency=sign_up.agency_id)
    emails.sign_up_declined(sign_up, at)


def expire(at: datetime) -> dict[str, int]:
    """End what nobody has answered in time, and tell those who asked. Returns counts."""
    long_ago = at - timedelta(days=settings.SIGN_UP_WAITS_DAYS)
    ended = 0
    for sign_up in SignUp.objects.waiting().filter(asked_at__lte=long_ago):
        with transaction.atomic():
            if sign_up.move_to(S.EXPIRED, decided_at=at):
                audit.record("sign_up.expired", by=None, at=at, about=sign_up, agency=sign_up.agency_id)
                emails.sign_up_expired(sign_up, at)
                ended += 1
    return {"sign_ups_expired": ended} if ended else {}


def tell(at: datetime) -> dict[str, int]:
    """Mail those who are to answer, where somebody has asked since they were told last; each once a day at the most.

    Returns how many.
    """
    asked = SignUp.objects.waiting().aggregate(last=Max("asked_at"))["last"]
    if asked is None:
        return {}
    on = london_day(at)
    people = _who_may_answer(on)
    told = _told_last(people, at)
    unaware = [
        person for person in people if (last := told.get(person.pk)) is None or (last < asked and london_day(last) < on)
    ]
    new = [person for person in unaware if _is_new_for(person, told.get(person.pk), on)]
    emails.sign_ups_waiting(new, at)
    return {"coordinators_told": len(new)} if new else {}


def _told_last(people: list[Person], at: datetime) -> dict[int, datetime]:
    """When those of these people who were told lately were told last, by id."""
    since = at - timedelta(days=settings.SIGN_UP_WAITS_DAYS + 1)
    told = OutboxMessage.objects.filter(person__in=people, kind="partners.sign_ups_waiting", created_at__gt=since)
    return dict(told.values_list("person").annotate(last=Max("created_at")).order_by())


def _who_may_answer(on: date) -> list[Person]:
    waiting = SignUp.objects.waiting()
    who = Q(access_role=AccessRole.COORDINATOR, agency__in=waiting.order_by().values("agency"))
    if waiting.without_coordinator(on).exists():
        who |= Q(access_role=AccessRole.LEAD, agency=None)
    grants = Grant.objects.in_force(on).filter(who)
    return list(Person.objects.filter(pk__in=grants.values("person")).order_by("pk"))


def _is_new_for(person: Person, told: datetime | None, on: date) -> bool:
    """Whether somebody waits for this person's answer who had not asked when they were told last."""
    owed = SignUp.objects.waiting().owed_by(person, on)
    return (owed.filter(asked_at__gt=told) if told else owed).exists()


def _decide(sign_up: SignUp, state: str, *, by: Person, at: datetime, **facts: object) -> None:
    """The first to answer does; from here to the end of the transaction others wait."""
    if not sign_up.move_to(state, decided_at=at, decided_by=by, **facts):
        raise SignUpRefused(DECIDED)


def _is(sign_up: SignUp, person: Person) -> None:
    sign_up.person = person
    sign_up.save(update_fields=["person"])
