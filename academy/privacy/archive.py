"""'Everything we hold about you': one ZIP of all rows about somebody, as the schedule finds them.

It is made when it is asked for and kept nowhere. Other people are named by what they are to the person ('your manager
then'), never by name; words about other people stay out. There are no anonymous answers in it, since nothing leads
from those to anybody.
"""

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models, transaction
from django.template.loader import render_to_string
from django.utils.text import capfirst

from academy.lib import tables
from academy.lib.dates import LONDON
from academy.lib.text import clock_time, day, plural
from academy.privacy import schedule
from academy.privacy.schedule import Record
from academy.privacy.sessions import addresses_of, sessions_of
from courses.models import Certificate, Evidence
from courses.reports import certificate_pdf
from partners import audit
from partners.models import Person

YOU = "you"
EMPTY = "–"


@audit.sentence("privacy.archive_made")
def _told_made(told: audit.Told) -> str:
    return f"made an archive of everything about {told.person}"


@dataclass(frozen=True)
class Section:
    """All rows of one kind: under `labels`, what people read; in `data`, the same for machines."""

    record: Record
    labels: list[str]
    rows: list[list[str]]
    data: list[dict[str, Any]]

    @property
    def columns(self) -> list[str]:
        """Labels of what any row has something in: the others would only make a wide table wider."""
        return [label for label, values in self._filled() if values]

    @property
    def lines(self) -> list[tuple[str, ...]]:
        """The rows under those columns."""
        return list(zip(*(values for _, values in self._filled() if values), strict=True))

    @property
    def only(self) -> list[tuple[str, str]]:
        """The labels and values of a row that is by itself."""
        return list(zip(self.labels, self.rows[0], strict=True))

    def _filled(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        for label, values in zip(self.labels, zip(*self.rows, strict=True), strict=True):
            yield label, values if set(values) != {EMPTY} else ()

    @property
    def slug(self) -> str:
        return self.record.model.lower().replace(".", "-")


@dataclass(frozen=True)
class Archive:
    """What is held about one person at a moment."""

    person: Person
    at: datetime
    sections: list[Section]
    named: list[tuple[str, str, str]]  # in records about others: how many rows, of what, and as what
    files: dict[str, bytes]

    @property
    def without(self) -> list[str]:
        """Kinds of records about people of which there are none about this one."""
        found = {section.record.model for section in self.sections}
        return [record.title for record in _about_people() if record.model not in found]


def _about_people() -> list[Record]:
    return [record for record in schedule.load().in_use if record.person or record.addresses or _is_session(record)]


def _is_session(record: Record) -> bool:
    return record.model == "sessions.Session"


@transaction.atomic
def hand_out(*, person: Person, by: Person, at: datetime, reason: str = "") -> bytes:
    """The ZIP of everything held about `person`, for them or for an administrator whom they asked. Audited."""
    made = to_zip(collect(person, at))
    audit.record("privacy.archive_made", by=by, at=at, about=person, person=person, reason=reason)
    return made


def collect(person: Person, at: datetime) -> Archive:
    """Everything held about a person."""
    sections = [section for record in _about_people() if (section := _section(record, person)).rows]
    return Archive(person, at, sections, list(_named(person)), dict(_files(person)))


def _section(record: Record, person: Person) -> Section:
    fields = {name: field for name, field in schedule.own_fields(record.cls).items() if _is_told(record, name)}
    rows = [(row, _is_about(record, row, person)) for row in _rows(record, person, list(fields.values()))]
    cells = [[_Cell(record, row, field, person, own) for field in fields.values()] for row, own in rows]
    labels = [_label(field) for field in fields.values()]
    data = [{cell.field.name: cell.value for cell in line} for line in cells]
    return Section(record, labels, [[cell.words for cell in line] for line in cells], data)


def _is_told(record: Record, name: str) -> bool:
    """Not what is hidden, nor the link by which the row is theirs."""
    return not record.fields[name].hidden and record.person != (name,)


def _label(field: models.Field) -> str:
    return "Number" if field.primary_key else capfirst(field.verbose_name)


def _rows(record: Record, person: Person, fields: list[models.Field]) -> list[models.Model]:
    if _is_session(record):
        return sessions_of([person])
    rows = record.rows_of([person.pk], addresses_of([person])).order_by("pk")
    return list(rows.select_related(*(path for field in fields for path in _told_by_name(field))))


def _told_by_name(field: models.Field) -> list[str]:
    """What to fetch along with a row, so that a link can be told by its name: a run's says its course too."""
    if not field.many_to_one or _is_about_somebody(field.related_model):
        return []
    further = [f for f in field.related_model._meta.concrete_fields if f.many_to_one and not f.null]
    return [field.name, *(f"{field.name}__{f.name}" for f in further)]


def _is_about_somebody(model: type[models.Model]) -> bool:
    known = {record.model: record for record in schedule.load().in_use}.get(model._meta.label)
    return known is None or bool(known.person)


def _is_about(record: Record, row: models.Model, person: Person) -> bool:
    """Whether the row is about this person first of all, and not one in which they only had a hand."""
    if len(record.person) < 2:
        return True
    return getattr(row, f"{record.person[0]}_id") == person.pk


@dataclass(frozen=True)
class _Cell:
    """One field of one row."""

    record: Record
    row: models.Model
    field: models.Field
    person: Person
    own: bool

    @property
    def value(self) -> Any:
        """For machines: plain values; a link is a number, or, to a person, what they are."""
        raw = self.field.value_from_object(self.row)
        if self.field.many_to_many:
            return [self._who(each.pk) if isinstance(each, Person) else each.pk for each in raw]
        if self.field.remote_field and self.field.related_model is Person:
            return self._who(raw)
        if self._rule.mentions and not self.own:
            return None
        if isinstance(raw, bytes | memoryview):
            return f"{len(bytes(raw))} bytes"
        return str(raw) if isinstance(raw, UUID | models.fields.files.FieldFile) else raw

    @property
    def _rule(self) -> schedule.Rule:
        return self.record.fields[self.field.name]

    def _who(self, pk: int | None) -> str | None:
        if pk is None:
            return None
        return YOU if pk == self.person.pk else self._rule.called or "another person"

    @property
    def words(self) -> str:
        """For people."""
        value = self.value
        if self.field.choices and value not in (None, ""):
            return str(getattr(self.row, f"get_{self.field.name}_display")())
        if self.field.remote_field and isinstance(value, int):
            return self._linked(value)
        return _in_words(value)

    def _linked(self, pk: int) -> str:
        """What a link leads to: by its name where it is nobody's, else by its number, which is in its own section."""
        model = self.field.related_model
        if _is_about_somebody(model):
            return f"{str(model._meta.verbose_name).capitalize()} number {pk}"
        return str(getattr(self.row, self.field.name))


def _in_words(value: Any) -> str:
    if value is None or value in ("", {}, []):
        return EMPTY
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, datetime):
        return f"{day(value.astimezone(LONDON))}, {clock_time(value)}"
    if isinstance(value, date):
        return day(value)
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def _named(person: Person) -> Iterator[tuple[str, str, str]]:
    """Where somebody is named in records that are about others: counted, since the rest is the others'."""
    for record in schedule.load().in_use:
        others = record.cls._base_manager.exclude(pk__in=record.rows_of([person.pk]).values("pk"))
        for name, field in schedule.own_fields(record.cls).items():
            if field.related_model is not Person or name in record.person:
                continue
            if count := others.filter(**{name: person}).count():
                yield plural(count, "row"), record.title, str(field.verbose_name)


