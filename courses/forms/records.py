"""What somebody says of their own learning; the days of a transcript; why a certificate is revoked."""

from datetime import date
from decimal import Decimal
from typing import Any

from crispy_forms_gds.helper import FormHelper
from crispy_forms_gds.layout import HTML, Field, Fieldset, Layout, Size, Submit
from django import forms
from django.conf import settings
from django.db.models import Q, QuerySet

from academy.lib import uploads, wary
from academy.lib.text import day, in_words
from courses.actions.records import File
from courses.models import Achievement, Learning, PracticeTheme
from partners.models import Person

_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
_MOST_LETTERS = 4000
_OWN_WORDS = ("relevance", "learnt", "impact", "peer_discussion")
_FACTS = ("achievement", "kind", "title", "provider", "learnt_on", "hours", *_OWN_WORDS, "peer_role")


def _words(label: str, hint: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        required=False,
        max_length=_MOST_LETTERS,
        widget=forms.Textarea,
        error_messages={"max_length": f"{label} Use {_MOST_LETTERS:,} characters or fewer"},
    )


def _line(label: str, missing: str = "", hint: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        required=bool(missing),
        max_length=200,
        error_messages={"required": missing, "max_length": f"{label}: use 200 characters or fewer"},
    )


class LearningForm(forms.Form):
    """One piece of own learning. Its parts in own words may be written later."""

    kind = forms.ChoiceField(
        label="Type of learning",
        choices=[("", "Choose"), *Learning.Kind.choices],
        error_messages={"required": "Choose the type of learning"},
    )
    title = _line("What it was", "Enter what it was")
    provider = _line("Who offered it", hint="Leave it empty if nobody did.")
    learnt_on = forms.DateField(
        label="Date",
        help_text="The last day, where it took several.",
        widget=_DAY,
        error_messages={"required": "Enter the date", "invalid": "Enter the date as a date"},
    )
    hours = forms.DecimalField(
        label="Hours",
        help_text="Such as 6 or 1.5",
        min_value=Decimal(0),
        max_value=Decimal(999),
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        error_messages={
            "required": "Enter the hours",
            "invalid": "Enter the hours as a number such as 6 or 1.5",
            "min_value": "Hours cannot be less than 0",
            "max_value": "Enter 999 hours or fewer",
            "max_digits": "Enter 999 hours or fewer",
            "max_decimal_places": "Use two decimal places or fewer for the hours",
        },
    )
    achievement = forms.ModelChoiceField(
        Achievement.objects.none(),
        label="Is it about a course that you completed with us?",
        help_text="Its hours then count once.",
        required=False,
        empty_label="No",
        error_messages={"invalid_choice": "Choose one of your own courses"},
    )
    themes = forms.ModelMultipleChoiceField(
        PracticeTheme.objects.all(), required=False, widget=forms.CheckboxSelectMultiple, label="Practice themes"
    )
    relevance = _words("Why does it matter to your work?")
    learnt = _words("What did you learn?")
    impact = _words("What has changed in your practice, and for the people you work with?")
    peer_discussion = _words("What came of talking it over with a peer?")
    peer_role = _line("Whom did you talk to?", hint="Their role, such as ‘a senior practitioner’. No names, please.")
    file = forms.FileField(
        label="Evidence",
        required=False,
        help_text="A PDF, a Word document (.docx), or a picture (PNG or JPEG), 5 MB at the most. Whoever may open your "
        "record can download it.",
        widget=forms.FileInput(attrs={"accept": ".pdf,.docx,.png,.jpg,.jpeg"}),
        error_messages={"empty": "The file is empty"},
    )
    drop_file = forms.BooleanField(label="Take the file away", required=False)
    names_nobody = forms.BooleanField(label="I have looked: nobody can be recognised by it", required=False)

    def __init__(self, *args, person: Person, learning: Learning | None = None, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self._learning = learning
        self.hints: list[str] = []
        self.fields["achievement"].queryset = _own_courses(person, learning)
        self.fields["achievement"].label_from_instance = lambda item: f"{item.course}, {day(item.completed_on)}"
        for name in (*_OWN_WORDS, "title", "provider", "peer_role"):
            self.fields[name].widget.attrs.pop("maxlength", None)  # a browser would cut what is pasted without a word
        if not learning or not hasattr(learning, "evidence"):
            del self.fields["drop_file"]
        self.helper = FormHelper()
        self.helper.attrs = {"novalidate": ""}
        self.helper.layout = Layout(*self._parts(), Submit("submit", "Save"))

    def _parts(self) -> list[Any]:
        themes = Field.checkboxes("themes", legend_size=Size.SMALL)
        short = [Field.text(name, field_width=10) for name in ("learnt_on", "hours")]
        what = [Field.select("kind"), "title", "provider", *short, Field.select("achievement"), themes]
        own = [Field.textarea(name, rows=4, label_size=Size.SMALL) for name in _OWN_WORDS]
        file = ["file", *(["drop_file"] if "drop_file" in self.fields else [])]
        return [
            Fieldset(*what, legend="What you did", legend_size=Size.MEDIUM),
            Fieldset(HTML(_LATER), *own, "peer_role", legend="In your own words", legend_size=Size.MEDIUM),
            Fieldset(*file, legend="What shows it", legend_size=Size.MEDIUM),
        ]

    def clean_learnt_on(self) -> date:
        found = self.cleaned_data["learnt_on"]
        if not 1950 <= found.year <= 2100:
            raise forms.ValidationError(f"{found.year} is not a likely year")
        return found

    def clean_file(self) -> File | None:
        sent = self.cleaned_data["file"]
        if not sent:
            return None
        if sent.size > settings.EVIDENCE_MOST_BYTES:
            raise forms.ValidationError("The file is larger than 5 MB. Send a smaller picture, or fewer pages.")
        named, content = uploads.kind_named(sent.name), sent.read()
        if not named or uploads.kind_of(content) != named:
            raise forms.ValidationError("Choose a PDF, a Word document without macros (.docx), a PNG or a JPEG picture")
        return File(uploads.safe_name(sent.name, named), named, content)

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        found = (hint for name in _OWN_WORDS for hint in wary.hints(said.get(name) or ""))
        self.hints = list(dict.fromkeys(found))
        if self.hints and not said.get("names_nobody"):
            self._ask_to_look()
        if self.errors and said.get("file"):
            self.add_error("file", "Choose the file again: no file is kept until the form is right")
        return said

    def _ask_to_look(self) -> None:
        """What looks like a child's name or a case number is pointed at before it is saved; the writer decides."""
        quoted = in_words([f"‘{hint}’" for hint in self.hints[:5]])
        sentence = f"This could tell who a child or a family is: {quoted}. Take it out, or tick this box"
        self.add_error("names_nobody", sentence)
        self.helper.layout.fields.insert(0, Field("names_nobody"))

    @property
    def facts(self) -> dict[str, Any]:
        """What was said, as fields of Learning."""
        return {name: self.cleaned_data[name] for name in _FACTS}

    @property
    def sent(self) -> dict[str, Any]:
        """All of it, as the actions take it."""
        return {"facts": self.facts, "themes": self.cleaned_data["themes"], "file": self.cleaned_data["file"]}


_LATER = (
    '<p class="govuk-body">You can write these later. Social Work England asks for them. Leave out names of children '
    "and families, addresses and case numbers.</p>"
)


def _own_courses(person: Person, learning: Learning | None) -> QuerySet[Achievement]:
    """Courses completed here of which nothing is said yet, and the one of which this is said."""
    free = Q(reflection=None) | Q(reflection=learning) if learning else Q(reflection=None)
    return Achievement.objects.standing().filter(free, person=person).select_related("course")


class PeriodForm(forms.Form):
    """From which day to which day."""

    first = forms.DateField(
        label="From", widget=_DAY, error_messages={"required": "Enter the first day", "invalid": "Enter a first day"}
    )
    last = forms.DateField(
        label="To", widget=_DAY, error_messages={"required": "Enter the last day", "invalid": "Enter a last day"}
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_method = "get"
        self.helper.attrs = {"novalidate": ""}
        days = (Field.text(name, field_width=10) for name in ("first", "last"))
        self.helper.layout = Layout(*days, Submit("", "Make the PDF"))

    def clean(self) -> dict[str, Any]:
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        if first and last and last < first:
            self.add_error("last", "The last day is before the first one")
        return self.cleaned_data


_REVOKE = Submit("submit", "Revoke this certificate", css_class="govuk-button--warning")


class RevokeForm(forms.Form):
    """Why a certificate counts no more."""

    reason = forms.CharField(
        label="Why is it revoked?",
        help_text="They are told this. Whoever checks the certificate is not.",
        max_length=300,
        widget=forms.Textarea,
        error_messages={"required": "Say why it is revoked", "max_length": "Use 300 characters or fewer"},
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].widget.attrs.pop("maxlength", None)
        self.helper = FormHelper()
        self.helper.attrs = {"novalidate": ""}
        self.helper.layout = Layout(Field.textarea("reason", rows=3), _REVOKE)
