"""Asking to be added, and answering."""

from datetime import date
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.core import context, ratelimit
from crispy_forms_gds.layout import Field
from django import forms
from django.db.models import QuerySet

from academy.lib.domains import as_address
from academy.lib.text import sort_key
from partners.browsers import is_known
from partners.forms import layout
from partners.forms.people import PostForm, email_field, name_field
from partners.forms.sign_in import CodeForm
from partners.models import Agency, Employment, JobRole, Person, SignUp, Team


class AddressForm(forms.Form):
    """The address with which somebody asks to be added."""

    email = layout.address()

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.helper = layout.helper(Field.text("email"), button="Send me a code")

    def clean_email(self) -> str:
        """The address as mail servers see it; counted with the codes to sign in that are asked for it."""
        try:
            email = as_address(self.cleaned_data["email"])
        except ValueError:
            raise forms.ValidationError(self.fields["email"].error_messages["invalid"]) from None
        request = context.request
        if not ratelimit.consume(request, action="request_login_code", key=f"{email}:{is_known(request, email)}"):
            raise get_adapter().validation_error("rate_limited")
        return email


class SignUpCodeForm(CodeForm):
    """The code that was mailed to the address; it signs nobody in."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.helper = layout.helper(Field.text("code", field_width=10), button="Continue")


class AboutForm(forms.Form):
    """What somebody says of themselves."""

    given_name = name_field("First name", "Enter your first name")
    family_name = name_field("Last name")
    agency = forms.ModelChoiceField(
        Agency.objects.none(),
        label="Who do you work for?",
        empty_label="Choose",
        error_messages={"required": "Choose who you work for", "invalid_choice": "Choose one of these"},
    )
    team = forms.ModelChoiceField(
        Team.objects.none(),
        label="Your team",
        help_text="If you see it here.",
        required=False,
        error_messages={"invalid_choice": "Choose one of the teams"},
    )
    job = forms.CharField(
        label="Your job",
        help_text="As you call it, for example ‘nursery practitioner’.",
        max_length=200,
        error_messages={"required": "Enter your job", "max_length": "Use 200 characters or fewer for your job"},
    )
    start_date = forms.DateField(
        label="When did you start in this job?",
        help_text="If you know. The coordinator checks it.",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Enter the day on which you started as a date, such as 27/3/2026"},
    )
    employee_number = forms.CharField(
        label="Your employee number",
        help_text="If you know it. It is on your payslip.",
        required=False,
        max_length=40,
        error_messages={"max_length": "Use 40 characters or fewer for the number"},
    )
    manager_email = email_field(help_text="If you know it.", required=False)

    def __init__(self, *args, agencies: QuerySet[Agency], **kwargs) -> None:
        """`agencies`: those whose people have addresses like theirs."""
        super().__init__(*args, **kwargs)
        here = list(agencies)
        teams = Team.objects.filter(agency__in=here).open()
        self.fields["agency"].queryset, self.fields["team"].queryset = agencies, teams
        self.fields["manager_email"].label = "Your manager’s work e-mail address"
        self.fields["team"].choices = [("", "I do not know, or it is not here"), *_places(teams, len(here) > 1)]
        if len(here) == 1:
            self.fields["agency"].disabled = True
            self.fields["agency"].widget = forms.HiddenInput()
            self.initial["agency"] = here[0].pk
        if not teams:
            del self.fields["team"]
        for field in self.fields.values():
            field.widget.attrs.pop("maxlength", None)
        self.helper = layout.helper(*map(self._part, self.fields), button="Ask to be added")

    def _part(self, name: str) -> Any:
        if name in ("agency", "team"):
            hidden = self.fields[name].widget.is_hidden
            return Field(name) if hidden else Field.select(name)
        return Field.text(name, field_width=10) if name in ("start_date", "employee_number") else Field.text(name)

    def clean_start_date(self) -> date | None:
        day = self.cleaned_data["start_date"]
        if day and not 1950 <= day.year <= 2100:
            raise forms.ValidationError(f"{day:%Y} is not a likely year")
        return day

    def clean(self) -> dict[str, Any]:
        said = {"team": None} | self.cleaned_data
        agency, team = said.get("agency"), said["team"]
        if agency and team and team.agency_id != agency.pk:
            self.add_error("team", f"{team} is not a team of {agency}")
        said["manager_email"] = (said.get("manager_email") or "").lower()
        return said


def _places(teams: QuerySet[Team], several: bool) -> list[tuple[int, str]]:
    """Teams by where they are; with their agency where there are several."""
    found = teams.select_related("agency").in_order()
    if several:
        found.sort(key=lambda team: team.agency.name_key)
    return [(t.pk, f"{t.agency}: {' › '.join(t.names)}" if several else " › ".join(t.names)) for t in found]


class ConfirmForm(PostForm):
    """Who they are and which post they hold, as the coordinator knows it."""

    given_name = name_field("First name", "Enter the first name")
    family_name = name_field("Last name")
    manager = email_field(required=False, help_text="Of somebody at the agency. Leave it empty if it is not known.")
    button = "Add this person"
    field_order = (
        "given_name",
        "family_name",
        "agency",
        "team",
        "job_role",
        "employee_number",
        "manager",
        "start_date",
    )

    def __init__(self, *args, sign_up: SignUp, today: date, **kwargs) -> None:
        role = JobRole.objects.filter(name_key=sort_key(sign_up.job)).first()
        said = {name: getattr(sign_up, name) for name in ("given_name", "family_name", "employee_number", "start_date")}
        self._at_work = Employment.objects.in_post(today).filter(agency=sign_up.agency)
        manager = sign_up.manager_email if self._manager(sign_up.manager_email) else ""
        said |= {"team": sign_up.team_id, "job_role": role and role.pk, "manager": manager}
        super().__init__(*args, initial=said, **kwargs)
        self.initial["agency"] = sign_up.agency_id
        self.fields["agency"].disabled = True
        self.fields["agency"].widget = forms.HiddenInput()
        self.fields["manager"].label = "Manager’s work e-mail address"
        self.fields["employee_number"].help_text = (
            "Check it, since your files know people by their number. Leave it empty if it is not at hand: your next "
            "file finds them by name and address."
        )

    def clean_manager(self) -> Person | None:
        email = self.cleaned_data["manager"]
        found = self._manager(email)
        if email and not found:
            raise forms.ValidationError("Nobody who works at the agency has this address")
        return found

    def _manager(self, email: str) -> Person | None:
        here = Person.objects.filter(pk__in=self._at_work.values("person"))
        return here.filter(email__iexact=email).first() if email else None

    def check_number(self, agency: Agency, number: str) -> None:
        self.add_error(
            "employee_number", f"Somebody at {agency} has the number {number}: is this somebody who is known already?"
        )


class DeclineForm(forms.Form):
    """Why somebody is not added."""

    reason = forms.CharField(
        label="Why are they not added?",
        help_text="They read this in an e-mail. For example: ‘Nobody here knows you. Ask your manager to write to us.’",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why they are not added", "max_length": "Use 300 characters or fewer"},
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].widget.attrs.pop("maxlength", None)
        self.helper = layout.helper(Field.textarea("reason", rows=3), button="Decline and tell them")
