"""Agencies and their nested teams."""

import functools
import operator
from typing import TYPE_CHECKING, Self

from django.contrib.postgres.fields import ArrayField
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
        """Agencies that somebody with these duties coordinates, or a team of which; all of them for a lead."""
        if duties.leads:
            return self
        return self.filter(Q(pk__in=duties.agencies) | Q(teams__path__in=duties.teams)).distinct()

    def arranged_by(self, duties: "Duties") -> Self:
        """Agencies whose teams somebody with these duties arranges: the whole of one, since what a team's coordinator
        moved would leave the hands of those above, or come into their own.
        """
        return self if duties.leads else self.filter(pk__in=duties.agencies)

    def of_domain(self, domain: str) -> Self:
        """Agencies whose people have addresses of that domain: none, one, or several that share it."""
        return self.filter(domains__contains=[domain])


class Agency(models.Model):
    """An organisation whose people learn here."""

    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=AgencyKind)
    name_key = models.CharField(max_length=200, unique=True, editable=False, help_text="how names are matched")
    domains = ArrayField(
        models.CharField(max_length=253),
        blank=True,
        default=list,
        db_default=[],
        help_text="whoever has an address of one may ask to be added",
    )

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
        """Teams of the agencies that somebody with these duties coordinates, and their own with all nested in them;
        all of them for a lead."""
        if duties.leads:
            return self
        own = [Q(path__startswith=path) for path in duties.teams]
        return self.filter(functools.reduce(operator.or_, own, Q(agency__in=duties.agencies)))

    def open(self) -> Self:
        """Those that can still be chosen."""
        return self.filter(closed_on=None)

    def in_order(self) -> list["Team"]:
        """Each below the one that it is part of, by name; each with `names`, those of the teams down to it that are
        here. One query.
        """
        here = {team.pk: team for team in self}
        ways = {pk: [here[above] for above in team.line if above in here] for pk, team in here.items()}
        for pk, team in here.items():
            team.names = [each.name for each in ways[pk]]
        return sorted(here.values(), key=lambda team: [(each.name_key, each.pk) for each in ways[team.pk]])


class Team(models.Model):
    """A part of an agency; teams nest."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="teams")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    name = models.CharField(max_length=200)
    name_key = models.CharField(max_length=200, editable=False)
    path = models.CharField(max_length=500, db_index=True, editable=False, help_text="ids from the top: /3/17/")
    closed_on = models.DateField(null=True, blank=True, help_text="from that day on nobody is put into it by hand")

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
        above = type(self).objects.filter(pk=self.parent_id).values_list("path", flat=True)  # where it is by now
        path = f"{above.get() if self.parent_id else '/'}{self.pk}/"
        if path != self.path:
            self.path = path
            type(self).objects.filter(pk=self.pk).update(path=path)

    @property
    def line(self) -> list[int]:
        """The ids of the teams from the top down to it, its own last."""
        return [int(part) for part in self.path.strip("/").split("/")]
