"""Why two records become one."""

from crispy_forms_gds.helper import FormHelper
from crispy_forms_gds.layout import Field, Layout, Submit
from django import forms


class MergeForm(forms.Form):
    """A reason, for whoever looks at it later."""

    reason = forms.CharField(
        label="How do you know that they are one person?",
        max_length=300,
        error_messages={
            "required": "Say how you know that they are one person",
            "max_length": "Use 300 characters or fewer to say how you know",
        },
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].widget.attrs.pop("maxlength", None)
        self.helper = FormHelper()
        self.helper.attrs = {"novalidate": ""}
        self.helper.layout = Layout(Field.text("reason"), Submit("submit", "Make them one record"))
