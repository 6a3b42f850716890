"""Keeping what people say of themselves for equality monitoring. Not audited: who answered what is nobody's to know."""

from collections.abc import Mapping
from datetime import date

from partners.models import Characteristics, Person


def answer(*, person: Person, answers: Mapping[str, str], on: date) -> None:
    """Keep these answers in place of earlier ones; without any, nothing is kept."""
    if any(answers.values()):
        Characteristics.objects.update_or_create(person=person, defaults={**answers, "answered_on": on})
    else:
        forget(person=person)


def forget(*, person: Person) -> None:
    """Keep nothing of what this person said."""
    Characteristics.objects.filter(person=person).delete()