def _files(person: Person) -> Iterator[tuple[str, bytes]]:
    """Certificates, and what they sent to show what they learnt elsewhere."""
    for evidence in Evidence.objects.filter(learning__person=person).order_by("pk"):
        yield f"evidence/{evidence.learning_id}-{evidence.name}", bytes(evidence.content)
    standing = Certificate.objects.filter(achievement__person=person, achievement__revoked_at=None)
    for certificate in standing.select_related("achievement"):
        yield f"certificates/{certificate.number}.pdf", certificate_pdf(certificate)


def to_zip(archive: Archive) -> bytes:
    """index.html to read, data.json and a CSV for each kind for machines, and the files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as into:
        for name, content in _members(archive):
            info = zipfile.ZipInfo(name, archive.at.astimezone(LONDON).timetuple()[:6])
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            into.writestr(info, content)
    return out.getvalue()


def _members(archive: Archive) -> Iterator[tuple[str, str | bytes]]:
    about = {"archive": archive, "academy_name": settings.ACADEMY_NAME, "support_email": settings.SUPPORT_EMAIL}
    yield "index.html", render_to_string("privacy/archive.html", about)
    data = {section.record.model: section.data for section in archive.sections}
    yield "data.json", json.dumps(data, indent=2, ensure_ascii=False, default=_plain)
    for section in archive.sections:
        rows = [[_in_words(value) for value in line.values()] for line in section.data]
        yield f"tables/{section.slug}.csv", "\ufeff" + tables.to_csv(list(section.data[0]), rows)
    yield from archive.files.items()


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else str(value)
