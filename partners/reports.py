"""Rows and columns of WHO's downloads."""

from collections import Counter
from datetime import date

from django.conf import settings

from academy.lib import registry, text
from academy.lib.registry import Report
from partners.models import Characteristics, Employment, Person

ROUNDED_TO = 5  # people


@registry.report("characteristics")
def characteristics(start: date | None, as_at: date, known_at: date) -> Report:
    """What people in post on a day said of themselves, counted over everyone.

    Counts are rounded to the nearest 5, and fewer than five are 'c' (confidential), so that two reports of two days
    cannot be subtracted to find out about one person. Answers are what was said last, whatever `known_at` says.
    """
    people = Person.objects.filter(pk__in=Employment.objects.in_post(as_at).values("person"))
    said = Characteristics.objects.filter(person__in=people)
    rows = [row for name in Characteristics.FIELDS for row in _counted(name, said.values_list(name, flat=True))]
    columns = ["Question", "Answer", "People"]
    data = {"as_at": as_at, "rows": [dict(zip(("question", "answer", "people"), row, strict=True)) for row in rows]}
    notes = [
        f"People in post on {text.day(as_at)} who answered, by what they said last.",
        f"Rounded to the nearest {ROUNDED_TO}; c: fewer than {settings.FEWEST_ANSWERS_SHOWN} people, not shown.",
    ]
    return Report("What people said of themselves", columns, rows, data, notes)


def _counted(name: str, answers) -> list[list[object]]:
    field = Characteristics._meta.get_field(name)
    counted = Counter(answers)
    question = str(field.verbose_name).capitalize()
    return [[question, label, _shown(counted[value])] for value, label in field.choices]


def _shown(count: int) -> int | str:
    return ROUNDED_TO * round(count / ROUNDED_TO) if count >= settings.FEWEST_ANSWERS_SHOWN else "c"
