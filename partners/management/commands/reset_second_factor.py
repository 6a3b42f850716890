"""`manage.py reset_second_factor EMAIL --reason TEXT`."""

from django.core.management.base import BaseCommand, CommandError, CommandParser

from academy.lib import clock
from partners.actions import lost_factors
from partners.models import User


class Command(BaseCommand):
    help = "Take away the second factors of somebody who lost them, once you know that it is them who asks."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL", help="the address with which they sign in")
        parser.add_argument("--reason", required=True, help="how you know that it is them; kept in the audit")

    def handle(self, *, email: str, reason: str, **options) -> None:
        user = User.objects.filter(email=email.strip().lower()).select_related("person").first()
        if user is None:
            raise CommandError(f"Nobody signs in as {email}.")
        try:
            lost_factors.reset(person=user.person, by=None, at=clock.now(), reason=reason)
        except lost_factors.ResetRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{user.person} is signed out everywhere, is told, and sets up a second factor anew.")
