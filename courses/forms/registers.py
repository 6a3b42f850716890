"""Who was there."""

import math
from datetime import datetime, timedelta

from crispy_forms_gds.helper import FormHelper
from crispy_forms_gds.layout import Field, Layout, Size, Submit
from django import forms

from courses.models import Booking, Mark

CHOICES = [(mark.value, mark.label) for mark in (Mark.PRESENT, Mark.LATE, Mark.PART, Mark.EXCUSED, Mark.ABSENT)]


class RegisterForm(forms.Form):
    """A mark for each booking, in fields named mark-<id>; people not marked yet are left out.

    Beside it may stand was-<id>, the mark that the page showed, and age-<id>, how many seconds ago somebody tapped the
    mark: on a phone whose clock may be wrong, that is what can be known. `rest` is the mark of all not marked yet.
    """

    rest = forms.ChoiceField(choices=CHOICES, required=False)

    def __init__(self, *args, bookings: list[Booking], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for booking in bookings:
            self.fields[f"mark-{booking.pk}"] = forms.ChoiceField(choices=CHOICES, required=False)

    @property
    def marks(self) -> dict[int, str]:
        """{booking id: mark} of those that somebody marked otherwise than the page showed: the others may have been
        marked on another phone meanwhile."""
        given = {
            int(name.removeprefix("mark-")): mark
            for name, mark in self.cleaned_data.items()
            if mark and name.startswith("mark-")
        }
        return {pk: mark for pk, mark in given.items() if mark != self.data.get(f"was-{pk}")}

    def made(self, at: datetime) -> dict[int, datetime]:
        """When marks were made, of those of which the page said how long ago."""
        ages = {pk: _seconds(self.data.get(f"age-{pk}", "")) for pk in self.marks}
        return {pk: at - timedelta(seconds=age) for pk, age in ages.items() if age is not None}


def _seconds(typed: str) -> float | None:
    """An age that makes sense: up to a year."""
    try:
        age = float(typed)
    except ValueError:
        return None
    return min(max(age, 0), 366 * 86_400) if math.isfinite(age) else None


class NotesForm(forms.Form):
    """What the academy should know about the day."""

    notes = forms.CharField(
        label="Notes",
        help_text="What worked, what the room lacked, what to change next time. The academy reads them. "
        "Do not write about a person.",
        required=False,
        max_length=4000,
        widget=forms.Textarea,
        error_messages={"max_length": "Use 4,000 characters or fewer for the notes"},
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.attrs = {"novalidate": ""}
        self.helper.layout = Layout(
            Field.textarea("notes", rows=8, label_size=Size.SMALL), Submit("save", "Save the notes")
        )
        self.fields["notes"].widget.attrs.pop("maxlength", None)  # a browser would cut without a word
