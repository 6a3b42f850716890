"""What we told people (outbox) and what people did (audit)."""

from django.db import models
from django.db.models import Q

from partners.models.people import Person


class OutboxMessage(models.Model):
    """A message that a fact calls for, written in the same transaction as the fact, sent later."""

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting to be sent"
        CLAIMED = "claimed", "Taken by a worker"
        SENDING = "sending", "Handed to the mail server"
        SENT = "sent", "Sent"
        SKIPPED = "skipped", "No longer wanted"
        FAILED = "failed", "Failed"
        DOUBTFUL = "doubtful", "May or may not have been sent"

    S = State
    NEXT = {
        S.QUEUED: {S.CLAIMED},
        S.CLAIMED: {S.SENDING, S.SKIPPED, S.QUEUED},
        S.SENDING: {S.SENT, S.QUEUED, S.FAILED, S.DOUBTFUL},
        S.FAILED: {S.QUEUED},
        S.DOUBTFUL: {S.QUEUED},
    }

    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=200, unique=True, help_text="per rule, recipient and version: queued once")
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.CASCADE, related_name="messages")
    address = models.EmailField(blank=True, help_text="used when there is no person")
    subjects = models.JSONField(default=dict, help_text="ids of what it is about")
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    due_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True, help_text="why it was skipped or failed")

    class Meta:
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(state="queued"), name="outbox_due"),
            models.Index(fields=["lease_until"], condition=Q(state__in=["claimed", "sending"]), name="outbox_leases"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(person__isnull=False) | ~Q(address=""), name="a_message_has_a_recipient")
        ]

    def __str__(self) -> str:
        return f"{self.kind} ({self.state})"

    @property
    def what(self) -> str:
        """Its kind in words: 'Place booked'."""
        return self.kind.rpartition(".")[2].replace("_", " ").capitalize()


class Work(models.Model):
    """How something that the tick does went the last time; one row each, written over every few seconds."""

    what = models.CharField(max_length=100, unique=True)
    ran_at = models.DateTimeField(help_text="when it last began")
    seconds = models.FloatField()
    did_at = models.DateTimeField(null=True, blank=True, help_text="when it last found anything to do")
    did = models.JSONField(default=dict, help_text="how much it did then, by name")
    fault = models.CharField(max_length=100, blank=True, help_text="the kind of fault that ended it the last time")

    def __str__(self) -> str:
        return self.what


def _someone(related_name: str, help_text: str) -> models.ForeignKey:
    """A person who may have been erased since."""
    return models.ForeignKey(
        Person,
        null=True,
        blank=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name=related_name,
        help_text=help_text,
    )


class AuditEvent(models.Model):
    """What somebody did. Holds ids and plain facts, never names: they are looked up when it is read.

    An id stays when its person is erased: 'nobody' would read as the academy itself. So read `by_id`, not `by`.
    """

    at = models.DateTimeField()
    by = _someone("+", "who did it; empty: the academy itself")
    acting = _someone("+", "the administrator who did it, acting as `by`")
    kind = models.CharField(max_length=60)
    person = _someone("events", "whom it concerns")
    object_type = models.CharField(max_length=40, blank=True)
    object_id = models.BigIntegerField(null=True, blank=True)
    details = models.JSONField(default=dict)

    class Meta:
        indexes = [  # each list of events is the newest of one of these
            models.Index(fields=["-at", "-id"], name="audit_newest"),
            models.Index(fields=["by", "-at", "-id"], name="audit_by_doer"),
            models.Index(fields=["person", "-at", "-id"], name="audit_by_person"),
            models.Index(
                fields=["acting", "-at", "-id"], condition=Q(acting__isnull=False), name="audit_by_administrator"
            ),
            models.Index(fields=["object_type", "object_id", "-at", "-id"], name="audit_of_object"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} at {self.at:%Y-%m-%d %H:%M}"
