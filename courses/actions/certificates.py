"""Issuing certificates, issuing one again in a new name, and revoking one."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import transaction

from academy.lib.text import new_reference
from courses.emails import certificates as emails
from courses.models import Achievement, Certificate, FormerNumber, Revocation
from partners import audit
from partners.models import Person

BATCH = 1000


class NotReissued(Exception):
    """Why there is no new paper. Fit to show."""


class RevokedBefore(Exception):
    """Somebody else revoked it. Fit to show."""


@audit.named(Certificate)
def _names(ids: Iterable[int]) -> dict[int, str]:
    return {item.pk: f"the certificate {item.number}" for item in Certificate.objects.filter(pk__in=ids)}


@audit.sentence("certificate.revoked")
def _told_revoked(told: audit.Told) -> str:
    return f"revoked {told.about} of {told.person}: {told.detail('reason')}"


@audit.sentence("certificate.reissued")
def _told_reissued(told: audit.Told) -> str:
    return f"issued {told.about}{told.for_other} in the present name, in place of an older one"


def issue_missing(at: datetime) -> int:
    """Issue a certificate for every standing achievement that has none. Returns how many were issued.

    Two at once issue each only once; a number that was drawn before is drawn again the next time.
    """
    issued = 0
    while batch := list(_without()[:BATCH]):
        Certificate.objects.bulk_create([_new(item, at) for item in batch], ignore_conflicts=True)
        issued += len(batch)
    return issued


def _without():
    return Achievement.objects.standing().filter(certificate=None).select_related("person", "course").order_by("pk")


def _new(achievement: Achievement, at: datetime) -> Certificate:
    return Certificate(
        achievement=achievement,
        number=new_reference(settings.REFERENCE_PREFIX, length=10),
        name=achievement.person.name,
        course=achievement.course.title,
        cpd_hours=achievement.course.cpd_hours,
        issued_at=at,
    )


@transaction.atomic
def revoke(*, certificate: Certificate, by: Person, at: datetime, reason: str) -> None:
    """The course counts as completed no more; whoever checks the paper is told so, and so is its owner. Follow-ups
    that are planned are not sent. Audited. Raises RevokedBefore."""
    standing = Achievement.objects.standing().filter(pk=certificate.achievement_id)
    if not standing.update(revoked_at=at):
        raise RevokedBefore("Somebody else revoked this certificate a moment ago.")
    achievement = Achievement.objects.select_related("person").get(pk=certificate.achievement_id)
    made = Revocation.objects.create(achievement=achievement, by=by, at=at, reason=reason)
    audit.record("certificate.revoked", by=by, at=at, about=certificate, person=achievement.person, reason=reason)
    emails.revoked(made, at)


@transaction.atomic
def reissue(*, certificate: Certificate, by: Person, at: datetime) -> Certificate:
    """The same achievement's paper under a new number and in the name that its owner has now. Whoever checks the old
    number is told that there is a newer one, and not in which name. Audited.

    Raises NotReissued where it was revoked, or has the present name already.
    """
    found = Certificate.objects.select_for_update(of=("self",)).select_related("achievement__person")
    paper = found.get(pk=certificate.pk)
    name = paper.achievement.person.name
    if paper.achievement.revoked_at:
        raise NotReissued("This certificate was revoked.")
    if paper.name == name:
        raise NotReissued(f"This certificate is in the name of {name} already.")
    FormerNumber.objects.create(certificate=paper, number=paper.number, replaced_at=at)
    paper.number, paper.name, paper.issued_at = new_reference(settings.REFERENCE_PREFIX, length=10), name, at
    paper.save(update_fields=["number", "name", "issued_at"])
    audit.record("certificate.reissued", by=by, at=at, about=paper, person=paper.achievement.person)
    return paper
