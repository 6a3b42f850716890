"""Input validation for privacy."""

from crispy_forms_gds.helper import FormHelper
from crispy_forms_gds.layout import Field, Layout, Size, Submit
from django import forms


class ReasonForm(forms.Form):
    """Why something is done to somebody's record. Subclasses say what for."""

    button = ""
    warning = False
    reason = forms.CharField(max_length=300, widget=forms.Textarea)

    def __init__(self, *args, label: str, hint: str, missing: str, button: str, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["reason"]
        field.label, field.help_text = label, hint
        field.error_messages |= {"required": missing, "max_length": "Use 300 characters or fewer for the reason"}
        field.widget.attrs.pop("maxlength", None)  # a browser would cut what is pasted without a word
        self.helper = FormHelper()
        self.helper.attrs = {"novalidate": ""}
        self.helper.layout = Layout(Field.textarea("reason", rows=3, label_size=Size.SMALL), *self.more(button))

    def more(self, button: str) -> list:
        """What comes after the reason."""
        return [Submit("send", button)]


class EraseForm(ReasonForm):
    """Why somebody is erased."""

    def more(self, button: str) -> list:
        return [Submit("send", button, css_class="govuk-button--warning")]


class HoldForm(ReasonForm):
    """Why records are held, and when to look again."""

    review_on = forms.DateField(
        label="When will you look whether it is still needed?",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={
            "required": "Enter the day on which you will look whether it is still needed",
            "invalid": "Enter the day to look again as a date, such as 2027-03-31",
        },
    )

    def more(self, button: str) -> list:
        return [Field.text("review_on", field_width=10, label_size=Size.SMALL), Submit("send", button)]
