"""Second factors: setting one up, and showing it."""

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as base
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from crispy_forms_gds.layout import Field
from django import forms
from django.core.cache import cache

from partners.forms import layout

CODE = "Code from your authenticator app, or a recovery code"
CODE_HINT = "Six digits from the app, or eight from your list."
STALE_SECONDS = 120  # longer than a code of an app works, so that one that was seen is of no use


class _UsedOnce:
    """A code of an app is taken once, however long it would work."""

    def clean_code(self) -> str:
        code = super().clean_code()
        if not cache.add(f"second-factor-used:{self.user.pk}:{code.strip()}", True, STALE_SECONDS):
            raise get_adapter().validation_error("incorrect_code")
        return code


class SecondFactorForm(_UsedOnce, base.AuthenticateForm):
    """The second factor of a sign-in."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = layout.code(CODE, CODE_HINT, "Enter the code")
        self.helper = layout.helper(Field.text("code", field_width=10), button="Continue")


class ConfirmCodeForm(_UsedOnce, base.ReauthenticateForm):
    """Show that it is oneself by one's second factor."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = layout.code(CODE, CODE_HINT, "Enter the code")
        self.helper = layout.helper(Field.text("code", field_width=10), button="Continue")


class AuthenticatorAppForm(totp.ActivateTOTPForm):
    """Prove that the app has the secret."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        hint = "Six digits; they change every half a minute."
        self.fields["code"] = layout.code("Code that the app shows", hint, "Enter the code that the app shows")
        self.helper = layout.helper(Field.text("code", field_width=10), button="Turn it on")


class _ReadsAnything:
    """What a browser sends for a passkey may be anything; where it is none, that is an error of the form."""

    def full_clean(self) -> None:
        try:
            super().full_clean()
        except (KeyError, TypeError, ValueError, AttributeError):
            self.add_error("credential", get_adapter().validation_error("incorrect_code"))


class PasskeySignInForm(_ReadsAnything, webauthn.LoginWebAuthnForm):
    """A passkey by itself."""


class PasskeySecondForm(_ReadsAnything, webauthn.AuthenticateWebAuthnForm):
    """A passkey after the first factor."""


class ConfirmPasskeyForm(_ReadsAnything, webauthn.ReauthenticateWebAuthnForm):
    """Show that it is oneself by a passkey."""


class PasskeyForm(_ReadsAnything, webauthn.AddWebAuthnForm):
    """What a browser made, and what to call it."""

    passwordless = None  # every passkey may sign in by itself: see `partners.views.factors`

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = forms.CharField(
            label="Name of this passkey",
            help_text="For example ‘Work laptop’ or ‘Blue key’.",
            required=False,
            max_length=60,
            error_messages={"max_length": "Use 60 characters or fewer"},
        )
        self.helper = layout.helper(Field.text("name", field_width=20), Field("credential"), button="Add a passkey")
        self.helper.attrs["data-passkey"] = "create"
