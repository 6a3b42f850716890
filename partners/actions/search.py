"""Keeping by which words people are found."""

from collections import defaultdict
from collections.abc import Iterable

from django.db import connection

from academy.lib.text import sort_key
from partners.models import Employment, Person, PersonVersion

BATCH = 5_000


def refresh(people: Iterable[int]) -> None:
    """Work out again by which words each of these people (by id) is found: names, former names, address, numbers."""
    ids = sorted(set(people))
    for start in range(0, len(ids), BATCH):
        _refresh(ids[start : start + BATCH])


def _refresh(ids: list[int]) -> None:
    words: dict[int, dict[str, None]] = defaultdict(dict)  # in order, each once
    shown = Person.objects.filter(pk__in=ids).values_list("pk", "name_key", "email", "swe_number")
    said = PersonVersion.objects.filter(identity__in=ids, retracted=False)
    names = said.values_list("identity", "given_name", "family_name")
    numbers = Employment.objects.filter(person__in=ids).values_list("person", "employee_number")
    for rows in (shown, names.order_by("identity", "-recorded_at", "-pk"), numbers.order_by("person", "pk")):
        for pk, *texts in rows:
            words[pk] |= dict.fromkeys(sort_key(*texts).split())
    keys = [" " + " ".join(words[pk]) for pk in ids]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE partners_person p SET search_key = new.key"
            " FROM unnest(%s::bigint[], %s::text[]) AS new (id, key) WHERE p.id = new.id AND p.search_key <> new.key",
            [ids, keys],
        )
