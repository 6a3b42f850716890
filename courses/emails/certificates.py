"""What people are told about their certificates."""

from datetime import datetime

from courses.models import Revocation
from partners import outbox
from partners.outbox import Mail


def _load(ids: set[int], at: datetime) -> dict[int, Revocation]:
    return Revocation.objects.select_related("achievement__course", "achievement__person").in_bulk(ids)


@outbox.kind("courses.certificate_revoked", subject="revocation", load=_load)
def _revoked(revocation: Revocation) -> Mail:
    title = revocation.achievement.course.title
    return outbox.mail(f"Certificate revoked: {title}", "courses/certificate_revoked", revocation=revocation)


def revoked(revocation: Revocation, at: datetime) -> None:
    """'Your certificate counts no more', and why."""
    person = revocation.achievement.person_id
    key = str(revocation.pk)
    outbox.queue(outbox.new("courses.certificate_revoked", key=key, person=person, at=at, revocation=revocation.pk))
