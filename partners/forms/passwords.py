"""Passwords: signing in with one, choosing one, having forgotten it."""

from allauth.account import forms as allauth
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_password_login
from crispy_forms_gds.layout import Field
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest, HttpResponse

from partners.forms import layout
from partners.models import User

HINT = "At least 12 characters. Three words that nobody would guess are easy to remember."


class PasswordSignInForm(allauth.LoginForm):
    """Address and password."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = layout.address()
        self.fields["password"] = layout.password("Password")
        self.helper = layout.helper(Field.text("login"), Field.text("password"), button="Sign in")

    def _login_with_password(self, request: HttpRequest, redirect_url: str, credentials: dict) -> HttpResponse:
        """As allauth does, but the session keeps its own end."""
        self._login.redirect_url = redirect_url
        return perform_password_login(request, credentials, self._login)


class ForgottenPasswordForm(allauth.ResetPasswordForm):
    """Ask for a link to choose a new password."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"] = layout.address()
        self.helper = layout.helper(Field.text("email"), button="Send me a link")


class ResetPasswordForm(allauth.ResetPasswordKeyForm):
    """Choose a new password, from the link."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["password2"]
        self.fields["password1"] = layout.password("New password", HINT, new=True)
        self.helper = layout.helper(Field.text("password1"), button="Save the password")

    def clean_password1(self) -> str:
        validate_password(self.cleaned_data["password1"], self.user)
        return self.cleaned_data["password1"]


class NewPasswordForm(forms.Form):
    """Choose a password, signed in."""

    def __init__(self, *args, user: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["password"] = layout.password("New password", HINT, new=True)
        self.helper = layout.helper(Field.text("password"), button="Save the password")

    def clean_password(self) -> str:
        validate_password(self.cleaned_data["password"], self.user)
        return self.cleaned_data["password"]


class ConfirmPasswordForm(forms.Form):
    """Show that it is oneself by one's password."""

    def __init__(self, *args, request: HttpRequest, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.fields["password"] = layout.password("Your password")
        self.helper = layout.helper(Field.text("password"), button="Continue")

    def clean_password(self) -> str:
        password = self.cleaned_data["password"]
        found = get_adapter().authenticate(self.request, email=self.request.user.email, password=password)
        if found is None or found.pk != self.request.user.pk:
            raise forms.ValidationError("That is not your password")
        return password
