"""Changing what is kept about a person."""

from datetime import datetime

from django.db import transaction

from partners import audit
from partners.models import Person


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
