"""Input validation, a module for each part of WHO. Those that settings name are here by name."""

from partners.forms.factors import (
    AuthenticatorAppForm,
    ConfirmCodeForm,
    ConfirmPasskeyForm,
    PasskeyForm,
    PasskeySecondForm,
    PasskeySignInForm,
    SecondFactorForm,
)
from partners.forms.passwords import (
    ConfirmPasswordForm,
    ForgottenPasswordForm,
    NewPasswordForm,
    PasswordSignInForm,
    ResetPasswordForm,
)
from partners.forms.providers import ProviderForm
from partners.forms.sign_in import CodeForm, SignInForm

__all__ = [
    "AuthenticatorAppForm",
    "CodeForm",
    "ConfirmCodeForm",
    "ConfirmPasskeyForm",
    "ConfirmPasswordForm",
    "ForgottenPasswordForm",
    "NewPasswordForm",
    "PasskeyForm",
    "PasskeySecondForm",
    "PasskeySignInForm",
    "PasswordSignInForm",
    "ProviderForm",
    "ResetPasswordForm",
    "SecondFactorForm",
    "SignInForm",
]
