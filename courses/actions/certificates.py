"""Issuing certificates."""

from datetime import datetime

from django.conf import settings

from academy.lib.text import new_reference
from courses.models import Achievement, Certificate

BATCH = 1000


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
