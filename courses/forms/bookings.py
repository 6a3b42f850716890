"""What one fills in to book, to swap, to hand on, to decide."""

import calendar
from collections.abc import Iterable
from typing import Any

from crispy_forms_gds.helper import FormHelper
from crispy_forms_gds.layout import Field, Layout, Size, Submit
from django import forms
from django.core.validators import MinValueValidator

from academy.lib.dates import london_day
from academy.lib.text import clock_time, day, plural
from courses.models import BookingQuestion, Policy, Run


class BookForm(forms.Form):
    """What to arrange for someone, asked once and remembered; and the course's own questions."""

    access_needs = forms.CharField(
        label="Do you need any adjustments?",
        help_text="For example a hearing loop, step-free access, large print or a diet. You and the people who run the "
        "training see this, and we remember it for next time. Leave it empty if you need none.",
        required=False,
        max_length=1000,
        widget=forms.Textarea,
        error_messages={"max_length": "Use 1,000 characters or fewer to say what you need"},
    )

    def __init__(self, *args, questions: Iterable[BookingQuestion] = (), **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self._questions = {f"question-{question.pk}": question for question in questions}
        for name, question in self._questions.items():
            self.fields[name] = _answer(question)
        self.helper = FormHelper()
        self.helper.form_tag = False  # the page's button says whether this is a place or the queue
        needs = Field.textarea("access_needs", rows=3, label_size=Size.MEDIUM)
        self.helper.layout = Layout(needs, *map(self._part, self._questions))
        # A browser would cut what is pasted without a word; we say that it is too long, and lose nothing.
        self.fields["access_needs"].widget.attrs.pop("maxlength", None)

    def _part(self, name: str) -> Field:
        if self._questions[name].options:
            return Field.radios(name, legend_size=Size.MEDIUM)
        return Field.text(name, label_size=Size.MEDIUM)

    @property
    def answers(self) -> dict[str, str]:
        """{id of the question: answer}, of those that were answered."""
        said = {str(question.pk): self.cleaned_data[name] for name, question in self._questions.items()}
        return {pk: answer for pk, answer in said.items() if answer}


def _answer(question: BookingQuestion) -> forms.Field:
    missing = {"required": f"Answer: {question.text}"}
    if question.options:
        choices = [(option, option) for option in question.options]
        return forms.ChoiceField(
            label=question.text,
            required=question.required,
            choices=choices,
            widget=forms.RadioSelect,
            error_messages=missing,
        )
    too_long = {"max_length": f"Use 500 characters or fewer: {question.text}"}
    return forms.CharField(
        label=question.text, required=question.required, max_length=500, error_messages=missing | too_long
    )


def _helper(*parts: Any, button: str) -> FormHelper:
    made = FormHelper()
    made.attrs = {"novalidate": ""}
    made.layout = Layout(*parts, Submit("submit", button))
    return made


class SwapForm(forms.Form):
    """Another date of the course."""

    run = forms.ModelChoiceField(
        Run.objects.none(),
        label="Which date suits you?",
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a date", "invalid_choice": "Choose one of the dates shown"},
    )

    def __init__(self, *args, runs, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["run"].queryset = runs
        self.fields["run"].label_from_instance = _date
        self.helper = _helper(Field.radios("run", legend_size=Size.MEDIUM), button="Swap")


def _date(run: Run) -> str:
    places = f"{plural(run.places_left, 'place')} left" if run.places_left else "full, you would join its queue"
    where = run.sessions.all()[0].venue if run.sessions.all() else ""
    return f"{day(london_day(run.starts_at))}, {clock_time(run.starts_at)}, {where} ({places})"


class HandOverForm(forms.Form):
    """A colleague."""

    email = forms.EmailField(
        label="Your colleague’s work e-mail address",
        help_text="They must work for the same agency.",
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={
            "required": "Enter your colleague’s work e-mail address",
            "invalid": "Enter an e-mail address like name@example.org",
        },
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.helper = _helper(Field.text("email"), button="Give them the place")


class DecideForm(forms.Form):
    """Approve or not."""

    decision = forms.ChoiceField(
        label="Do you approve it?",
        choices=[("yes", "Yes, approve it"), ("no", "No")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose yes or no"},
    )
    reason = forms.CharField(
        label="If not, why not?",
        help_text="They read this.",
        required=False,
        max_length=300,
        error_messages={"max_length": "Use 300 characters or fewer to say why not"},
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.helper = _helper(
            Field.radios("decision", legend_size=Size.MEDIUM), Field.text("reason"), button="Save decision"
        )

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        if said.get("decision") == "no" and not said.get("reason"):
            self.add_error("reason", "Say why not")
        return said


class WaiveForm(forms.Form):
    """Why somebody need not pay."""

    reason = forms.CharField(
        label="Why is it waived?",
        max_length=300,
        error_messages={"required": "Say why it is waived", "max_length": "Use 300 characters or fewer"},
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.helper = _helper(Field.text("reason"), button="Waive it")


class PolicyForm(forms.ModelForm):
    """What is agreed with one kind of agency."""

    class Meta:
        model = Policy
        fields = ["free_until_days", "late_charge", "no_show_half_day", "no_show_full_day", "late_is_absent"]

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if name != "late_is_absent":
                words = field.label[:1].lower() + field.label[1:]
                wrong = f"Enter a number, 0 or more: {words}"
                field.error_messages |= dict.fromkeys(("required", "invalid", "min_value", "max_digits"), wrong)
                field.validators.append(MinValueValidator(0, wrong))
        parts = [Field.text(name, field_width=4) for name in self.fields if name != "late_is_absent"]
        self.helper = _helper(*parts, Field("late_is_absent"), button="Save")


class InterestForm(forms.Form):
    """What to wait for."""

    DAYS = list(enumerate(calendar.day_name, start=1))

    wants_place = forms.ChoiceField(
        label="What should we do when there is a date?",
        choices=[
            ("", "Tell me"),
            ("yes", "Hold a place for me on the next date that suits"),
        ],
        required=False,
        widget=forms.RadioSelect,
    )
    days = forms.TypedMultipleChoiceField(
        label="On which days?",
        help_text="Leave all empty if any day suits.",
        choices=DAYS,
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    areas = forms.MultipleChoiceField(
        label="Where?",
        help_text="Leave all empty if anywhere suits. Online dates suit everywhere.",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args, areas: Iterable[str], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["areas"].choices = [(area, area) for area in areas]
        if not self.fields["areas"].choices:
            del self.fields["areas"]
        parts = [Field.checkboxes(name, legend_size=Size.MEDIUM) for name in ("days", "areas") if name in self.fields]
        self.helper = _helper(Field.radios("wants_place", legend_size=Size.MEDIUM), *parts, button="Save")
