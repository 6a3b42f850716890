"""Facts dated twice: when they were true, and when they were recorded.

An identity row (an employment, a membership) never changes; what is known of it is a list of versions, appended to
and never edited. Known at a day = the newest version recorded by the end of that day, London time.
"""

from datetime import date, datetime
from typing import Self

from django.db import models
from django.db.models.functions import RowNumber

from academy.lib.dates import end_of_day


class VersionQuerySet(models.QuerySet):
    """Which version of each identity counts."""

    def current(self) -> Self:
        """What is known now: the newest version of each identity, unless it withdrew the identity."""
        return self.filter(is_current=True, retracted=False)

    def known_at(self, day: date) -> Self:
        """What was known at the end of that London day."""
        newest = (
            self.model.objects.filter(recorded_at__lte=end_of_day(day))
            .order_by("identity_id", "-recorded_at", "-pk")
            .distinct("identity_id")
        )
        return self.filter(pk__in=newest.values("pk"), retracted=False)


class Version(models.Model):
    """One statement about an identity. Subclasses add `identity` and the facts, and list them in FACTS."""

    FACTS: tuple[str, ...] = ()

    recorded_at = models.DateTimeField(help_text="when the academy came to know it")
    recorded_by = models.ForeignKey(
        "partners.Person", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    source = models.CharField(max_length=200, help_text="the file or page it came from")
    dated = models.BooleanField(default=False, help_text="the statement itself said when it became known")
    retracted = models.BooleanField(default=False, help_text="withdraws the identity")
    is_current = models.BooleanField(default=True, help_text="the newest statement about its identity")

    objects = VersionQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def facts(self) -> dict[str, object]:
        """What this version states, by field; equal dictionaries say the same thing."""
        return {name: getattr(self, name) for name in (*self.FACTS, "retracted")}


def state(identity: models.Model, *, at: datetime, by: models.Model | None, source: str, **facts: object) -> Version:
    """Append a statement by somebody who says it now: what is known, with these facts changed."""
    known = identity.versions.filter(is_current=True).first()
    model = identity.versions.model
    kept = known.facts if known else {}
    said = kept | facts | {"recorded_at": at, "recorded_by": by, "source": source, "dated": True, "is_current": False}
    made = model.objects.create(identity=identity, **said)
    mark_current(model, [identity.pk])
    return made


def mark_current(model: type[Version], identity_ids: list[int]) -> None:
    """Set `is_current` on the newest version of each of these identities and clear it on all others."""
    ranked = model.objects.filter(identity_id__in=identity_ids).annotate(
        place=models.Window(
            RowNumber(), partition_by="identity_id", order_by=[models.F("recorded_at").desc(), models.F("pk").desc()]
        )
    )
    found = list(ranked.values_list("pk", "place", "is_current"))
    stale = [pk for pk, place, is_current in found if is_current and place > 1]
    newest = [pk for pk, place, is_current in found if place == 1 and not is_current]
    model.objects.filter(pk__in=stale).update(is_current=False)
    model.objects.filter(pk__in=newest).update(is_current=True)
