"""What people are told about their own record: one function a message, keyed so that it is queued once."""

from datetime import datetime

from partners import outbox
from partners.models import Deputy, Person, PersonVersion
from partners.outbox import Mail


def _people(ids: set[int], at: datetime) -> dict[int, Person]:
    return Person.objects.in_bulk(ids)


@outbox.kind("partners.invitation", subject="whom", load=_people)
def _invitation(person: Person) -> Mail:
    return outbox.mail("You can book training with us", "partners/invitation", person=person)


def invitation(person: Person, at: datetime) -> None:
    """'You can sign in now'; once a day at the most."""
    outbox.queue(
        outbox.new("partners.invitation", key=f"{person.pk}:{at:%Y-%m-%d}", person=person, at=at, whom=person.pk)
    )


def _versions(ids: set[int], at: datetime) -> dict[int, PersonVersion]:
    return PersonVersion.objects.select_related("identity").in_bulk(ids)


@outbox.kind("partners.address_changed", subject="version", load=_versions)
def _address_changed(version: PersonVersion) -> Mail:
    return outbox.mail("Your address here has changed", "partners/address_changed", person=version.identity)


def address_changed(version: PersonVersion, before: str, at: datetime) -> None:
    """To the address that somebody had before, where there was one: so that nobody takes over a record unseen."""
    if before:
        key = str(version.pk)
        outbox.queue(outbox.new("partners.address_changed", key=key, address=before, at=at, version=version.pk))


def _deputies(ids: set[int], at: datetime) -> dict[int, Deputy]:
    return Deputy.objects.select_related("manager", "deputy").in_bulk(ids)


@outbox.kind("partners.deputy_named", subject="deputy", load=_deputies)
def _deputy_named(named: Deputy) -> Mail:
    return outbox.mail(f"You stand in for {named.manager}", "partners/deputy_named", named=named)


def deputy_named(named: Deputy, at: datetime) -> None:
    """'You stand in for your colleague.'"""
    outbox.queue(outbox.new("partners.deputy_named", key=str(named.pk), person=named.deputy_id, at=at, deputy=named.pk))
