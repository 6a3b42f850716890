"""What the forms of this app share: fields with sentences for what goes wrong, and a helper with one button."""

from crispy_forms_gds.helper import FormHelper
from crispy_forms_gds.layout import Field, Layout, Submit
from django import forms


def helper(*fields: Field | str, button: str) -> FormHelper:
    made = FormHelper()
    made.attrs = {"novalidate": ""}
    made.layout = Layout(*fields, Submit("submit", button))
    return made


def address() -> forms.EmailField:
    return forms.EmailField(
        label="Work e-mail address",
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
        error_messages={
            "required": "Enter your work e-mail address",
            "invalid": "Enter an e-mail address like name@example.org",
        },
    )


def code(label: str, hint: str, missing: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        max_length=50,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "spellcheck": "false"}),
        error_messages={"required": missing, "max_length": "That is too long to be the code"},
    )


def password(label: str, hint: str = "", *, new: bool = False) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        strip=False,
        max_length=1000,  # hashing must not be made dear
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password" if new else "current-password"}),
        error_messages={
            "required": "Enter a password" if new else "Enter your password",
            "max_length": "Use a password of 1,000 characters or fewer",
        },
    )
