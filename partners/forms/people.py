"""Adding and changing people by hand."""

from datetime import date
from typing import Any

from crispy_forms_gds.helper import FormHelper
from crispy_forms_gds.layout import Field, Layout, Submit
from django import forms
from django.db.models import QuerySet

from partners.models import Agency, Destination, Employment, JobRole, LeavingReason, Person, Team, User

_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class _Form(forms.Form):
    """A form with one button."""

    button = "Save"
    narrow: tuple[str, ...] = ()  # fields of a day or a number

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.attrs = {"novalidate": ""}
        self.helper.layout = Layout(*map(self._part, self.fields), Submit("submit", self.button))

    def _part(self, name: str) -> Any:
        if name in self.narrow:
            return Field.text(name, field_width=10)
        return Field.select(name) if isinstance(self.fields[name], forms.ChoiceField) else Field(name)


def name_field(label: str, missing: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=bool(missing),
        max_length=100,
        error_messages={"required": missing, "max_length": f"{label}: use 100 characters or fewer"},
    )


def email_field(**kwargs) -> forms.EmailField:
    return forms.EmailField(
        label="Work e-mail address",
        error_messages={
            "required": "Enter the work e-mail address",
            "invalid": "Enter an e-mail address like name@example.org",
        },
        **kwargs,
    )


class DetailsForm(_Form):
    """A person's name and address."""

    given_name = name_field("First name", "Enter the first name")
    family_name = name_field("Last name")
    email = email_field(required=False, help_text="They sign in with it. The old address is told about the change.")

    def __init__(self, *args, person: Person, may_move: bool, **kwargs) -> None:
        said = {name: getattr(person, name) for name in ("given_name", "family_name", "email")}
        super().__init__(*args, initial=said, **kwargs)
        self._person = person
        if not may_move:
            self.fields["email"].disabled = True
            self.fields[
                "email"
            ].help_text = f"{person.name} has rights here or works elsewhere too, so you cannot change the address."

    def clean_email(self) -> str:
        email = (self.cleaned_data["email"] or "").lower()
        if User.objects.filter(email=email, is_active=True).exclude(person=self._person).exists():
            raise forms.ValidationError("Somebody else signs in with this address")
        return email


class PostForm(_Form):
    """A post: where, as what, from when."""

    agency = forms.ModelChoiceField(
        Agency.objects.none(), empty_label="Choose", error_messages={"required": "Choose the agency"}
    )
    team = forms.ModelChoiceField(Team.objects.none(), required=False, empty_label="None")
    job_role = forms.ModelChoiceField(JobRole.objects.all(), required=False, empty_label="Not known")
    employee_number = forms.CharField(
        required=False,
        max_length=40,
        help_text="Leave it empty if it is not at hand: your next file finds them by name and address.",
    )
    start_date = forms.DateField(
        label="First day",
        widget=_DAY,
        error_messages={"required": "Enter the first day", "invalid": "Enter the first day as a date"},
    )
    narrow = ("employee_number", "start_date")

    def __init__(
        self, *args, agencies: QuerySet[Agency], teams: QuerySet[Team], by_team: frozenset[int] = frozenset(), **kwargs
    ) -> None:
        """`by_team`: agencies (by id) in which somebody adds people to a team alone."""
        super().__init__(*args, **kwargs)
        self._by_team = by_team
        self.fields["agency"].queryset = agencies
        self.fields["team"].queryset = teams
        self.fields["team"].label_from_instance = _with_agency if agencies.count() > 1 else str
        if agencies.count() == 1:
            self.initial["agency"] = agencies.get()

    def clean_start_date(self) -> date:
        day = self.cleaned_data["start_date"]
        if not 1950 <= day.year <= 2100:
            raise forms.ValidationError(f"{day:%Y} is not a likely year")
        return day

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        agency, team = said.get("agency"), said.get("team")
        if agency and team and team.agency_id != agency.pk:
            self.add_error("team", f"{team} is not a team of {agency}")
        if agency and not team and agency.pk in self._by_team:
            self.add_error("team", "Choose the team: you coordinate that, not the whole agency")
        number = said.get("employee_number")
        if agency and number and Employment.objects.filter(agency=agency, employee_number=number).exists():
            self.check_number(agency, number)
        return said

    def check_number(self, agency: Agency, number: str) -> None:
        """A number that somebody has already."""
        self.add_error("employee_number", f"Somebody at {agency} has the number {number} already")


