"""The catalogue's filters, and where and when somebody learns best."""

import calendar
from datetime import date

from crispy_forms_gds.layout import Field
from django import forms

from courses.forms import fields
from courses.models import Kind, Level, PracticeTheme, Room
from partners.models import Agency

WEEKDAYS = [(number, calendar.day_name[number - 1]) for number in range(1, 8)]
DAY_FORMATS = ["%Y-%m-%d", "%d/%m/%Y"]


def _several(choices: list) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(choices=choices, required=False)


class CatalogueFilter(forms.Form):
    """The catalogue's filters, all from the address; what makes no sense is left out, never an error."""

    q = forms.CharField(required=False, max_length=200)
    exactly = forms.BooleanField(required=False)
    theme = forms.ModelMultipleChoiceField(PracticeTheme.objects.all(), required=False, to_field_name="slug")
    kind = _several(Kind.choices)
    level = _several(Level.choices)
    area = forms.CharField(required=False, max_length=100)
    day = forms.TypedMultipleChoiceField(choices=WEEKDAYS, coerce=int, required=False)
    first = forms.DateField(required=False, input_formats=DAY_FORMATS)
    last = forms.DateField(required=False, input_formats=DAY_FORMATS)
    places = forms.BooleanField(required=False)
    free = forms.BooleanField(required=False)
    near = forms.BooleanField(required=False)
    owner = forms.ModelChoiceField(Agency.objects.all(), required=False)
    month = forms.DateField(required=False, input_formats=["%Y-%m"])

    def clean_first(self) -> date | None:
        return _likely(self.cleaned_data["first"])

    def clean_last(self) -> date | None:
        return _likely(self.cleaned_data["last"])

    def clean_month(self) -> date | None:
        return _likely(self.cleaned_data["month"])


def _likely(day: date | None) -> date | None:
    return day if day and 2000 <= day.year <= 2100 else None


class HabitsForm(forms.Form):
    """On which days and where somebody learns best."""

    days = forms.TypedMultipleChoiceField(
        label="Days on which I can come",
        choices=WEEKDAYS,
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None ticked means any day.",
    )
    areas = forms.MultipleChoiceField(
        label="Where I can come to",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Online training is always included. None ticked means anywhere.",
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        said = self.initial.get("areas", [])
        self.fields["areas"].choices = [(area, area) for area in sorted({*areas(), *said})]
        self.helper = fields.helper(
            Field.checkboxes("days", small=True, legend_size="m"),
            Field.checkboxes("areas", small=True, legend_size="m"),
            button="Save and see what suits me",
        )


def areas() -> list[str]:
    """Where there are rooms in use."""
    return list(Room.objects.filter(in_use=True).exclude(area="").values_list("area", flat=True).distinct())
