"""Which access roles a person holds by WHO's own rows: learner always, what was granted, manager of anyone in post.
And how many work where.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date

from django.db.models import CharField, Count, F, Func, IntegerField, QuerySet, Value
from django.db.models.functions import Cast, Coalesce, Concat

from academy.lib import registry
from partners.models import Agency, Employment, Grant, Person, Team
from partners.permissions import AccessRole

registry.roles("SELECT 'learner'")
registry.roles("""
    SELECT access_role FROM partners_grant
    WHERE person_id = %(person)s AND from_date <= %(on)s AND (to_date IS NULL OR to_date > %(on)s)
""")
registry.roles("""
    SELECT 'manager' WHERE EXISTS (
        SELECT FROM partners_employmentversion v JOIN partners_employment e ON e.id = v.identity_id
        WHERE v.manager_id IN (
                SELECT %(person)s UNION SELECT manager_id FROM partners_deputy
                WHERE deputy_id = %(person)s AND from_date <= %(on)s AND until >= %(on)s
            ) AND v.is_current AND NOT v.retracted
            AND e.start_date <= %(on)s AND (v.end_date IS NULL OR v.end_date > %(on)s)
    )
""")


@registry.integrity
def misplaced_teams() -> Iterator[str]:
    """Teams whose path is not that of the team they are part of: their coordinators would see the wrong people."""
    above = Coalesce("parent__path", Value("/"))
    place = Concat(above, Cast("pk", CharField()), Value("/"), output_field=CharField())
    for team in Team.objects.annotate(place=place).exclude(path=F("place")):
        yield f"Team {team.pk} says that it is at {team.path}, and is at {team.place}."


def heads_by_agency(spells: QuerySet[Employment]) -> dict[int, int]:
    """How many people hold these spells, by the id of the agency; one with two posts there is one head. One query."""
    return dict(spells.order_by().values_list("agency").annotate(Count("person", distinct=True)))


def heads_by_team(spells: QuerySet[Employment]) -> dict[int, int]:
    """How many people hold these spells in a team or in any nested in it, by the id of the team. One query."""
    ids = Func(Func(F("team__path"), Value("/"), function="btrim"), Value("/"), function="string_to_array")
    each = Func(ids, function="unnest", template="%(function)s(%(expressions)s)::int", output_field=IntegerField())
    placed = spells.exclude(team=None).order_by().annotate(within=each)
    return dict(placed.values_list("within").annotate(Count("person", distinct=True)))


def coordinators(agencies: Iterable[Agency], on: date) -> dict[tuple[int, int | None], list[Person]]:
    """Who coordinates these agencies and teams of them that day, by the ids of agency and team. One query."""
    grants = Grant.objects.in_force(on).filter(access_role=AccessRole.COORDINATOR, agency__in=agencies)
    found: dict[tuple[int, int | None], list[Person]] = defaultdict(list)
    for grant in grants.select_related("person").order_by("person__name_key", "pk"):
        found[grant.agency_id, grant.team_id].append(grant.person)
    return found
