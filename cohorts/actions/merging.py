"""What cohorts say before two records of one person become one: nobody is on a cohort twice."""

from datetime import datetime

from academy.lib import registry
from cohorts.models import Member
from partners.actions.merges import CannotMerge
from partners.models import Person


@registry.merging
def once_on_a_cohort(kept: Person, absorbed: Person, by: Person, at: datetime) -> list[str]:
    """Refuse where both are on one cohort: published figures count them as two, which a person must put right first.

    Raises CannotMerge.
    """
    own = Member.objects.known_now().filter(person=kept).values("cohort")
    both = Member.objects.known_now().filter(person=absorbed, cohort__in=own).select_related("cohort").first()
    if both:
        raise CannotMerge(f"Both are on {both.cohort}. Withdraw one of the memberships with a line of a file first.")
    return []
