"""Reading people's files: CSV to rows, values to facts, every fault to a line, a column and a reason."""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Choices

from academy.lib.text import sort_key

__all__ = [
    "BadValue",
    "FileRefused",
    "Outcome",
    "Row",
    "RowError",
    "choice",
    "email",
    "fte",
    "iso_date",
    "read_csv",
    "short",
    "yes_no",
]


@dataclass(frozen=True)
class RowError:
    """What is wrong, where: `line` counts from 1 with the header as line 1; `column` '' means the whole line."""

    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}, {self.column}: {self.reason}" if self.column else f"line {self.line}: {self.reason}"


class BadValue(ValueError):
    """A value that cannot be taken, with a reason fit to show."""


class FileRefused(ValueError):
    """A file that cannot be read at all, with a reason fit to show."""


@dataclass
class Outcome:
    """What an import found and, unless there are errors or it was a dry run, wrote."""

    errors: list[RowError] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.errors


@dataclass
class Row:
    """One line of a file. `take` reads a column; its faults are collected in `errors`."""

    line: int
    values: dict[str, str]
    errors: list[RowError]

    def take(self, column: str, read: Callable[[str], Any] = str, *, required: bool = False, default: Any = None):
        """The column's value through `read`, or `default` where it is empty. A fault is noted and gives None."""
        raw = self.values.get(column, "")
        if not raw:
            if required:
                self.refuse(column, "this must not be empty")
            return default
        try:
            return read(raw)
        except BadValue as problem:
            self.refuse(column, str(problem))
            return None

    def refuse(self, column: str, reason: str) -> None:
        self.errors.append(RowError(self.line, column, reason))


def read_csv(source: Path | bytes, columns: Sequence[str], required: Sequence[str]) -> tuple[list[Row], Outcome]:
    """The rows of a CSV with a header, in any column order, and an outcome that holds faults of the whole file.

    Takes UTF-8 with or without a byte order mark, and Windows-1252 as Excel saves it. Raises FileRefused when it
    is no such file.
    """
    text, notes = _decode(source if isinstance(source, bytes) else _bytes(source))
    lines = iter(_lines(text))
    outcome = Outcome(notes=notes)
    header = [sort_key(name.strip()).replace(" ", "_") for _, cells in [next(lines, (1, []))] for name in cells]
    if not any(header):
        raise FileRefused("The file is empty: it has no header row.")
    for name in [name for name in required if name not in header]:
        outcome.errors.append(RowError(1, name, "the file has no such column"))
    for name in sorted({name for name in header if name and header.count(name) > 1}):
        outcome.errors.append(RowError(1, name, "two columns have this name"))
    outcome.notes += [f"The column '{name}' is not used." for name in header if name and name not in columns]
    rows = [_row(line, header, cells, outcome.errors) for line, cells in lines if any(cell.strip() for cell in cells)]
    if not rows and outcome.ok:
        raise FileRefused("The file has a header row and nothing beneath it.")
    return rows, outcome


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise FileRefused(f"{path} cannot be read: {problem.strerror}.") from problem


def _decode(data: bytes) -> tuple[str, list[str]]:
    if data.startswith(b"PK\x03\x04"):
        raise FileRefused("This is a spreadsheet workbook. Save it as 'CSV UTF-8' and import that file.")
    if b"\0" in data:
        raise FileRefused("This is not a CSV text file. Save it as 'CSV UTF-8' and import that file.")
    try:
        return data.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace"), ["The file is not UTF-8, so it was read as Windows-1252."]


def _lines(text: str) -> list[tuple[int, list[str]]]:
    """(line number, cells) of each record, split by what the header is split by: commas, semicolons or tabs."""
    skipped, text = _without_separator_line(text)
    header = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=header.count))
    lines, start = [], 1
    try:
        for cells in reader:
            lines.append((start + skipped, cells))
            start = reader.line_num + 1
    except csv.Error as problem:
        raise FileRefused(f"This is not a CSV text file: from line {start + skipped}, {problem}.") from problem
    return lines


def _without_separator_line(text: str) -> tuple[int, str]:
    """Excel sometimes writes a first line like 'sep=;'."""
    first, _, rest = text.partition("\n")
    return (1, rest) if first.strip().strip('"').casefold().startswith("sep=") else (0, text)


def _row(line: int, header: list[str], cells: list[str], errors: list[RowError]) -> Row:
    if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
        errors.append(RowError(line, "", f"{len(cells)} values under {len(header)} columns"))
    values = {name: " ".join(cell.split()) for name, cell in zip(header, cells, strict=False)}
    return Row(line, values, errors)


def iso_date(raw: str) -> date:
    """A date as 2026-11-21 (a midnight time after it is dropped). Anything else is refused, never guessed."""
    text = raw.removesuffix(" 00:00:00").removesuffix("T00:00:00")
    try:
        day = datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007
    except ValueError:
        hint = " (this looks like Excel's day number)" if raw.isdigit() and len(raw) == 5 else ""
        raise BadValue(f"'{raw}' is not a date like 2026-11-21{hint}") from None
    if not 1900 <= day.year <= 2200:
        raise BadValue(f"'{raw}' is not a likely year")
    return day


@cache
def choice(choices: type[Choices], also: tuple[tuple[str, str], ...] = ()) -> Callable[[str], Any]:
    """Reads a code ('3', to the letter), or a name or label whatever its case and punctuation ('Step-up').

    `also` adds other words that files use: (word, code) pairs.
    """
    codes = {str(item.value): item.value for item in choices}
    words = {_letters(text): item.value for item in choices for text in (str(item.value), item.label, item.name)}
    words |= {_letters(word): code for word, code in also}
    words.pop("", None)

    def read(raw: str) -> Any:
        found = codes.get(raw.removesuffix(".0").casefold(), words.get(_letters(raw)))
        if found is None:
            raise BadValue(f"'{raw}' is not one of {', '.join(codes)}")
        return found

    return read


def _letters(text: str) -> str:
    """What is left of some words without case, accents and punctuation; nothing of a text with digits in it."""
    key = sort_key(text)
    return "" if any(char.isdigit() for char in key) else "".join(char for char in key if char.isalpha())


def email(raw: str) -> str:
    """An e-mail address in lower case, of at most 254 characters as mail servers take them."""
    try:
        validate_email(raw)
    except ValidationError:
        raise BadValue(f"'{raw}' is not an e-mail address") from None
    return short(254)(raw.lower())


def fte(raw: str) -> Decimal:
    """Full-time equivalent: more than 0, at most 2 (someone can hold more than one full post)."""
    try:
        value = Decimal(raw).quantize(Decimal("0.001"))
    except InvalidOperation:
        raise BadValue(f"'{raw}' is not a number") from None
    if value.is_nan() or not 0 < value <= 2:
        raise BadValue(f"'{raw}' is not more than 0 and at most 2")
    return value


def yes_no(raw: str) -> bool:
    """'yes', 'y', 'true' or '1'; 'no', 'n', 'false' or '0'."""
    key = raw.casefold()
    if key in {"yes", "y", "true", "1"}:
        return True
    if key in {"no", "n", "false", "0"}:
        return False
    raise BadValue(f"'{raw}' is not yes or no")


def short(limit: int) -> Callable[[str], str]:
    """Text of at most `limit` characters, also once it is written out to sort by ('ß' as 'ss')."""

    def read(raw: str) -> str:
        length = max(len(raw), len(sort_key(raw)))
        if length > limit:
            raise BadValue(f"this is {length} characters long; {limit} is the most")
        return raw

    return read
