"""Agencies and their nested teams."""

import functools
import operator
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from academy.lib.text import sort_key

if TYPE_CHECKING:
    from partners.models.accounts import Duties


class AgencyKind(models.TextChoices):
    COUNCIL = "council", "Council"
    HEALTH = "health", "NHS"
    POLICE = "police", "Police"
    SCHOOL = "school", "School or college"
    EARLY_YEARS = "early_years", "Early years"
    VOLUNTARY = "voluntary", "Voluntary and community"
    GP = "gp", "GP practice"
    HOUSING = "housing", "Housing provider"
    OTHER = "other", "Other partner"


class AgencyQuerySet(models.QuerySet):
    def kept_by(self, duties: "Duties") -> Self:
        """Agencies that somebody with these duties coordinates, or a team of which."""
        return self.filter(Q(pk__in=duties.agencies) | Q(teams__path__in=duties.teams)).distinct()


class Agency(models.Model):
    """An organisation whose people learn here."""

    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=AgencyKind)
    name_key = models.CharField(max_length=200, unique=True, editable=False, help_text="how names are matched")

    objects = AgencyQuerySet.as_manager()

    class Meta:
        ordering = ["name_key"]
        verbose_name_plural = "agencies"

    def __str__(self) -> str:
        return self.name

    def save(self, *args, **kwargs) -> None:
        self.name_key = sort_key(self.name)
        super().save(*args, **kwargs)


class TeamQuerySet(models.QuerySet):
    def under(self, team: "Team") -> Self:
        """That team and every team nested in it, at any depth."""
        return self.filter(path__startswith=team.path)

    def kept_by(self, duties: "Duties") -> Self:
        """Teams of the agencies that somebody with these duties coordinates, and their own with all nested in them."""
        own = [Q(path__startswith=path) for path in duties.teams]
        return self.filter(functools.reduce(operator.or_, own, Q(agency__in=duties.agencies)))


class Team(models.Model):
    """A part of an agency; teams nest."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="teams")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    name = models.CharField(max_length=200)
    name_key = models.CharField(max_length=200, editable=False)
    path = models.CharField(max_length=500, db_index=True, editable=False, help_text="ids from the top: /3/17/")

    objects = TeamQuerySet.as_manager()

    class Meta:
        ordering = ["name_key"]
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "parent", "name_key"],
                nulls_distinct=False,
                name="a_team_has_one_name_among_its_siblings",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args, **kwargs) -> None:
        self.name_key = sort_key(self.name)
        super().save(*args, **kwargs)
        path = f"{self.parent.path if self.parent else '/'}{self.pk}/"
        if path != self.path:
            self.path = path
            type(self).objects.filter(pk=self.pk).update(path=path)
