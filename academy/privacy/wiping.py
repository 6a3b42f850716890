"""Taking people out of every table, as schedule.toml says, field by field."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.sessions.models import Session
from django.db import models, transaction
from django.db.models import F, Func, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat, Left

from academy.privacy import schedule
from academy.privacy.schedule import Record, Rule
from academy.privacy.sessions import addresses_of, sessions_of
from partners.models import Employment, Import, Person, PersonVersion

IN_PLACE_OF_A_NAME = "[erased]"


def wipe(people: Sequence[Person]) -> None:
    """Leave no name, address, number or own words of these people in any table. Call it within a transaction."""
    ids, addresses, named = [person.pk for person in people], addresses_of(people), _named(people)
    Session.objects.filter(pk__in=[session.pk for session in sessions_of(people)]).delete()
    for record in schedule.load().in_use:
        if record.person or record.addresses:
            _wipe(record, record.rows_of(ids, addresses))
    for record, name in schedule.load().mentions:
        _take_out(record.cls, name, named)
    _forget_imported_files(ids)


def _forget_imported_files(ids: Sequence[int]) -> None:
    """Files in which these people may be named, and that are kept only so that an import can be undone, which needs no
    file. Nothing but the agency says whom a file names."""
    agencies = Employment.objects.filter(person__in=ids).values("agency")
    taken_in = Import.objects.filter(Q(agency__in=agencies) | Q(agency=None), ended_at__isnull=False)
    taken_in.exclude(file=b"").update(file=b"", sheet={}, findings={}, notes=[])


def _wipe(record: Record, rows: QuerySet) -> None:
    _forget_files(record, rows)
    for rule in record.rules("delete").values():
        rows.filter(**rule.where).delete()
        if not rule.where:
            return
    together: dict[tuple, dict[str, Rule]] = defaultdict(dict)
    for name, rule in record.rules("erase").items():
        together[tuple(rule.where.items())][name] = rule
    for where, rules in together.items():
        empty(record, rows.filter(**dict(where)), rules)


def empty(record: Record, rows: QuerySet, rules: dict[str, Rule]) -> int:
    """Give these fields of these rows the values that their rules say. Returns how many rows that is."""
    fields = schedule.own_fields(record.cls)
    for name in [name for name, rule in rules.items() if rule.besides]:
        _empty_texts(rows, name, rules[name].besides)
    values = {name: neutral(fields[name], rule) for name, rule in rules.items() if not rule.besides}
    return rows.update(**values) if values else rows.count()


def neutral(field: models.Field, rule: Rule) -> Any:
    """What an erased field holds: what its rule says, with {id} for the row's own; else nothing."""
    if isinstance(rule.to, str) and "{id}" in rule.to:
        before, after = rule.to.split("{id}")
        return Concat(Value(before), Cast("pk", models.CharField()), Value(after), output_field=models.CharField())
    if rule.to is not None:
        return rule.to
    if field.null:
        return None
    if isinstance(field, models.BinaryField):
        return b""
    return {} if isinstance(field, models.JSONField) else ""


def _empty_texts(rows: QuerySet, name: str, besides: Sequence[str]) -> None:
    """In fields of JSON every text goes, apart from those under keys that hold codes; numbers stay."""
    changed = []
    for row in rows.exclude(**{name: {}}).only("pk", name):
        before = getattr(row, name)
        setattr(row, name, _without_texts(before, besides))
        if getattr(row, name) != before:
            changed.append(row)
    rows.model._base_manager.bulk_update(changed, [name], batch_size=500)


def _without_texts(value: Any, besides: Sequence[str]) -> Any:
    if isinstance(value, dict):
        return {k: v if k in besides else _without_texts(v, besides) for k, v in value.items()}
    if isinstance(value, list):
        return [_without_texts(item, besides) for item in value]
    return "" if isinstance(value, str) else value


def _forget_files(record: Record, rows: QuerySet) -> None:
    """Uploaded files go with what names them, once the transaction has ended well."""
    for name, rule in {**record.rules("erase"), **record.rules("delete")}.items():
        field = record.cls._meta.get_field(name)
        if isinstance(field, models.FileField):
            for path in set(rows.filter(**rule.where).exclude(**{name: ""}).values_list(name, flat=True)):
                transaction.on_commit(lambda storage=field.storage, path=path: storage.delete(path))


def _named(people: Iterable[Person]) -> list[str]:
    """How other people's words may name them beyond doubt: in full, as now or as before, by address or by registration
    number.

    A given name by itself is left alone: it may be anybody's, or a word.
    """
    numbers = {person.swe_number for person in people} - {""}
    found = {re.escape(text) for text in addresses_of(people) | numbers}
    former = PersonVersion.objects.filter(identity__in=people).values_list("given_name", "family_name").order_by()
    for name in {*((person.given_name, person.family_name) for person in people), *former}:
        given, family = map(re.escape, name)
        if given and family:
            found |= {rf"{given}\s+{family}", rf"{family},?\s+{given}"}
    return sorted(found)


def _take_out(model: type[models.Model], name: str, named: list[str]) -> None:
    """Replace whoever is named in a field of other people's own words."""
    if not named:
        return
    field = model._meta.get_field(name)
    pattern = rf"(?<!\w)({'|'.join(named)})(?!\w)"
    said: Any = Cast(F(name), models.TextField())
    new: Any = Func(said, Value(pattern), Value(IN_PLACE_OF_A_NAME), Value("gi"), function="regexp_replace")
    if length := getattr(field, "max_length", None):
        new = Left(new, length)
    rows = model._base_manager.annotate(said_there=said).filter(said_there__iregex=pattern)
    rows.update(**{name: Cast(new, type(field)() if isinstance(field, models.JSONField) else models.TextField())})
