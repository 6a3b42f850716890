"""What one fills in to offer shadowing or coaching, to ask for it, to answer, and to write what one learnt."""

from datetime import date
from typing import Any

from crispy_forms_gds.helper import FormHelper
from crispy_forms_gds.layout import Field, Layout, Size, Submit
from django import forms

from academy.lib import clock
from courses.forms.bookings import DecideForm
from courses.models import Hosting, PracticeTheme
from partners.models import Agency

_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
_LONG = 3000


class HostingFilter(forms.Form):
    """The filters of the list, all from the address; what makes no sense is left out, never an error."""

    kind = forms.MultipleChoiceField(choices=Hosting.Kind.choices, required=False)
    theme = forms.ModelMultipleChoiceField(PracticeTheme.objects.all(), required=False, to_field_name="slug")
    agency = forms.ModelChoiceField(Agency.objects.all(), required=False)
    area = forms.CharField(required=False, max_length=100)


def _words(label: str, missing: str, *, hint: str = "", most: int = _LONG, rows: int = 4) -> forms.CharField:
    """Several lines of own words."""
    return forms.CharField(
        label=label,
        help_text=hint,
        max_length=most,
        required=bool(missing),
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": missing, "max_length": f"{label} Use {most:,} characters or fewer"},
    )


def _line(label: str, missing: str, *, hint: str = "", most: int = 300) -> forms.CharField:
    """One line."""
    too_long = f"{label} Use {most} characters or fewer"
    return forms.CharField(
        label=label,
        help_text=hint,
        max_length=most,
        required=bool(missing),
        error_messages={"required": missing, "max_length": too_long},
    )


def _day(label: str, missing: str, *, hint: str = "") -> forms.DateField:
    wrong = "Enter a day that is in the calendar"
    errors = {"required": missing, "invalid": wrong}
    return forms.DateField(label=label, help_text=hint, required=bool(missing), widget=_DAY, error_messages=errors)


class _Form(forms.Form):
    """A form with one button."""

    button = "Save"

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():  # a browser would cut what is pasted without a word
            field.widget.attrs.pop("maxlength", None)
        self.helper = FormHelper()
        self.helper.attrs = {"novalidate": ""}
        self.helper.layout = Layout(*map(self._part, self.fields), Submit("submit", self.button))

    def _part(self, name: str) -> Any:
        widget = self.fields[name].widget
        if isinstance(widget, forms.RadioSelect):
            return Field.radios(name, legend_size=Size.SMALL)
        if isinstance(widget, forms.CheckboxSelectMultiple):
            return Field.checkboxes(name, legend_size=Size.SMALL, small=True)
        if isinstance(widget, forms.DateInput | forms.NumberInput):
            return Field.text(name, field_width=10, label_size=Size.SMALL)
        return Field(name, context={"label_size": "govuk-label--s"})


class OfferForm(_Form):
    """What a host offers."""

    button = "Offer it"

    kind = forms.ChoiceField(
        label="What do you offer?",
        choices=[
            (Hosting.Kind.SHADOWING, "Work shadowing: somebody comes along and sees your work"),
            (Hosting.Kind.COACHING, "Coaching: you help somebody with their own work"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what you offer"},
    )
    title = _line("Title", "Enter a title", hint="For example: A day with the health visiting team", most=200)
    about = _words(
        "What will your guest see or work on?",
        "Say what your guest will see or work on",
        hint="Say too who it suits, and what to bring or to know. Name no children or families.",
    )
    themes = forms.ModelMultipleChoiceField(
        PracticeTheme.objects.all(),
        label="What is it about?",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Choose from the list"},
    )
    area = _line("Town or district", "", hint="Leave it empty if it is online.", most=100)
    when = _line(
        "When could somebody come?", "Say when somebody could come", hint="Most Tuesdays in term time", most=200
    )
    hours = forms.DecimalField(
        label="How many hours does it take?",
        help_text="Altogether. They count as learning.",
        min_value=0.25,
        max_digits=5,
        decimal_places=2,
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_digits", "max_decimal_places", "max_whole_digits"),
            "Enter the hours as a number, such as 7 or 1.5",
        ),
    )
    open_to = forms.ChoiceField(
        label="Whom is it for?",
        help_text="Shadowing is never for your own team.",
        choices=Hosting.OpenTo.choices,
        initial=Hosting.OpenTo.EVERYONE,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whom it is for"},
    )
    closes_on = _day("Last day to ask", "", hint="Leave it empty if people can ask until you close it.")

    @classmethod
    def of(cls, hosting: Hosting, *args) -> "OfferForm":
        """The form to change an offer."""
        names = [name for name in cls.base_fields if name != "themes"]
        said = {name: getattr(hosting, name) for name in names} | {"themes": hosting.themes.all()}
        return cls(*args, initial=said)

    def fill(self, hosting: Hosting) -> Hosting:
        """The offer with what was typed; its themes apart."""
        for name, value in self.cleaned_data.items():
            if name != "themes":
                setattr(hosting, name, value)
        return hosting


class AskForm(_Form):
    """What a guest hopes for."""

    button = "Ask"

    hopes = _words(
        "What do you hope to learn?", "Say what you hope to learn", hint="The host and your manager read this."
    )
    times = _line("When could you?", "Say when you could", hint="For example: any Tuesday in March, not before 10am")


class AnswerForm(DecideForm):
    """The host's word."""

    on = _day("If yes, on which day?", "", hint="If you meet more than once, the last day.")
    arrangements = _words(
        "What should they know before?", "", hint="Where to come and when, and what to bring. They read this.", rows=3
    )

    field_order = ("decision", "on", "arrangements", "reason")

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        said = self.fields["decision"]
        said.label, said.choices = "Do you agree?", [("yes", "Yes"), ("no", "No")]
        self.fields["arrangements"].widget.attrs.pop("maxlength", None)
        self.helper.layout = Layout(
            Field.radios("decision", legend_size=Size.SMALL),
            Field.text("on", field_width=10),
            Field("arrangements"),
            Field.text("reason"),
            Submit("submit", "Send my answer"),
        )

    def clean_on(self) -> date | None:
        day = self.cleaned_data["on"]
        if day and day < clock.today():
            raise forms.ValidationError("This day is over. Choose another")
        return day

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        if said.get("decision") == "yes" and not said.get("on") and "on" not in self.errors:
            self.add_error("on", "Say on which day")
        return said


class CallOffForm(_Form):
    """Why it is not to be."""

    button = "Call it off"

    reason = _line("Why?", "Say why", hint="The other one reads this.")


class GuestReflectionForm(_Form):
    """What the guest saw, and what they will do."""

    button = "Save what I learnt"

    learnt = _words(
        "What did you see and learn?", "Say what you saw and learnt", hint="A few sentences. Name no children."
    )
    will_do = _words("What will you do?", "Say what you will do", hint="Something that you do differently from now on.")


class HostReflectionForm(_Form):
    """What the host learnt from the guest."""

    button = "Save what I learnt"

    learnt = _words(
        "What did you learn from your guest?",
        "Say what you learnt from your guest",
        hint="A few sentences. Name no children.",
    )


class RecordingForm(_Form):
    """Where the recording is."""

    url = forms.URLField(
        label="Link to the recording",
        assume_scheme="https",
        max_length=200,
        error_messages={
            "required": "Enter the link",
            "invalid": "Enter a link like https://example.org/recording",
            "max_length": "Use a link of 200 characters or fewer",
        },
    )
