"""Who stands in for a manager, for a period."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q

from partners.models.people import Person


class DeputyQuerySet(models.QuerySet):
    def in_force(self, on: date) -> Self:
        """Those that stand in on that day."""
        return self.filter(from_date__lte=on, until__gte=on)


class Deputy(models.Model):
    """Somebody who may do what a manager may, from a first day until a last."""

    manager = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="deputies")
    deputy = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="stands_in")
    from_date = models.DateField()
    until = models.DateField(help_text="the last day")
    named_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    named_at = models.DateTimeField()

    objects = DeputyQuerySet.as_manager()

    class Meta:
        ordering = ["from_date", "pk"]
        verbose_name_plural = "deputies"
        constraints = [
            models.CheckConstraint(condition=~Q(manager=F("deputy")), name="nobody_deputises_for_themselves"),
            models.CheckConstraint(condition=Q(until__gte=F("from_date")), name="a_deputy_begins_before_the_end"),
        ]

    def __str__(self) -> str:
        return f"{self.deputy} for {self.manager}, {self.from_date} to {self.until}"
