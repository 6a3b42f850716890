"""Accounts, as django-allauth is to treat them."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.http import HttpRequest, HttpResponse

from academy.lib import clock
from partners import emails
from partners.actions import sign_ins
from partners.browsers import is_known, name_of, remember
from partners.models import User


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up by themselves; codes are sent at once and without the broker, notices by the outbox."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "The e-mail address and password do not match",
        "incorrect_code": "That is not the code, or it has been used already. Check it and try again",
        "too_many_login_attempts": "There were too many tries. Wait five minutes, or sign in another way",
        "rate_limited": "There were too many tries. Wait five minutes, then try again",
        "invalid_password_reset": "This link has been used already, or is too old",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def format_email_subject(self, subject: str) -> str:
        return subject

    def get_from_email(self) -> str:
        return settings.DEFAULT_FROM_EMAIL

    def add_message(self, *args, **kwargs) -> None:
        """The pages say all that needs saying."""

    def send_notification_mail(self, template_prefix: str, user: User, *args: Any, **kwargs: Any) -> None:
        """Tell somebody of a change to how they sign in; without the addresses that allauth would quote."""
        emails.sign_in_changed(template_prefix, user, clock.now())

    def is_reauthentication_required(self, **kwargs: Any) -> bool:
        """Asked at every such page already: `partners.access.recently_confirmed`, which knows of mailed codes too."""
        return False

    def get_login_stages(self) -> list[str]:
        return [
            "allauth.account.stages.LoginByCodeStage",
            "partners.adapters.SecondFactorStage",
        ]

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Wrong passwords are counted apart for a browser that has signed this person in before."""
        email = credentials.get("email", "").lower()
        return f"password:{email}:{is_known(request, email)}"

    def login(self, request: HttpRequest, user: User) -> None:
        request.first_sign_in = user.last_login is None
        super().login(request, user)
        browser = name_of(request.headers.get("User-Agent", ""))
        sign_ins.begin(request.session, user=user, browser=browser, at=clock.now())

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Tell somebody who has signed in before of a browser that has not."""
        response = super().post_login(request, user, **kwargs)
        if not request.first_sign_in and not is_known(request, user.email):
            emails.new_browser(user, clock.now())
        remember(request, response, user.email)
        return response

    def logout(self, request: HttpRequest) -> None:
        sign_ins.forget(request.session)
        super().logout(request)


class ResetTokens(PasswordResetTokenGenerator):
    """A link to a new password dies with the account, as with its address and the old password.

    allauth's own would fill its list of addresses, in which a leaver's would outlive its being given to a newcomer.
    """

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}{user.is_active}"
