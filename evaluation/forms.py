"""A form from a questionnaire, and the two days of a figure."""

from datetime import date

from crispy_forms_gds.choices import Choice
from crispy_forms_gds.helper import FormHelper
from crispy_forms_gds.layout import Field, Layout, Size, Submit
from django import forms

from academy.lib import text
from evaluation.models import Question, Questionnaire


class QuestionnaireForm(forms.Form):
    """One field for each question of a questionnaire, in order."""

    def __init__(self, *args, questionnaire: Questionnaire, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self._questions = {question.key: question for question in questionnaire.questions.all()}
        self.fields = {key: _field(question) for key, question in self._questions.items()}
        for field in self.fields.values():  # a browser would cut what is pasted without a word
            field.widget.attrs.pop("maxlength", None)
        self.helper = FormHelper()
        self.helper.attrs = {"novalidate": ""}
        parts = [_layout(question) for question in self._questions.values()]
        self.helper.layout = Layout(*parts, Submit("send", "Send my answers"))

    def clean(self) -> dict[str, str]:
        """Nobody answers without answering anything: a mail scanner that presses the button does."""
        if not self.errors and not any(self.cleaned_data.values()):
            self.add_error(next(iter(self.fields)), "Answer at least one question before you send")
        return self.cleaned_data

    @property
    def answers(self) -> dict[Question, str]:
        """What was answered, by question."""
        return {self._questions[key]: value for key, value in self.cleaned_data.items()}


def _field(question: Question) -> forms.Field:
    words = {"label": question.text, "help_text": question.hint, "required": question.required}
    if question.kind == Question.Kind.CHOICE:
        return forms.ChoiceField(
            choices=[Choice(option, option) for option in question.options],
            widget=forms.RadioSelect,
            error_messages={"required": f"Choose an answer: {question.text}"},
            **words,
        )
    return forms.CharField(
        max_length=2000,
        widget=forms.Textarea,
        error_messages={"required": f"Write an answer: {question.text}", "max_length": "Use 2,000 characters or fewer"},
        **words,
    )


def _layout(question: Question):
    if question.kind == Question.Kind.CHOICE:
        return Field.radios(question.key, legend_size=Size.MEDIUM, legend_tag="h2")
    return Field.textarea(question.key, rows=4, label_size=Size.MEDIUM)


class FigureDays(forms.Form):
    """As at which day, as known at which day; empty means today."""

    as_at = forms.DateField(required=False, error_messages={"invalid": "Enter the day of the figures as a date"})
    known_at = forms.DateField(required=False, error_messages={"invalid": "Enter the day of the knowledge as a date"})

    def __init__(self, *args, today: date, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self._today = today

    def clean_as_at(self) -> date:
        return self._not_to_come("as_at")

    def clean_known_at(self) -> date:
        return self._not_to_come("known_at")

    def _not_to_come(self, name: str) -> date:
        chosen = self.cleaned_data[name] or self._today
        if chosen > self._today:
            raise forms.ValidationError(f"{text.day(chosen)} has not come yet")
        if chosen.year < 1950:
            raise forms.ValidationError(f"{text.day(chosen)} is before any record")
        return chosen

    @property
    def days(self) -> tuple[date, date]:
        """(as at, known at) of a valid form."""
        return self.cleaned_data["as_at"], self.cleaned_data["known_at"]
