from django import forms

STEPS = {"7": "A week", "31": "A month", "92": "Three months"}


class MoveOnForm(forms.Form):
    """How far to move the clock on, in days."""

    days = forms.ChoiceField(choices=list(STEPS.items()))
