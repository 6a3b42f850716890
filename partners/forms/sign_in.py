"""Input validation for signing in."""

from allauth.account import forms as allauth
from crispy_forms_gds.helper import FormHelper
from crispy_forms_gds.layout import Field, Layout, Submit
from django import forms


class SignInForm(allauth.RequestLoginCodeForm):
    """Ask for a code."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"] = forms.EmailField(
            label="Work e-mail address",
            widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
            error_messages={
                "required": "Enter your work e-mail address",
                "invalid": "Enter an e-mail address like name@example.org",
            },
        )
        self.helper = _helper(Field.text("email"), "Send me a code")


class CodeForm(allauth.ConfirmLoginCodeForm):
    """Enter the code that was sent."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = forms.CharField(
            label="Code",
            help_text="For example HKLM-PSTZ. Capitals do not matter.",
            widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "spellcheck": "false"}),
            error_messages={"required": "Enter the code from the e-mail"},
        )
        self.helper = _helper(Field.text("code", field_width=10), "Sign in")


def _helper(field: Field, button: str) -> FormHelper:
    helper = FormHelper()
    helper.attrs = {"novalidate": ""}
    helper.layout = Layout(field, Submit("submit", button))
    return helper
