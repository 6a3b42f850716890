"""Input validation for signing in, for one's own account, and for organisations' sign-ins."""

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
