"""What forms of planning share: days, times by London's clock, money, and people or things named in words."""

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any

from crispy_forms_gds.helper import FormHelper
from crispy_forms_gds.layout import Field, Layout, Submit
from django import forms
from django.db.models import QuerySet

from academy.lib.dates import LONDON, end_of_day, london_day, start_of_day
from academy.lib.text import in_words, sort_key
from academy.lib.wall_clock import parse_time
from partners.models import Person

_AMONG = 4  # people who are named where a name fits several


def helper(*fields: Any, button: str = "") -> FormHelper:
    """The fields in that order; without a button, the page has the form's tag and its buttons."""
    made = FormHelper()
    made.attrs = {"novalidate": ""}
    made.layout = Layout(*fields, *([Submit("submit", button)] if button else []))
    made.form_tag = bool(button)
    made.disable_csrf = not button
    return made


def narrow(name: str, width: int = 5) -> Field:
    """A field for a number, a day or a time."""
    return Field.text(name, field_width=width)


class DayField(forms.DateField):
    """A day, as browsers and people write it."""

    def __init__(self, *, label: str, missing: str = "", **kwargs) -> None:
        wrong = f"{label}: enter a day like 27/3/2027"
        super().__init__(
            label=label,
            required=bool(missing),
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            input_formats=["%Y-%m-%d", "%d/%m/%Y", "%d %B %Y", "%d %b %Y"],
            error_messages={"required": missing, "invalid": wrong},
            **kwargs,
        )

    def clean(self, value: Any) -> date | None:
        found = super().clean(value)
        if found and not 2000 <= found.year <= 2100:
            raise forms.ValidationError(f"{self.label}: {found.year} is not a likely year")
        return found


class StartOfDayField(DayField):
    """The first moment of a day."""

    def clean(self, value: Any) -> datetime | None:
        found = super().clean(value)
        return start_of_day(found) if found else None

    def prepare_value(self, value: Any) -> Any:
        return london_day(value) if isinstance(value, datetime) else value


class EndOfDayField(StartOfDayField):
    """The last moment of a day."""

    def clean(self, value: Any) -> datetime | None:
        found = DayField.clean(self, value)
        return end_of_day(found) if found else None


class TimeField(forms.CharField):
    """A time of day: 9:30, 9.30am, 2pm, 14:00."""

    def __init__(self, *, label: str) -> None:
        super().__init__(label=label, required=False, max_length=20)

    def clean(self, value: Any) -> time | None:
        if isinstance(value, time):
            return value
        if not (text := super().clean(value)):
            return None
        try:
            return parse_time(text)
        except ValueError:
            raise forms.ValidationError(f"{self.label}: enter a time like 9:30am or 14:00") from None

    def prepare_value(self, value: Any) -> Any:
        return f"{value:%H:%M}" if isinstance(value, time) else value


class PoundsField(forms.DecimalField):
    """An amount of money; a £ in front or a comma within is no mistake."""

    def __init__(self, *, label: str, max_digits: int, **kwargs) -> None:
        wrong = f"{label}: enter an amount like 45 or 45.50"
        messages = dict.fromkeys(
            ("invalid", "min_value", "max_digits", "max_decimal_places", "max_whole_digits"), wrong
        )
        super().__init__(
            label=label, min_value=0, max_digits=max_digits, decimal_places=2, error_messages=messages, **kwargs
        )
        self.widget = forms.TextInput(attrs={"inputmode": "decimal"})

    def clean(self, value: Any) -> Any:
        return super().clean(value.strip().lstrip("£").replace(",", "") if isinstance(value, str) else value)


def whole(label: str, missing: str = "", least: int = 0, **kwargs) -> forms.IntegerField:
    """A whole number."""
    wrong = f"{label}: enter a whole number, {least} or more"
    return forms.IntegerField(
        label=label,
        required=bool(missing),
        min_value=least,
        max_value=100_000,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages={"required": missing, "invalid": wrong, "min_value": wrong, "max_value": wrong},
        **kwargs,
    )


class LinesField(forms.CharField):
    """Some things, each named on a line of its own."""

    def __init__(self, **kwargs) -> None:
        super().__init__(required=False, max_length=10_000, widget=forms.Textarea, **kwargs)

    def clean(self, value: Any) -> list[str]:
        lines = super().clean(value).splitlines()
        return list(dict.fromkeys(line.strip() for line in lines if line.strip()))


def named_as(person: Person) -> str:
    """How `person_named` finds this person again."""
    return f"{person.name}, {person.email}" if person.email else person.name


def person_named(words: str, among: QuerySet[Person], known: Iterable[Person] = ()) -> Person:
    """The one among them whom these words name: by name, by address, or both with a comma between. Those who are
    `known`, since they are named already, come first. Raises ValidationError."""
    for person in known:
        if words in (person.name, named_as(person)):
            return person
    name, _, address = words.rpartition(",") if "@" in words else (words, "", "")
    address = address.strip() if "@" in words else ""
    found = among.filter(email__iexact=address) if address else among.matching(name)
    people = list(found.order_by("name_key", "pk")[: _AMONG + 1])
    exact = [person for person in people if sort_key(person.name) == sort_key(words)]
    if len(people) == 1 or len(exact) == 1:
        return (exact or people)[0]
    if not people:
        raise forms.ValidationError(f"We know nobody called ‘{words[:80]}’ whom you may name here")
    raise forms.ValidationError(f"‘{words[:80]}’ could be {_several(people)}: write the e-mail address instead")


def _several(people: list[Person]) -> str:
    names = [f"{person.name} ({person.email or 'no address'})" for person in people[:_AMONG]]
    return ", ".join(names) + " and others" if len(people) > _AMONG else in_words(names)


def london_time(moment: datetime) -> time:
    """What a clock in London says."""
    return moment.astimezone(LONDON).time().replace(second=0, microsecond=0)
