"""What a report on training is narrowed to: all from the address."""

from datetime import date, datetime

from django import forms

from academy.lib import text
from academy.lib.periods import financial_year
from courses.models import Course, PracticeTheme
from courses.stats.attendance import BEGINNING, Asked
from courses.stats.within import Within

NOT_KNOWN = "0"


class ReportFilter(forms.Form):
    """From which day to which; an agency, a practice theme, a course. Empty means the financial year so far."""

    first = forms.DateField(required=False, error_messages={"invalid": "Enter the first day as a date"})
    last = forms.DateField(required=False, error_messages={"invalid": "Enter the last day as a date"})
    agency = forms.TypedChoiceField(coerce=int, required=False, empty_value=None)
    theme = forms.ModelChoiceField(PracticeTheme.objects.all(), required=False)
    course = forms.ModelChoiceField(Course.objects.all(), required=False)

    def __init__(self, *args, at: datetime, today: date, within: Within, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self._at, self._today, self._within = at, today, within
        known = [(str(pk), name) for pk, name in within.offered().values_list("pk", "name")]
        self.agencies = [*known, (NOT_KNOWN, "Agency not known")] if within.everyone else known
        self.fields["agency"].choices = self.agencies
        self.fields["agency"].error_messages["invalid_choice"] = "Choose one of the agencies in the list"
        for name in ("theme", "course"):
            self.fields[name].error_messages["invalid_choice"] = f"There is no such {name}"

    def clean_first(self) -> date | None:
        chosen = self.cleaned_data["first"]
        if chosen and chosen < BEGINNING:
            raise forms.ValidationError(f"{text.day(chosen)} is before any record")
        return chosen

    def clean_last(self) -> date:
        chosen = self.cleaned_data["last"] or self._today
        if chosen > self._today:
            raise forms.ValidationError(f"{text.day(chosen)} has not come yet")
        return chosen

    def clean(self) -> dict[str, object]:
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        if first and last and first > last:
            self.add_error("first", "The first day comes after the last one")
        return self.cleaned_data

    @property
    def asked(self) -> Asked:
        """What a valid form asks for."""
        chosen = self.cleaned_data
        last = chosen["last"]
        return Asked(
            chosen["first"] or financial_year(last).start,
            last,
            self._at,
            agency=chosen["agency"],
            theme=chosen["theme"].pk if chosen["theme"] else None,
            course=chosen["course"].pk if chosen["course"] else None,
            within=self._within,
        )
