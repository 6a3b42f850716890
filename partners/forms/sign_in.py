"""Signing in with a code from an e-mail."""

from allauth.account import forms as allauth
from allauth.account.adapter import get_adapter
from allauth.core import context, ratelimit
from crispy_forms_gds.layout import Field

from partners.browsers import is_known
from partners.forms import layout
from partners.models import User


class SignInForm(allauth.RequestLoginCodeForm):
    """Ask for a code."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"] = layout.address()
        self.helper = layout.helper(Field.text("email"), button="Send me a code")

    def clean_email(self) -> str:
        """The address, whose account (or None) is `_user`; counted apart for a browser that has signed it in before."""
        email = self.cleaned_data["email"].lower()
        request = context.request
        if not ratelimit.consume(request, action="request_login_code", key=f"{email}:{is_known(request, email)}"):
            raise get_adapter().validation_error("rate_limited")
        self._user = User.objects.filter(email=email, is_active=True).first()
        return email


class CodeForm(allauth.ConfirmLoginCodeForm):
    """Enter the code that was sent."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        hint = "For example HKLM-PSTZ. Capitals do not matter."
        self.fields["code"] = layout.code("Code", hint, "Enter the code from the e-mail")
        self.helper = layout.helper(Field.text("code", field_width=10), button="Sign in")
