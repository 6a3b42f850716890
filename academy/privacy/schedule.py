"""The retention schedule: schedule.toml as the code knows it, and whether it covers every model and every field.

The file is the configuration: erasing, the daily run, the archive of everything about somebody and the public page
all read it here, and nothing else says what is kept.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import models
from django.utils.text import capfirst

from academy.lib.dates import add_months, london_day, start_of_day
from academy.lib.text import plural

FILE = Path(__file__).with_name("schedule.toml")
KINDS = ("keep", "erase", "delete", "link")
NOBODYS = "Not about anybody"  # the part of the page that needs no more than a list
TRAINING = "training"  # the end of the last run that somebody asked for, whatever came of it
LEAVING = "leaving"  # what a period counts from when it is not a field: the end of somebody's last employment


@dataclass(frozen=True)
class Period:
    """A length of time, counted from a moment."""

    after: str
    words: str  # goes after the length: 'it was sent'
    years: int = 0
    months: int = 0
    days: int = 0

    def cutoff(self, at: datetime) -> date:
        """What happened before this London day is over its period at `at`."""
        return add_months(london_day(at), -(self.years * 12 + self.months)) - timedelta(days=self.days)

    def moment(self, at: datetime) -> datetime:
        """The same for moments; for a length of nothing, `at` itself."""
        return start_of_day(self.cutoff(at)) if self.years or self.months or self.days else at

    def __str__(self) -> str:
        parts = [(self.years, "year"), (self.months, "month"), (self.days, "day")]
        length = " and ".join(plural(count, unit) for count, unit in parts if count)
        return f"{length} after {self.words}" if length else f"once {self.words}"


@dataclass(frozen=True)
class Rule:
    """What becomes of one field when its person is erased, or, with a period of its own, earlier."""

    kind: str
    because: str = ""
    to: Any = None  # what an erased field holds; None: empty
    where: Mapping[str, Any] = field(default_factory=dict)  # the rule is for these rows alone
    period: Period | None = None
    basis: str = ""  # where another than its record's allows it
    called: str = ""  # what the archive says instead of another person's name
    mentions: bool = False  # own words, in which others may be named
    besides: tuple[str, ...] = ()  # keys of JSON whose texts are codes, and stay
    hidden: bool = False  # left out of the archive

    WORDS = {
        "keep": "kept",
        "erase": "erased",
        "delete": "deleted with its row",
        "link": "points at a record that stays, without a name",
    }

    @property
    def words(self) -> str:
        return self.WORDS[self.kind]


@dataclass(frozen=True)
class Record:
    """One model of the schedule."""

    model: str
    title: str
    part: str
    what: str
    whose: str
    why: str
    basis: str
    end: str
    fields: Mapping[str, Rule]
    kept: Period | None = None
    erased: str = ""
    person: tuple[str, ...] = ()  # paths from a row to the person whose data it is
    addresses: tuple[str, ...] = ()  # fields that hold an address instead
    optional: bool = False  # of an app that is not always installed

    @property
    def cls(self) -> type[models.Model]:
        return apps.get_model(self.model)

    @property
    def is_installed(self) -> bool:
        return self.model.partition(".")[0] in apps.app_configs

    @property
    def bases(self) -> set[str]:
        """What allows keeping it, or a field of it."""
        return {self.basis, *(rule.basis for rule in self.fields.values() if rule.basis)}

    @property
    def how_long(self) -> str:
        if self.kept:
            return capfirst(f"{self.kept}.")
        return "Until the person is erased." if self.person or self.addresses else "For as long as it is needed."

    @property
    def named_fields(self) -> list[tuple[str, Rule]]:
        """Its fields' names as people write them, each with its rule."""
        return [(name.replace("_", " ").capitalize(), rule) for name, rule in self.fields.items()]

    def rules(self, kind: str) -> dict[str, Rule]:
        return {name: rule for name, rule in self.fields.items() if rule.kind == kind}

    def rows_of(self, people: Iterable[int], addresses: Iterable[str] = ()) -> models.QuerySet:
        """The rows that are about the people with these ids, or who have these addresses."""
        wanted = models.Q(pk__in=[])
        for path in self.person:
            wanted |= models.Q(**{"pk__in" if path == "self" else f"{lookup(path)}__in": people})
        for name in self.addresses:
            wanted |= models.Q(**{f"{name}__in": list(addresses)})
        return self.cls._base_manager.filter(wanted)


@dataclass(frozen=True)
class Schedule:
    """The whole file."""

    note: str
    bases: Mapping[str, str]
    records: tuple[Record, ...]
    tables: Mapping[str, str]  # tables that no model stands for

    @property
    def in_use(self) -> list[Record]:
        """Records whose app is installed here."""
        return [record for record in self.records if record.is_installed]

    @property
    def mentions(self) -> Iterator[tuple[Record, str]]:
        """Every field of own words in which somebody may be named."""
        return ((r, name) for r in self.in_use for name, rule in r.fields.items() if rule.mentions)


