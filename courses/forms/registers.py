"""Who was there."""

from django import forms

from courses.models import Booking, Mark


class RegisterForm(forms.Form):
    """A mark for each booking, in fields named mark-<id>; people not marked yet are left out."""

    def __init__(self, *args, bookings: list[Booking], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for booking in bookings:
            self.fields[f"mark-{booking.pk}"] = forms.ChoiceField(choices=Mark.choices, required=False)

    @property
    def marks(self) -> dict[int, str]:
        """{booking id: mark} of those that were marked."""
        return {int(name.removeprefix("mark-")): mark for name, mark in self.cleaned_data.items() if mark}
