"""Sending a file of people, saying what its columns mean, and deciding about the whole."""

from dataclasses import replace
from typing import Any

from crispy_forms_gds.helper import FormHelper
from crispy_forms_gds.layout import HTML, Field, Fieldset, Layout, Size, Submit
from django import forms
from django.conf import settings
from django.db.models import QuerySet

from partners.importers.columns import PEOPLE, Reading
from partners.models import Agency, Import

_RARE = ("agency_kind", "dfe_role", "leaving_reason", "destination", "worker_type", "recorded_on", "retracted")
_WHO = ("employee_number", "given_name", "family_name", "name", "email", "swe_number")
SEVERAL = "several"
_OPEN_DETAILS = (
    '<details class="govuk-details"><summary class="govuk-details__summary"><span class="govuk-details__summary-text">'
    'Columns that few files have</span></summary><div class="govuk-details__text">'
)


class SendForm(forms.Form):
    """A file, and whose people it holds."""

    agency = forms.ChoiceField(
        label="Whose people are in the file?",
        error_messages={"required": "Choose whose people are in the file"},
    )
    file = forms.FileField(
        label="File",
        help_text="A CSV file or an Excel workbook (.xlsx), one line for each person, 10 MB at the most. Its columns "
        "can have any names.",
        error_messages={"required": "Choose a file", "empty": "The file is empty. Nothing was changed."},
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.xlsx"}),
    )

    def __init__(self, *args, agencies: QuerySet[Agency], all_agencies: bool, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        several = [(SEVERAL, "Several agencies: the file has a column that names them")] if all_agencies else []
        found = [(str(agency.pk), agency.name) for agency in agencies]
        one = not several and len(found) == 1
        self.fields["agency"].choices = found if one else [("", "Choose"), *several, *found]
        if one:
            self.fields["agency"].widget = forms.HiddenInput()
            self.initial["agency"] = found[0][0]
        self._agencies = {str(agency.pk): agency for agency in agencies}
        self.helper = _helper(
            Layout(Field("agency") if one else Field.select("agency"), "file", _submit("Send the file"))
        )

    def clean_file(self) -> Any:
        sent = self.cleaned_data["file"]
        if sent.size > settings.IMPORT_MOST_BYTES:
            raise forms.ValidationError("The file is larger than 10 MB. Send it in parts, without pictures.")
        return sent

    @property
    def whose(self) -> Agency | None:
        """The one agency that was chosen; None for several."""
        return self._agencies.get(self.cleaned_data["agency"])


class ColumnsForm(forms.Form):
    """For each thing that a line can say: which of the file's columns says it; and how its dates are written."""

    def __init__(self, *args, load: Import, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.load = load
        self._how = Reading.from_json(load.reading)
        choices = [("", "Not in this file"), *((name, _with_samples(name, load)) for name in load.sheet["header"])]
        for column in PEOPLE:
            self.fields[column.key] = forms.ChoiceField(
                label=column.label,
                help_text=column.hint,
                choices=choices,
                required=False,
                initial=self._how.columns.get(column.key, ""),
            )
        if load.agency:
            self.fields["agency"].help_text = f"Every line must then name {load.agency}"
        self.fields |= self._questions()
        self.helper = _helper(self._layout())

    def _questions(self) -> dict[str, forms.Field]:
        fields: dict[str, forms.Field] = {}
        if options := _date_options(self.load.sheet["habits"]):
            fields["dates"] = forms.ChoiceField(
                label="How are its dates written?",
                choices=options,
                widget=forms.RadioSelect,
                initial=self._how.dates or (options[0][0] if len(options) == 1 else None),
                error_messages={"required": "Choose how the file’s dates are written"},
            )
        fields["starts"] = forms.ChoiceField(
            label="What does its start date mean?",
            choices=[
                ("post", "When each person started in this post"),
                ("joined", "When each person joined the agency, whatever they do there now"),
            ],
            widget=forms.RadioSelect,
            initial="joined" if self._how.joined else "post",
        )
        fields["start_from"] = forms.DateField(
            label="Start date of people who have none in the file",
            help_text="Only where the file has no column for it.",
            required=False,
            initial=self._how.start_date,
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            error_messages={"invalid": "Enter the start date as a date"},
        )
        fields["moved_on"] = forms.DateField(
            label="Since when are people in the posts that the file shows?",
            help_text="For those who have moved. Only where start dates are those of joining.",
            required=False,
            initial=self._how.moved_on,
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            error_messages={"invalid": "Enter the day on which people moved as a date"},
        )
        return fields

    def _layout(self) -> Layout:
        keys = [column.key for column in PEOPLE]
        post = [key for key in keys if key not in _RARE and key not in _WHO]
        rare = [HTML(_OPEN_DETAILS), *(Field.select(key) for key in keys if key in _RARE), HTML("</div></details>")]
        how = [Field.radios(name, legend_size=Size.SMALL) for name in ("dates", "starts") if name in self.fields]
        return Layout(
            Fieldset(*(Field.select(key) for key in _WHO), legend="Who it is", legend_size=Size.MEDIUM),
            Fieldset(*(Field.select(key) for key in post), legend="Their post", legend_size=Size.MEDIUM),
            *rare,
            Fieldset(*how, "start_from", "moved_on", legend="How it is written", legend_size=Size.MEDIUM),
            _submit("Check the file"),
        )

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        columns = {column.key: said[column.key] for column in PEOPLE if said.get(column.key)}
        for key, name in columns.items():
            if list(columns.values()).count(name) > 1:
                self.add_error(key, f"‘{name}’ is chosen twice")
        for key, without, sentence in (
            ("employee_number", False, "Choose the column with employee numbers: they tell people apart"),
            ("given_name", columns.get("name"), "Choose the column with first names, or the one with full names"),
            ("agency", self.load.agency, "Choose the column that names the agency"),
            ("start_date", said.get("start_from"), "Choose the column with start dates, or give one start date below"),
        ):
            if key not in columns and not without:
                self.add_error(key, sentence)
        return said

    @property
    def reading(self) -> Reading:
        """How the file is to be read, by what was chosen."""
        said = self.cleaned_data
        return Reading(
            columns={column.key: said[column.key] for column in PEOPLE if said.get(column.key)},
            dates=said.get("dates", ""),
            agency=self.load.agency.name if self.load.agency else "",
            start_date=said["start_from"],
            joined=said["starts"] == "joined",
            moved_on=said["moved_on"],
        )


class DecideForm(forms.Form):
    """What nobody but a person can know about the file; only what there is to decide about it is asked."""

    swapped = forms.ChoiceField(
        label="Has Excel swapped the day and the month of some dates?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether Excel has swapped the day and the month of some dates"},
    )
    zeros = forms.ChoiceField(
        label="Have the employee numbers lost their leading zeros?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether employee numbers have lost their zeros"},
    )
    former = forms.ChoiceField(
        label="What about the posts that are no longer in the file?",
        choices=[
            ("ended", "They have moved: end the former post on the day before the new one starts"),
            ("kept", "They hold both posts now"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what happens to former posts"},
    )
    wrong = forms.ChoiceField(
        label="What about the lines that are wrong?",
        choices=[("left_out", "Leave them out and take in the others")],
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose to leave the wrong lines out, or put them right in the file and send it again"
        },
    )

    def __init__(self, *args, load: Import, questions: list[str], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self._how = Reading.from_json(load.reading)
        self._found = load.findings
        self.fields = {name: self.fields[name] for name in questions}
        if "swapped" in self.fields:
            self._ask_about_swaps(self._found["swapped_dates"])
        if "zeros" in self.fields:
            self._ask_about_zeros(self._found["lost_zeros"])
        self.helper = _helper(
            Layout(*(Field.radios(name, legend_size=Size.SMALL) for name in questions), _submit("Check again"))
        )

    def _ask_about_swaps(self, found: list[dict[str, str]]) -> None:
        line, given, before = (found[0][name] for name in ("line", "given", "before"))
        self.fields["swapped"].choices = [
            ("swapped", f"Yes: {given} on line {line} was {before}: swap them all back"),
            ("right", f"No: {given} on line {line} is that day"),
        ]

    def _ask_about_zeros(self, found: dict[str, Any]) -> None:
        field = self.fields["zeros"]
        field.help_text = f"The file has {found['given']}, where {found['known']} is known."
        field.choices = [
            ("lost", f"Yes: they have {found['width']} digits, so {found['given']} is {found['known']}"),
            ("right", f"No: {found['given']} and {found['known']} are two people"),
        ]

    @property
    def reading(self) -> Reading:
        """How the file is to be read, with what was decided now."""
        said, how = self.cleaned_data, self._how
        if said.get("zeros"):
            how = replace(how, zeros=said["zeros"], number_width=self._found["lost_zeros"]["width"])
        how = replace(how, swapped=said.get("swapped", how.swapped))
        return replace(how, former=said.get("former", how.former), leaves_out=how.leaves_out or bool(said.get("wrong")))


class ConfirmForm(forms.Form):
    """A tick for each thing about the file that is out of the ordinary."""

    shorter = forms.BooleanField(error_messages={"required": "Tick the box if the file is meant to be this short"})
    leaving = forms.BooleanField(error_messages={"required": "Tick the box if this many people leave"})

    def __init__(self, *args, load: Import, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        found = load.findings
        asked = {"shorter": found.get("much_shorter"), "leaving": found.get("many_leaving")}
        self.fields = {name: field for name, field in self.fields.items() if asked[name]}
        known, here = found.get("people_known", 0), found.get("people_found", 0)
        labels = {
            "shorter": f"The file has {here:,} of the {known:,} people who are known to work there. It is meant to.",
            "leaving": f"{found.get('kinds', {}).get('leaving', 0):,} of {known:,} people leave by this file. They do.",
        }
        for name, field in self.fields.items():
            field.label = labels[name]
        self.helper = _helper(Layout(*(Field(name) for name in self.fields)))
        self.helper.form_tag = False


def _date_options(habits: dict[str, int]) -> list[tuple[str, str]]:
    """The ways in which dates that are not plain can be read; none where all of them are plain."""
    options = []
    if habits.get("slashed"):
        options += [("day_first", "Day first: 01/02/2026 is 1 February 2026")] if not habits.get("month_first") else []
        options += [("month_first", "Month first: 01/02/2026 is 2 January 2026")] if not habits.get("day_first") else []
        if not options:  # some can only be read one way, some only the other: each choice leaves wrong lines to see
            options = [("day_first", "Day first, for most of them"), ("month_first", "Month first, for most of them")]
    if habits.get("numbers"):
        options.append(("excel", "As Excel’s day numbers: 46027 is 5 January 2026"))
    return options


def _with_samples(name: str, load: Import) -> str:
    samples = ", ".join(load.sheet["samples"].get(name, []))
    return f"{name} ({samples[:60]}{'…' if len(samples) > 60 else ''})" if samples else name


def _submit(text: str) -> Submit:
    return Submit("submit", text)


def _helper(layout: Layout) -> FormHelper:
    helper = FormHelper()
    helper.attrs = {"novalidate": ""}
    helper.layout = layout
    return helper
