"""Files of people on their way in: checked, decided about, taken in, and undone where that was wrong."""

from datetime import date
from typing import Self

from django.db import connection, models
from django.db.models import Q

from partners.models.accounts import Grant
from partners.models.agencies import Agency
from partners.models.people import Person

LOCK = 7_201  # PostgreSQL's, for imports and whatever must not come between what they look up and what they write


def wait_for_turn() -> None:
    """One import at a time, whoever starts it, until its transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def none_at_work() -> bool:
    """Whether no import is at work; then none begins before this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock_shared(%s)", [LOCK])
        return cursor.fetchone()[0]


class ImportQuerySet(models.QuerySet):
    def visible_to(self, viewer: Person, on: date) -> Self:
        """Every import for a lead; for a coordinator those of the own agencies."""
        duties = Grant.objects.duties_of(viewer, on)
        return self if duties.leads else self.filter(agency__in=duties.agencies)


class Import(models.Model):
    """One file of people that somebody sent in a browser."""

    class State(models.TextChoices):
        READING = "reading", "Being read"
        MATCHING = "matching", "Columns to match"
        CHECKING = "checking", "Being checked"
        CHECKED = "checked", "Ready for your decision"
        IMPORTING = "importing", "Being taken in"
        IMPORTED = "imported", "Taken in"
        UNDOING = "undoing", "Being undone"
        UNDONE = "undone", "Undone"
        REFUSED = "refused", "Cannot be taken in"
        CANCELLED = "cancelled", "Cancelled"

    S = State
    RUNNING = (S.READING, S.CHECKING, S.IMPORTING, S.UNDOING)
    NEXT = {
        S.READING: {S.MATCHING, S.REFUSED, S.CANCELLED},
        S.MATCHING: {S.CHECKING, S.CANCELLED},
        S.CHECKING: {S.CHECKED, S.MATCHING, S.REFUSED, S.CANCELLED},
        S.CHECKED: {S.CHECKING, S.MATCHING, S.IMPORTING, S.CANCELLED},
        S.IMPORTING: {S.IMPORTED, S.CHECKED, S.MATCHING, S.REFUSED},
        S.IMPORTED: {S.UNDOING},
        S.UNDOING: {S.UNDONE, S.IMPORTED},
    }

    agency = models.ForeignKey(
        Agency,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="imports",
        help_text="the only one whose people it may hold; empty: the file names them",
    )
    by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(help_text="when it was sent")
    file_name = models.CharField(max_length=200)
    file = models.BinaryField(help_text="as it was sent; kept for as long as the import can be undone")
    sheet = models.JSONField(default=dict, help_text="its columns, some of their values, and how dates are written")
    reading = models.JSONField(default=dict, help_text="what its columns and values mean")
    state = models.CharField(max_length=10, choices=State, default=State.READING)
    progress = models.PositiveSmallIntegerField(default=0, help_text="per cent")
    attempts = models.PositiveSmallIntegerField(default=0, help_text="how often it was begun since it was last decided")
    lease_until = models.DateTimeField(null=True, blank=True)
    counts = models.JSONField(default=dict)
    findings = models.JSONField(default=dict, help_text="what a person must decide about the whole file")
    notes = models.JSONField(default=list)
    made = models.JSONField(default=dict, help_text="ids of the agencies, teams and job roles that it made")
    ended_at = models.DateTimeField(null=True, blank=True, help_text="when it was taken in, undone or cancelled")

    objects = ImportQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]
        indexes = [
            models.Index(
                fields=["lease_until"],
                condition=Q(state__in=["reading", "checking", "importing", "undoing"]),
                name="imports_to_be_done",
            )
        ]

    def __str__(self) -> str:
        return f"import {self.pk} ({self.state})"

    def move_to(self, state: str, **facts: object) -> bool:
        """From the state we read to `state`, writing `facts` too; False where somebody else moved it first."""
        if state not in self.NEXT.get(self.state, ()):
            return False
        moved = type(self).objects.filter(pk=self.pk, state=self.state).update(state=state, **facts)
        if moved:
            for name, value in {"state": state, **facts}.items():
                setattr(self, name, value)
        return bool(moved)


class ImportLine(models.Model):
    """What one line of a file does, or why it cannot; lines that change nothing are not kept."""

    class Verdict(models.TextChoices):
        WRONG = "wrong", "Wrong"
        NEW = "new", "New"
        CHANGED = "changed", "Changed"
        MOVED = "moved", "Moved"
        LEAVING = "leaving", "Leaving"
        MISSING = "missing", "Not in the file"

    load = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="lines")
    line = models.PositiveIntegerField(null=True, help_text="empty: about somebody who is not in the file")
    verdict = models.CharField(max_length=10, choices=Verdict)
    person = models.ForeignKey(Person, null=True, on_delete=models.CASCADE, related_name="+")
    who = models.CharField(max_length=260, help_text="the name as the file or the record has it")
    what = models.TextField(help_text="what changes, or what is wrong, in a sentence")

    class Meta:
        ordering = ["load", "verdict", "line", "pk"]
        indexes = [models.Index(fields=["load", "verdict", "line"], name="import_lines_in_order")]

    def __str__(self) -> str:
        return f"line {self.line}: {self.verdict}"
