"""Asking everyone trained, at 3, 6 and 12 months, what changed in practice."""

from datetime import date, datetime
from typing import Self

from django.core import signing
from django.db import models
from django.db.models import Exists, OuterRef, Q

from courses.models import Achievement
from evaluation.models.questionnaires import Questionnaire
from partners.models import Employment, Person

_signer = signing.Signer(sep=".", salt="evaluation.follow-up")


class FollowUpQuerySet(models.QuerySet):
    def due(self, at: datetime) -> Self:
        """Planned, and their moment has come."""
        return self.filter(state=FollowUp.State.PLANNED, due_at__lte=at)

    def asked(self) -> Self:
        """Those that a person was really sent: the n of a response rate."""
        S = FollowUp.State
        return self.filter(state__in=[S.SENT, S.ANSWERED, S.CLOSED])

    def open_to(self, person: Person) -> Self:
        """Sent to that person and still to be answered."""
        return self.filter(person=person, state=FollowUp.State.SENT)

    def of_leavers(self, on: date) -> Self:
        """Those of people who are in no post anywhere on that day."""
        in_post = Employment.objects.in_post(on).filter(person=OuterRef("person"))
        return self.filter(~Exists(in_post))  # never NOT IN, which PostgreSQL may run once for every row


class FollowUp(models.Model):
    """One request to one learner, 3, 6 or 12 months after an achievement: one row for its whole life."""

    class State(models.TextChoices):
        PLANNED = "planned", "Planned"
        SENT = "sent", "Sent"
        ANSWERED = "answered", "Answered"
        CLOSED = "closed", "Closed without an answer"
        SKIPPED = "skipped", "Not sent"

    NEXT = {
        State.PLANNED: {State.SENT, State.SKIPPED},
        State.SENT: {State.ANSWERED, State.CLOSED},
    }

    # No index of its own on the first, which begins one of the constraints', nor on the questionnaire, by which nobody
    # looks: a hundred thousand rows are made in a third less time.
    achievement = models.ForeignKey(Achievement, on_delete=models.CASCADE, related_name="follow_ups", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="follow_ups")
    months = models.PositiveSmallIntegerField(help_text="after the last session's date")
    questionnaire = models.ForeignKey(
        Questionnaire, on_delete=models.PROTECT, related_name="follow_ups", db_index=False
    )
    state = models.CharField(max_length=10, choices=State, default=State.PLANNED)
    due_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    closes_at = models.DateTimeField(null=True, blank=True, help_text="its link works until then")
    skipped_because = models.CharField(max_length=100, blank=True)

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(state="planned"), name="follow_ups_due"),
            models.Index(fields=["sent_at"], condition=Q(state="sent", reminded_at=None), name="follow_ups_to_remind"),
            models.Index(fields=["closes_at"], condition=Q(state="sent"), name="follow_ups_to_close"),
            models.Index(fields=["person"], condition=Q(state="sent"), name="follow_ups_open_to_a_person"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["achievement", "months"], name="one_follow_up_per_achievement_and_wave"),
            models.CheckConstraint(
                condition=Q(state__in=["planned", "skipped"]) | Q(sent_at__isnull=False, closes_at__isnull=False),
                name="a_follow_up_that_was_sent_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(state="skipped") | ~Q(skipped_because=""), name="a_skipped_follow_up_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.months} months after {self.achievement_id} ({self.state})"

    @property
    def token(self) -> str:
        """What its link carries: nothing personal, nothing that can be guessed."""
        return _signer.sign(str(self.pk))

    @staticmethod
    def id_from(token: str) -> int | None:
        """The id that a link's token was signed for; None for a forgery."""
        try:
            return int(_signer.unsign(token))
        except (signing.BadSignature, ValueError):
            return None

    def accepts_answers(self, at: datetime) -> bool:
        return self.state == self.State.SENT and self.closes_at > at
