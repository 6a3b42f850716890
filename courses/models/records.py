"""What somebody learnt elsewhere, or says of what they learnt here; and the calendar that follows their places."""

from datetime import date
from typing import Self
from uuid import UUID, uuid4

from django.conf import settings
from django.core import signing
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from courses.models.achievements import Achievement
from courses.models.courses import PracticeTheme
from partners.models import Employment, Person

_signer = signing.Signer(sep=".", salt="courses.calendar-feed")


class LearningQuerySet(models.QuerySet):
    def visible_to(self, viewer: Person, on: date) -> Self:
        """Own learning, and that of people whose record one may open."""
        return self.filter(person__in=Person.objects.visible_to(viewer, on))

    def with_evidence(self) -> Self:
        """Adds `has_evidence`, without fetching any file."""
        return self.annotate(has_evidence=Exists(Evidence.objects.filter(learning=OuterRef("pk"))))


class Learning(models.Model):
    """One piece of learning in somebody's own words: elsewhere, or about an achievement of theirs here."""

    class Kind(models.TextChoices):
        COURSE = "course", "Course or workshop"
        ELEARNING = "elearning", "E-learning"
        CONFERENCE = "conference", "Conference or event"
        READING = "reading", "Reading or research"
        REFLECTION = "reflection", "Reflection on practice"
        SUPERVISION = "supervision", "Supervision or coaching"
        PEERS = "peers", "Peer group or case discussion"
        SHADOWING = "shadowing", "Shadowing or observation"
        OTHER = "other", "Something else"

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="learning")
    achievement = models.OneToOneField(
        Achievement,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="reflection",
        help_text="of the person's own: its hours count there, and not again here",
    )
    kind = models.CharField(max_length=20, choices=Kind)
    title = models.CharField(max_length=200)
    provider = models.CharField(max_length=200, blank=True, help_text="who offered it")
    learnt_on = models.DateField("date", help_text="the last day, where it took several")
    hours = models.DecimalField(max_digits=5, decimal_places=2)
    themes = models.ManyToManyField(PracticeTheme, related_name="+", blank=True)
    relevance = models.TextField("why it matters to the work", blank=True)
    learnt = models.TextField("what was learnt", blank=True)
    impact = models.TextField("what changed", blank=True)
    peer_discussion = models.TextField("what was discussed with a peer", blank=True)
    peer_role = models.CharField("with whom", max_length=200, blank=True, help_text="a role, never a name")
    recorded_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = LearningQuerySet.as_manager()

    class Meta:
        ordering = ["-learnt_on", "-pk"]
        verbose_name = "own learning"
        verbose_name_plural = "own learning"
        indexes = [models.Index(fields=["person", "-learnt_on"], name="learning_of_a_person")]
        constraints = [models.CheckConstraint(condition=Q(hours__gte=0), name="hours_are_not_negative")]

    def __str__(self) -> str:
        return self.title

    @property
    def is_told(self) -> bool:
        """Whether it says why it matters, what was learnt and what changed."""
        return bool(self.relevance and self.learnt and self.impact)

    @property
    def has_peer_reflection(self) -> bool:
        """Whether it says what came of talking it over, and with somebody in which role."""
        return bool(self.peer_discussion and self.peer_role)


class Evidence(models.Model):
    """The file that shows a piece of learning; in a row of its own, so that lists need not fetch it."""

    class Kind(models.TextChoices):
        PDF = "pdf", "PDF"
        PNG = "png", "PNG"
        JPEG = "jpg", "JPEG"
        DOCX = "docx", "Word document"

    learning = models.OneToOneField(Learning, on_delete=models.CASCADE, related_name="evidence")
    name = models.CharField("file name", max_length=120)
    kind = models.CharField(max_length=10, choices=Kind, help_text="by its content")
    content = models.BinaryField("file")
    sent_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "evidence"

    def __str__(self) -> str:
        return self.name


class FormerNumber(models.Model):
    """A number that a certificate had before it was issued again: whoever checks it learns that there is a newer."""

    certificate = models.ForeignKey("courses.Certificate", on_delete=models.CASCADE, related_name="former_numbers")
    number = models.CharField(max_length=20, unique=True)
    replaced_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.number


class Revocation(models.Model):
    """Why an achievement counts no more."""

    achievement = models.OneToOneField(Achievement, on_delete=models.CASCADE, related_name="revocation")
    by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    reason = models.CharField(max_length=300, help_text="told to the person")

    def __str__(self) -> str:
        return f"{self.achievement}"


class CalendarFeedQuerySet(models.QuerySet):
    def alive(self, on: date) -> Self:
        """Those of people who are in post and may sign in: nobody else's answers any more."""
        in_post = Employment.objects.in_post(on).filter(person=OuterRef("person"))
        return self.filter(Exists(in_post), person__merged_into=None, person__user__is_active=True)

    def by_token(self, token: str) -> Self:
        """The one with that token, if it is one of ours."""
        try:
            return self.filter(key=UUID(_signer.unsign(token)))
        except (signing.BadSignature, ValueError):
            return self.none()


class CalendarFeed(models.Model):
    """A secret address at which a calendar program finds somebody's places. A new key ends the address before it."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="calendar_feed")
    key = models.UUIDField(unique=True, default=uuid4, help_text="drawn by chance; the address holds it, signed")
    made_at = models.DateTimeField()

    objects = CalendarFeedQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.person}"

    @property
    def token(self) -> str:
        """What stands in its address. Not in the database, where the key alone opens nothing."""
        return _signer.sign(str(self.key))

    @property
    def address(self) -> str:
        return settings.SITE_URL + reverse("calendar_feed", args=[self.token])
