"""An agency and its teams, as leads and coordinators set them."""

from crispy_forms_gds.layout import Field
from django import forms
from django.db.models import QuerySet

from partners.actions.agencies import AgencyRefused
from partners.forms import layout
from partners.forms.domains import DomainsField
from partners.models import Agency, AgencyKind, Team

FILES_HINT = "If your files of people name this team, change it there too, or the next file makes it anew as it was."


class _Refusable(forms.Form):
    """A form whose action may refuse: the refusal stands with what is to be put right, and nothing typed is lost."""

    def refused(self, refusal: AgencyRefused) -> None:
        self.add_error(refusal.field if refusal.field in self.fields else None, str(refusal))


def _name(label: str, missing: str, hint: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": missing, "max_length": f"{label}: use 200 characters or fewer"},
    )


class AgencyForm(_Refusable):
    """An agency: name, kind, and which addresses its people have."""

    name = _name("Name of the agency", "Enter the name of the agency")
    kind = forms.ChoiceField(
        label="What kind of agency is it?",
        choices=[("", "Choose"), *AgencyKind.choices],
        error_messages={"required": "Choose the kind of agency", "invalid_choice": "Choose one of the kinds"},
    )
    domains = DomainsField(
        public=False,
        required=False,
        label="E-mail domains of its people",
        help_text="One a line, such as larkshire.gov.uk; subdomains count only if you list them. Whoever has an "
        "address there may ask to be added, and a coordinator confirms who they are. Agencies may share a domain, such "
        "as nhs.net: people then say for whom they work. Leave it empty if the agency has none of its own.",
    )

    def __init__(self, *args, agency: Agency | None = None, **kwargs) -> None:
        known = {name: getattr(agency, name) for name in ("name", "kind", "domains")} if agency else {}
        super().__init__(*args, initial=known, **kwargs)
        self.fields["name"].widget.attrs.pop("maxlength", None)
        self.helper = layout.helper(
            Field.text("name"),
            Field.select("kind"),
            Field.textarea("domains", rows=3),
            button="Save" if agency else "Add this agency",
        )


class TeamForm(_Refusable):
    """A team: its name, and which one it is a part of."""

    name = _name("Name of the team", "Enter the name of the team")
    parent = forms.ModelChoiceField(
        Team.objects.none(),
        label="Which team is it a part of?",
        required=False,
        error_messages={"invalid_choice": "Choose one of the teams"},
    )

    def __init__(self, *args, parents: QuerySet[Team], team: Team | None = None, **kwargs) -> None:
        """`parents`: the teams that it may be a part of."""
        known = {"name": team.name, "parent": team.parent_id} if team else {}
        super().__init__(*args, initial=known | kwargs.pop("initial", {}), **kwargs)
        self.fields["name"].widget.attrs.pop("maxlength", None)
        self.fields["parent"].queryset = parents
        self.fields["parent"].choices = [("", "None: it stands by itself"), *_places(parents)]
        if team:
            self.fields["name"].help_text = FILES_HINT
            self.fields["parent"].help_text = (
                "The teams that are part of it go with it. Whoever coordinates a team above it then sees its people, "
                "and whoever coordinated one that was above it no longer does."
            )
        button = "Save" if team else "Add this team"
        self.helper = layout.helper(Field.text("name"), Field.select("parent"), button=button)


def _places(teams: QuerySet[Team]) -> list[tuple[int, str]]:
    return [(team.pk, " › ".join(team.names)) for team in teams.in_order()]


class AgencyFilter(forms.Form):
    """The list of agencies, narrowed by the address; what makes no sense is left out, never an error."""

    q = forms.CharField(required=False, max_length=200)
    kind = forms.MultipleChoiceField(choices=AgencyKind.choices, required=False)
