"""Why somebody may not ask to shadow a colleague or to be coached by them, each reason a sentence."""

from collections.abc import Iterator
from datetime import date

from courses.models import Hosting, Visit
from partners.models import Employment, Person

SAME_TEAM = (
    "Shadowing is for people of another agency, or of another team of the same one. You work in the host’s team."
)


def why_not_ask(hosting: Hosting, guest: Person, on: date) -> list[str]:
    """Every reason; none where they may ask."""
    return list(_reasons(hosting, guest, on))


def _reasons(hosting: Hosting, guest: Person, on: date) -> Iterator[str]:
    spells = Employment.objects.in_post(on).filter(person=guest)
    if hosting.host_id == guest.pk:
        yield "This is your own offer."
        return
    if not Hosting.objects.open(on).filter(pk=hosting.pk).exists():
        yield "The host takes no more requests."
    if not spells.exists():
        yield "Only people who work for one of the agencies can ask, and nothing is known of your job."
    elif hosting.open_to == Hosting.OpenTo.OTHERS and spells.filter(agency=hosting.agency_id).exists():
        yield f"This is for people of other agencies, and you work for {hosting.agency}."
    elif hosting.kind == Hosting.Kind.SHADOWING and spells.filter(agency=hosting.agency_id, team=hosting.team_id):
        yield SAME_TEAM
    if Visit.objects.live().filter(hosting=hosting, guest=guest).exists():
        yield "You have asked already."
