"""The form pack with our templates over it: what a page with errors says to people and to screen readers."""

import re

import pytest
from crispy_forms.utils import render_crispy_form
from crispy_forms_gds.fields import DateInputField
from crispy_forms_gds.helper import FormHelper
from crispy_forms_gds.layout import Field, Layout
from django import forms
from django.core.paginator import Paginator
from django.template.loader import render_to_string

from academy.templatetags.academy_ui import page_numbers


class Everything(forms.Form):
    """One field of each kind; the whole form is wrong as well."""

    email = forms.EmailField(label="Email <work>", help_text="At work")
    hours = forms.IntegerField()
    day = forms.DateField()
    agency = forms.ChoiceField(choices=[("", "Choose"), ("1", "Council")])
    started = DateInputField(label="When did you start?", help_text="For example, 27 3 2024")
    attend = forms.ChoiceField(widget=forms.RadioSelect, choices=[("a", "In person"), ("b", "Online")])
    needs = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, choices=[("h", "Hearing loop")])
    notes = forms.CharField(widget=forms.Textarea)
    agree = forms.BooleanField(label="My manager has agreed")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.layout = Layout(
            *[name for name in self.fields if name not in {"attend", "notes"}],
            Field.radios("attend", inline=True),
            Field.textarea("notes", max_characters=300),
        )

    def clean(self):
        raise forms.ValidationError("You already have a place")


@pytest.fixture
def page():
    """A page as sent back: the summary, then the form."""
    form = Everything({"started_0": "40"})
    form.is_valid()
    return render_to_string("gds/layout/error_summary.html", {"form": form}) + render_crispy_form(form)


def control(page: str, id_: str) -> str:
    found = re.findall(rf'<(?:input|select|textarea)\b[^>]*\bid="{id_}"[^>]*>', page)
    assert len(found) == 1, f"{len(found)} controls have the id {id_}"
    return found[0]


def test_every_link_of_the_summary_leads_to_one_control(page):
    links = re.findall(r'<a href="#([^"]+)">', page)
    assert len(links) == len(Everything.base_fields) + 1
    assert {"id_attend_1", "id_needs_1", "id_started_0", "id_agree"} <= set(links)
    for link in links:
        control(page, link)


@pytest.mark.parametrize("id_", ["id_email", "id_hours", "id_day", "id_started_0", "id_started_2"])
def test_text_numbers_and_dates_are_boxes_of_the_design_system(page, id_):
    assert re.search(r'class="[^"]*\bgovuk-input\b', control(page, id_))


@pytest.mark.parametrize("id_", ["id_email", "id_hours", "id_day", "id_agency", "id_notes", "id_agree"])
def test_a_control_in_error_is_described_by_its_error(page, id_):
    assert f"{id_}_1_error" in control(page, id_)
    error = re.search(rf'<(\w+) id="{id_}_1_error".*?</\1>', page, re.DOTALL)
    assert error
    assert '<span class="govuk-visually-hidden">Error:</span>' in error[0]


@pytest.mark.parametrize("name", ["attend", "needs", "started"])
def test_a_group_in_error_is_described_by_its_error(page, name):
    assert re.search(rf'<fieldset [^>]*aria-describedby="[^"]*id_{name}_1_error', page)


def test_a_label_from_the_database_cannot_bring_markup(page):
    assert "Email &lt;work&gt;" in page


def test_radios_side_by_side_keep_the_class_of_radios(page):
    assert "govuk-radios govuk-radios--inline" in page


def test_a_form_without_errors_has_no_summary():
    assert render_to_string("gds/layout/error_summary.html", {"form": Everything()}).strip() == ""


def test_browsers_leave_checking_to_us(page):
    assert re.search(r"<form [^>]*novalidate", page)


def test_a_long_list_links_its_ends_and_the_pages_around():
    middle = Paginator(range(200), 10).get_page(10)
    assert page_numbers(middle) == [1, "…", 9, 10, 11, "…", 20]
