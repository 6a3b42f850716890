"""Whose bookings somebody may count."""

from dataclasses import dataclass
from datetime import date

from django.db import models

from partners.models import Agency, Employment, Grant, Person, Team
from partners.permissions import AccessRole

WHOLE_ACADEMY = frozenset({AccessRole.LEAD, AccessRole.DIRECTOR})


@dataclass(frozen=True)
class Within:
    """Everyone's bookings; or those of agencies by id, and those of `people`, pairs of agency and person by id."""

    everyone: bool
    agencies: frozenset[int] = frozenset()
    people: frozenset[tuple[int, int]] = frozenset()

    def sql(self, booking: str) -> tuple[str, dict[str, object]]:
        """The same as a condition about a booking of that name in a statement."""
        if self.everyone:
            return "TRUE", {}
        agency, pair = f"{booking}.agency_id", f"({booking}.agency_id, {booking}.person_id)"
        values = {"own_agencies": list(self.agencies), "own_people": tuple(self.people) or ((0, 0),)}
        return f"({agency} = ANY(%(own_agencies)s) OR {pair} IN %(own_people)s)", values

    def offered(self) -> models.QuerySet[Agency]:
        """The agencies that may be looked at one by one."""
        own = self.agencies | {agency for agency, _ in self.people}
        return Agency.objects.all() if self.everyone else Agency.objects.filter(pk__in=own)

    def whole(self) -> models.QuerySet[Agency]:
        """The agencies all of whose people's bookings are counted."""
        return Agency.objects.all() if self.everyone else Agency.objects.filter(pk__in=self.agencies)


EVERYONE = Within(everyone=True)


def within(viewer: Person, roles: set[str], on: date) -> Within:
    """All for leads and directors; for coordinators the own agency's, or those of their team's people.

    A director of one service sees all figures too: what is narrowed for them is names.
    """
    if not WHOLE_ACADEMY.isdisjoint(roles):
        return EVERYONE
    duties = Grant.objects.duties_of(viewer, on)
    teams = Team.objects.kept_by(duties) if duties.teams else Team.objects.none()
    spells = Employment.objects.in_post(on).filter(team__in=teams.values("pk"))
    return Within(False, duties.agencies, frozenset(spells.values_list("agency_id", "person_id")))
