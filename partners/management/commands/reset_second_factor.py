"""`manage.py reset_second_factor EMAIL --reason TEXT`."""

from django.core.management.base import BaseCommand, CommandError, CommandParser

from academy.lib import clock
from partners.actions.accounts import reset_second_factor
from partners.models import User


class Command(BaseCommand):
    help = "Take away the second factors of somebody who lost them, once you know that it is them who asks."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL", help="the address with which they sign in")
        parser.add_argument("--reason", required=True, help="how you know that it is them; kept in the audit")

    def handle(self, *, email: str, reason: str, **options) -> None:
        user = User.objects.filter(email=email.strip().lower()).first()
        if user is None:
            raise CommandError(f"Nobody signs in as {email}.")
        reset_second_factor(user=user, by=None, at=clock.now(), reason=reason)
        self.stdout.write(f"{user.person} is signed out everywhere, is told, and sets up a second factor anew.")
