"""Adding people and changing what is kept about them, by hand."""

from datetime import date, datetime

from django.db import transaction

from partners import audit, emails
from partners.actions import accounts, search
from partners.models import Agency, Employment, EmploymentVersion, JobRole, Person, PersonVersion, Team
from partners.models.versions import state

NO_NUMBER = "new-"  # begins the number of somebody whose agency has not told it yet
BY_HAND = "entered by hand"


@audit.sentence("person.added", agency=Agency)
def _added(told: audit.Told) -> str:
    return f"added {told.person} to {told.detail('agency')}"


@audit.sentence("post.added")
def _post_added(told: audit.Told) -> str:
    return f"recorded a post of {told.person}"


@audit.sentence("post.ended")
def _post_ended(told: audit.Told) -> str:
    return f"recorded the last day in a post of {told.person}"


@audit.sentence("person.changed")
def _changed(told: audit.Told) -> str:
    return f"changed the {'address' if told.event.details.get('address') else 'name'} of {told.person}"


@transaction.atomic
def add(
    *,
    given_name: str,
    family_name: str,
    email: str,
    agency: Agency,
    team: Team | None,
    job_role: JobRole | None,
    employee_number: str,
    start_date: date,
    by: Person,
    at: datetime,
    invite: bool = True,
    **facts: object,
) -> Person:
    """Add one person with a post, of which `facts` are known, and an account, and invite them by e-mail. Audited.

    Without an employee number the agency's next file finds them by name and address.
    """
    said = {"given_name": given_name, "family_name": family_name, "email": email}
    person = Person.objects.create(created_at=at, **said)
    state(person, at=at, by=by, source=BY_HAND, agency=agency, **said)
    add_post(
        person=person,
        agency=agency,
        team=team,
        job_role=job_role,
        employee_number=employee_number or f"{NO_NUMBER}{person.pk}",
        start_date=start_date,
        by=by,
        at=at,
        **facts,
    )
    accounts.open_accounts([person], at=at)
    person.refresh_from_db()
    audit.record("person.added", by=by, at=at, about=person, person=person, agency=agency.pk)
    if invite and person.email:
        emails.invitation(person, at)
    return person


@transaction.atomic
def add_post(
    *,
    person: Person,
    agency: Agency,
    team: Team | None,
    job_role: JobRole | None,
    employee_number: str,
    start_date: date,
    by: Person,
    at: datetime,
    **facts: object,
) -> Employment:
    """Record that somebody holds a post from a day. Audited."""
    spell = Employment.objects.create(
        person=person,
        agency=agency,
        team=team,
        job_role=job_role,
        employee_number=employee_number,
        start_date=start_date,
    )
    state(spell, at=at, by=by, source=BY_HAND, **facts)
    search.refresh([person.pk])
    audit.record("post.added", by=by, at=at, about=spell, person=person)
    return spell


@transaction.atomic
def end_post(
    *, spell: Employment, end_date: date, leaving_reason: int | None, destination: int | None, by: Person, at: datetime
) -> EmploymentVersion:
    """Record the last day that somebody worked in a post, and why they left where that is known. Audited."""
    said = {"end_date": end_date, "leaving_reason": leaving_reason, "destination": destination}
    made = state(spell, at=at, by=by, source=BY_HAND, **said)
    audit.record("post.ended", by=by, at=at, about=spell, person=spell.person, end_date=end_date.isoformat())
    return made


@transaction.atomic
def change_details(
    *, person: Person, given_name: str, family_name: str, email: str, by: Person, at: datetime
) -> PersonVersion | None:
    """Change somebody's name or address; nothing happens where both are as they were. Audited, unquoted.

    They sign in with the new address from now on, and the old one is told.
    """
    said = {"given_name": given_name, "family_name": family_name, "email": email}
    if all(getattr(person, name) == value for name, value in said.items()):
        return None
    before = person.email
    for name, value in said.items():
        setattr(person, name, value)
    person.save(update_fields=[*said, "name_key"])
    made = state(person, at=at, by=by, source=BY_HAND, **said)
    accounts.open_accounts([person], at=at)
    if email != before:
        emails.address_left(made, before, at)
    audit.record("person.changed", by=by, at=at, about=person, person=person, address=email != before)
    return made


@audit.sentence("person.access_needs")
def _access_needs(told: audit.Told) -> str:
    return f"changed what to arrange for {told.person}"


def remember_access_needs(*, person: Person, needs: str, by: Person, at: datetime) -> None:
    """Keep what a trainer should arrange for someone; nothing happens when it is what we knew. Audited, unquoted."""
    if person.access_needs == needs:
        return
    person.access_needs = needs
    with transaction.atomic():
        person.save(update_fields=["access_needs"])
        audit.record("person.access_needs", by=by, at=at, about=person, person=person)
