"""What one fills in to book."""

from crispy_forms_gds.helper import FormHelper
from crispy_forms_gds.layout import Field, Layout, Size
from django import forms


class BookForm(forms.Form):
    """What to arrange for someone; asked once and remembered."""

    access_needs = forms.CharField(
        label="Do you need any adjustments?",
        help_text="For example a hearing loop, step-free access, large print or a diet. You and the people who run the "
        "training see this, and we remember it for next time. Leave it empty if you need none.",
        required=False,
        max_length=1000,
        widget=forms.Textarea,
        error_messages={"max_length": "Use 1,000 characters or fewer to say what you need"},
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False  # the page's button says whether this is a place or the queue
        self.helper.layout = Layout(Field.textarea("access_needs", rows=3, label_size=Size.MEDIUM))
        # A browser would cut what is pasted without a word; we say that it is too long, and lose nothing.
        self.fields["access_needs"].widget.attrs.pop("maxlength", None)
