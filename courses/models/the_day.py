"""What a trainer writes on the day beside marks: to delegates, and of people who are not in the records."""

from typing import Self

from django.db import models
from django.db.models import Q

from courses.models.bookings import Booking
from courses.models.runs import Run, Session
from partners.models import Person


class RunMessage(models.Model):
    """One message to everybody who held a place on a run when it was sent."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="messages")
    text = models.TextField()
    sent_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    sent_at = models.DateTimeField()
    recipients = models.PositiveIntegerField()
    token = models.UUIDField(unique=True, help_text="of the form it was written in, which sends it once")

    class Meta:
        ordering = ["-sent_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.run}: {self.recipients} told"


class NewcomerQuerySet(models.QuerySet):
    def waiting(self) -> Self:
        """Those whom nobody has settled."""
        return self.filter(settled_at=None)


class Newcomer(models.Model):
    """Somebody who came to a session and is not in the records, until a lead has found out who they are."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="newcomers")
    name = models.CharField(max_length=200, blank=True)
    agency_name = models.CharField(max_length=200, blank=True)
    written_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    written_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    booking = models.ForeignKey(
        Booking, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", help_text="what became of it"
    )

    objects = NewcomerQuerySet.as_manager()

    class Meta:
        ordering = ["written_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(settled_at=None) | Q(name="", agency_name=""),
                name="whom_a_lead_has_found_needs_no_name_written_down",
            )
        ]

    def __str__(self) -> str:
        return f"A newcomer to {self.session}"
