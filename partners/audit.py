"""Recording what people did, in the transaction in which they did it."""

from datetime import datetime

from django.db import models

from partners.models import AuditEvent, Person


def record(
    kind: str, *, by: Person | None, at: datetime, about: models.Model, person: Person | None = None, **details: object
) -> None:
    """Write one audit event: `by` (None: the academy itself) did `kind` to `about`, concerning `person`."""
    AuditEvent.objects.create(
        kind=kind,
        by=by,
        at=at,
        person=person,
        object_type=about._meta.label_lower,
        object_id=about.pk,
        details=details,
    )
