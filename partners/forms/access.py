"""Input validation for access roles, for acting as somebody else, and for what happened."""

from datetime import date, timedelta

from crispy_forms_gds.choices import Choice
from crispy_forms_gds.helper import FormHelper
from crispy_forms_gds.layout import Field, Layout, Size, Submit
from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from partners.actions.grants import GrantRefused
from partners.models import Agency, Grant, Team

WITHIN_REASON = [MinValueValidator(date(1950, 1, 1)), MaxValueValidator(date(2999, 12, 31))]


def _helper(*parts: object) -> FormHelper:
    """The form's parts in order; the last one names its button: in words of ours, for they are read as a template."""
    *fields, button = parts
    helper = FormHelper()
    helper.attrs = {"novalidate": ""}
    helper.layout = Layout(*fields, Submit("submit", button))
    return helper


def _day(label: str, hint: str, missing: str = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        help_text=hint,
        required=bool(missing),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": missing, "invalid": f"Enter the {label.lower()} as a date, such as 27/3/2027"},
    )


def _reason(hint: str) -> forms.CharField:
    return forms.CharField(
        label="Why?",
        help_text=hint,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Say why", "max_length": "Use 200 characters or fewer to say why"},
    )


class GrantedForm(forms.Form):
    """A form whose action may refuse: the refusal stands with what is to be put right, and nothing typed is lost."""

    def refused(self, refusal: GrantRefused) -> None:
        self.add_error(refusal.field if refusal.field in self.fields else None, str(refusal))


class GiveForm(GrantedForm):
    """Which access role, where, from when to when, and why."""

    access_role = forms.ChoiceField(
        label="Which access role?",
        choices=[
            Choice(value, label, hint=hint)
            for (value, label), hint in zip(
                Grant.GRANTABLE,
                (
                    "Sees the people of one agency, or of one team of it",
                    "Runs the academy: courses, cohorts and everyone’s records",
                    "Sees figures, and the cohorts of the own agency or of all",
                    "Gives access roles, sees what happened and how the academy is running; no records",
                ),
                strict=True,
            )
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose an access role"},
    )
    agency = forms.ModelChoiceField(
        Agency.objects.all(),
        label="For which agency?",
        help_text="A coordinator needs one. A director may have one.",
        required=False,
        empty_label="The whole academy",
        error_messages={"invalid_choice": "Choose one of the agencies"},
    )
    team = forms.ModelChoiceField(
        Team.objects.open().select_related("agency").order_by("agency__name_key", "name_key"),
        label="For one team only?",
        help_text="Only for coordinators. It must be a team of that agency.",
        required=False,
        empty_label="The whole agency",
        error_messages={"invalid_choice": "Choose one of the teams"},
    )
    from_date = _day("First day", "It can be used from the start of that day.", "Enter the first day")
    last_day = _day("Last day", "Leave this empty if no end is known.")
    reason = _reason("Whoever asks later why this person may see something reads this.")

    def __init__(self, *args, today: date, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self._today = today
        self.initial.setdefault("from_date", today)
        self.fields["team"].label_from_instance = lambda team: f"{team.agency}: {team}"
        self.fields["reason"].widget.attrs.pop("maxlength", None)
        self.helper = _helper(
            Field.radios("access_role", legend_size=Size.MEDIUM),
            *(Field.text(name, label_size=Size.SMALL) for name in ("agency", "team")),
            *(Field.text(name, field_width=10, label_size=Size.SMALL) for name in ("from_date", "last_day")),
            Field.text("reason", label_size=Size.SMALL),
            "Give this access role",
        )

    def clean_from_date(self) -> date:
        if self.cleaned_data["from_date"] < self._today:
            raise forms.ValidationError("The first day cannot be past: nobody can have used it then")
        return self.cleaned_data["from_date"]

    @property
    def facts(self) -> dict[str, object]:
        """What `grants.give` is told. The day after the last one is the first without it."""
        facts = {**self.cleaned_data}
        last = facts.pop("last_day")
        return facts | {"to_date": last + timedelta(days=1) if last else None}


class EndForm(GrantedForm):
    """From which day on, and why."""

    from_date = _day("First day without it", "Today ends it at once.", "Enter the first day without it")
    reason = _reason("For example: they have moved to another job.")

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].widget.attrs.pop("maxlength", None)
        self.helper = _helper(
            Field.text("from_date", field_width=10, label_size=Size.SMALL),
            Field.text("reason", label_size=Size.SMALL),
            "End this access role",
        )


class ActForm(forms.Form):
    """Why somebody's academy is looked at."""

    reason = _reason("Kept with what you do meanwhile. For example: they cannot find their booking and rang us.")

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].widget.attrs.pop("maxlength", None)
        self.helper = _helper(Field.text("reason", label_size=Size.SMALL), "See the academy as they do")


class ResetForm(forms.Form):
    """How an administrator knows who asks."""

    reason = forms.CharField(
        label="How do you know that it is them?",
        help_text="For example: rang back on the number that HR has. This is kept.",
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": "Say how you know that it is them",
            "max_length": "Use 200 characters or fewer to say how you know",
        },
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].widget.attrs.pop("maxlength", None)
        self.helper = _helper(Field.text("reason", label_size=Size.SMALL), "Reset the second factor")


class GrantFilter(forms.Form):
    """The list of access roles, narrowed by the address; what makes no sense is left out, never an error."""

    access_role = forms.MultipleChoiceField(choices=Grant.GRANTABLE, required=False)
    agency = forms.ModelChoiceField(Agency.objects.all(), required=False)
    q = forms.CharField(required=False, max_length=200)
    ended = forms.BooleanField(required=False)
    ending = forms.BooleanField(required=False)
    no_second_factor = forms.BooleanField(required=False)


class EventFilter(forms.Form):
    """What happened, narrowed by the address; what makes no sense is left out, never an error."""

    person = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    q = forms.CharField(required=False, max_length=200)
    object_type = forms.RegexField(r"^[a-z_]+\.[a-z_]+$", required=False)
    object_id = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    first = forms.DateField(required=False, validators=WITHIN_REASON)
    last = forms.DateField(required=False, validators=WITHIN_REASON)
    before = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