def lookup(path: str) -> str:
    """The file's `run.ends_at` as Django's `run__ends_at`."""
    return path.replace(".", "__")


@cache
def load() -> Schedule:
    """The schedule of this academy. Raises ValueError where the file cannot be understood."""
    return read(FILE.read_text("utf-8"))


def of(model: str) -> Record:
    """What the schedule says of one model. Raises KeyError."""
    return {record.model: record for record in load().records}[model]


def read(text: str) -> Schedule:
    """A schedule from TOML. Raises ValueError with the record that cannot be understood."""
    found = tomllib.loads(text)
    records = tuple(_record(item) for item in found["record"])
    return Schedule(found["note"], found["bases"], records, found["tables"])


def _record(item: dict[str, Any]) -> Record:
    item = dict(item)
    try:
        fields = {name: _rule(value) for name, value in item.pop("fields").items()}
        kept = Period(**item.pop("kept")) if "kept" in item else None
        paths = {name: tuple(item.pop(name, ())) for name in ("person", "addresses")}
        return Record(**item, **paths, kept=kept, fields=fields)
    except (TypeError, KeyError, ValueError) as problem:
        raise ValueError(f"schedule.toml, {item.get('model', 'a record without a model')}: {problem}") from problem


def _rule(said: str | dict[str, Any]) -> Rule:
    if isinstance(said, str):
        kind, _, because = said.partition(": ")
        said = {"rule": kind, "because": because}
    said = dict(said)
    kind = said.pop("rule")
    if kind not in KINDS:
        raise ValueError(f"'{kind}' is none of {', '.join(KINDS)}")
    where = {lookup(path): value for path, value in said.pop("where", {}).items()}
    period = Period(**said.pop("kept")) if "kept" in said else None
    return Rule(kind, where=where, period=period, besides=tuple(said.pop("besides", ())), **said)


def problems(schedule: Schedule, tables: Iterable[str] = ()) -> list[str]:
    """One sentence for each model, field or table that the schedule leaves out, names in vain or names twice."""
    named = [record.model for record in schedule.records]
    found = [f"{name} is in schedule.toml twice." for name in sorted({n for n in named if named.count(n) > 1})]
    stored = (model for model in apps.get_models() if model._meta.managed and not model._meta.proxy)
    here = {model._meta.label: model for model in stored}
    found += [_missing(model) for label, model in here.items() if label not in named]
    for record in schedule.records:
        if record.model in here:
            found += _fields(record, here[record.model])
        elif record.is_installed or not record.optional:
            found.append(f"{record.model} is in schedule.toml, and there is no such model. Take it out.")
        found += [
            f"{record.model}: '{basis}' is not one of the bases at the top of schedule.toml."
            for basis in sorted(record.bases - schedule.bases.keys())
        ]
    return found + _tables(schedule, here.values(), tables)


def own_fields(model: type[models.Model]) -> dict[str, models.Field]:
    """Every column and list of links that a model has by itself."""
    return {item.name: item for item in (*model._meta.concrete_fields, *model._meta.local_many_to_many)}


def _fields(record: Record, model: type[models.Model]) -> list[str]:
    there = own_fields(model)
    new, gone = there.keys() - record.fields.keys(), record.fields.keys() - there.keys()
    return [
        f"{record.model}.{name} has no rule in schedule.toml. Under [record.fields] of {record.model} add: "
        f'{name} = "…" (one of {", ".join(KINDS)})'
        for name in sorted(new)
    ] + [
        f"{record.model}.{name} is in schedule.toml, and there is no such field. Take it out." for name in sorted(gone)
    ]


def _missing(model: type[models.Model]) -> str:
    fields = "\n".join(f'{name} = "…"  # one of {", ".join(KINDS)}' for name in own_fields(model))
    return (
        f"{model._meta.label} is not in schedule.toml. Say there what it is and what becomes of it, for example:\n\n"
        f'[[record]]\nmodel = "{model._meta.label}"\ntitle = "{str(model._meta.verbose_name_plural).capitalize()}"\n'
        'part = "…"\nwhat = "…"\nwhose = "…"\nperson = ["…"]  # the path from a row to its Person; none: leave it out\n'
        f'why = "…"\nbasis = "…"\nend = "…"\n[record.fields]\n{fields}\n'
    )


def _tables(schedule: Schedule, models_here: Iterable[type[models.Model]], tables: Iterable[str]) -> list[str]:
    lists = [item.remote_field.through for model in models_here for item in model._meta.local_many_to_many]
    known = {model._meta.db_table for model in (*models_here, *lists)} | schedule.tables.keys()
    return [f"The table {name} is not in schedule.toml. Add it under [tables]." for name in tables if name not in known]
