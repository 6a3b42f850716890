"""Which access roles a person holds by WHO's own rows."""

from datetime import date

from django.db.models import CharField, Value

from academy.lib import registry
from partners.models import EmploymentVersion, Grant, Person
from partners.permissions import AccessRole


@registry.roles
def granted_roles(person: Person, on: date) -> set[str]:
    """Learner always; what was granted; manager of anyone in post."""
    granted = Grant.objects.held_by(person, on).values_list("access_role")
    managing = EmploymentVersion.objects.current().filter(manager=person).exclude(end_date__lte=on)
    manager = managing.annotate(role=Value(AccessRole.MANAGER, CharField())).values_list("role")
    rows = granted.union(manager)
    return {AccessRole.LEARNER, *(role for (role,) in rows)}
