"""What people may say of themselves."""

from crispy_forms_gds.helper import FormHelper
from crispy_forms_gds.layout import Field, Layout, Submit
from django import forms

from partners.models import Characteristics

_LABELS = {
    "age_group": "How old are you?",
    "sex": "What is your sex?",
    "gender_as_registered": "Is the gender you identify with the same as your sex registered at birth?",
    "ethnicity": "What is your ethnic group?",
    "disability": "Do you have a disability, or a health condition that limits what you can do?",
    "religion": "What is your religion?",
    "orientation": "Which of these describes your sexual orientation?",
}


class CharacteristicsForm(forms.ModelForm):
    """Every question may be left unanswered. It is shown empty, also to who has answered."""

    class Meta:
        model = Characteristics
        fields = Characteristics.FIELDS

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for name, label in _LABELS.items():
            choices = [choice for choice in self.fields[name].choices if choice[0]]
            self.fields[name] = forms.ChoiceField(
                label=label, required=False, choices=[("", "I would rather not say"), *choices]
            )
        self.helper = FormHelper()
        self.helper.attrs = {"novalidate": ""}
        self.helper.layout = Layout(*map(Field.select, _LABELS), Submit("submit", "Save my answers"))
