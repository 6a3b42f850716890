"""The catalogue's filters."""

from django import forms

from courses.models import Kind, PracticeTheme


class CatalogueFilter(forms.Form):
    """The catalogue's filters, all from the address; what makes no sense is left out, never an error."""

    q = forms.CharField(required=False, max_length=200)
    theme = forms.ModelMultipleChoiceField(PracticeTheme.objects.all(), required=False, to_field_name="slug")
    kind = forms.MultipleChoiceField(choices=Kind.choices, required=False)
    places = forms.BooleanField(required=False)