class AddForm(PostForm):
    """A person and their post."""

    given_name = name_field("First name", "Enter the first name")
    family_name = name_field("Last name")
    email = email_field()
    invite = forms.BooleanField(label="Tell them by e-mail that they can sign in", required=False, initial=True)
    button = "Add this person"
    field_order = ("given_name", "family_name", "email", "agency", "team", "job_role", "employee_number", "start_date")

    def clean_email(self) -> str:
        email = self.cleaned_data["email"].lower()
        if User.objects.filter(email=email, is_active=True).exists():
            raise forms.ValidationError("Somebody signs in with this address already. Find them under People.")
        return email


class FurtherPostForm(PostForm):
    """A further post of somebody who is known."""

    button = "Add this post"

    def __init__(self, *args, person: Person, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self._person = person

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        post = {name: said.get(name) for name in ("agency", "team", "job_role", "start_date")}
        if Employment.objects.filter(person=self._person, **post).exists():
            self.add_error("start_date", f"{self._person.name} is recorded in this post from this day already")
        return said

    def check_number(self, agency: Agency, number: str) -> None:
        if not Employment.objects.filter(agency=agency, employee_number=number, person=self._person).exists():
            super().check_number(agency, number)


class EndForm(_Form):
    """The last day in a post."""

    end_date = forms.DateField(
        label="Last day worked",
        widget=_DAY,
        error_messages={"required": "Enter the last day worked", "invalid": "Enter the last day worked as a date"},
    )
    leaving_reason = forms.TypedChoiceField(
        label="Reason for leaving",
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", "Not recorded"), *LeavingReason.choices],
    )
    destination = forms.TypedChoiceField(
        required=False, coerce=int, empty_value=None, choices=[("", "Not recorded"), *Destination.choices]
    )
    button = "Record the last day"
    narrow = ("end_date",)

    def __init__(self, *args, spell: Employment, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self._spell = spell

    def clean_end_date(self) -> date:
        day = self.cleaned_data["end_date"]
        if day < self._spell.start_date:
            raise forms.ValidationError("The last day is before the first one")
        if day.year > 2100:
            raise forms.ValidationError(f"{day:%Y} is not a likely year")
        return day


class DeputyForm(_Form):
    """Who stands in, and for how long."""

    deputy = email_field(
        help_text="Of a colleague at your agency, who then sees and does for your people what you may."
    )
    from_date = forms.DateField(
        label="From",
        widget=_DAY,
        error_messages={"required": "Enter the first day", "invalid": "Enter the first day as a date"},
    )
    until = forms.DateField(
        label="Until",
        help_text="The last day on which they stand in.",
        widget=_DAY,
        error_messages={"required": "Enter the last day", "invalid": "Enter the last day as a date"},
    )
    button = "Name this deputy"
    narrow = ("from_date", "until")

    def __init__(self, *args, colleagues: QuerySet[Person], today: date, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["deputy"].label = "Their work e-mail address"
        self._colleagues, self._today = colleagues, today

    def clean_deputy(self) -> Person:
        found = self._colleagues.filter(email__iexact=self.cleaned_data["deputy"]).first()
        if found is None:
            raise forms.ValidationError("Nobody else who works at your agency has this address")
        return found

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        first, last = said.get("from_date"), said.get("until")
        if first and last and last < first:
            self.add_error("until", "The last day is before the first one")
        elif last and last < self._today:
            self.add_error("until", "The last day is over")
        elif first and last and (last - first).days > 366:
            self.add_error("until", "Name a deputy for a year at the most")
        return said


def _with_agency(team: Team) -> str:
    return f"{team} ({team.agency})"
