"""`manage.py grant EMAIL ROLE [--agency NAME]`."""

from django.core.management.base import BaseCommand, CommandError, CommandParser

from academy.lib import clock
from academy.lib.text import sort_key
from partners.actions import grants
from partners.models import Agency, Grant, User
from partners.permissions import AccessRole


class Command(BaseCommand):
    help = "Give somebody who can sign in an access role from today; for the first administrator and the first lead."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL", help="the address with which they sign in")
        parser.add_argument("role", metavar="ROLE", choices=[role for role, _ in Grant.GRANTABLE], help="%(choices)s")
        parser.add_argument("--agency", metavar="NAME", help="the agency of a coordinator")

    def handle(self, *, email: str, role: str, agency: str | None, **options) -> None:
        user = User.objects.filter(email=email.strip().lower(), is_active=True).first()
        if user is None:
            raise CommandError(f"Nobody signs in as {email}: import them first.")
        at, person = clock.now(), user.person
        place = _agency(agency) if agency else None
        if (role == AccessRole.COORDINATOR) != bool(place):
            raise CommandError("Name an --agency for a coordinator, and for nobody else.")
        if Grant.objects.held_by(person, clock.today()).filter(access_role=role, agency=place, team=None).exists():
            self.stdout.write(f"{person} holds that role already.")
            return
        reason = "given with manage.py grant"
        try:
            given = grants.give(person=person, access_role=role, agency=place, by=None, at=at, reason=reason)
        except grants.GrantRefused as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"{given} from today.")


def _agency(name: str) -> Agency:
    """The agency called so, whatever its case. Raises CommandError, naming those there are."""
    found = Agency.objects.filter(name_key=sort_key(name)).first()
    if found is None:
        there_are = ", ".join(Agency.objects.values_list("name", flat=True)) or "none yet"
        raise CommandError(f"No agency is called {name}. There are: {there_are}.")
    return found
