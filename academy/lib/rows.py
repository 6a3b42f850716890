"""Reading people's files: lines to rows, values to facts, every fault to a line, a column and a reason."""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache, lru_cache
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Choices

from academy.lib.sheets import FileRefused, Sheet
from academy.lib.text import sort_key

__all__ = [
    "DATES",
    "HEADER",
    "BadValue",
    "FileRefused",
    "Outcome",
    "Row",
    "RowError",
    "Verdict",
    "choice",
    "email",
    "fte",
    "iso_date",
    "number",
    "open_ended",
    "plain",
    "read_rows",
    "short",
    "yes_no",
]


HEADER = 1  # the line to which errors in the names of columns belong, wherever those stand


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


@dataclass(frozen=True)
class Verdict:
    """What one line does (`kind`), to whom, and how, in words; `line` None: somebody who is not in the file."""

    line: int | None
    kind: str
    who: str
    what: str
    person: int | None = None


@dataclass
class Outcome:
    """What an import found and, unless there are errors or it was a dry run, wrote."""

    errors: list[RowError] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    left_out: list[RowError] = field(default_factory=list)  # faults of lines that were passed over, as was asked for
    verdicts: list[Verdict] = field(default_factory=list)
    findings: dict[str, Any] = field(default_factory=dict)  # about the whole file, for somebody to decide
    made: dict[str, list[int]] = field(default_factory=dict)  # ids of what it made besides its lines, by model

    @property
    def ok(self) -> bool:
        return not self.errors


_EXCELS_ERRORS = {"#N/A", "#NAME?", "#REF!", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!"}
_LONGEST = 5_000  # characters that any value can need


@dataclass
class Row:
    """One line of a file. `take` reads a column; its faults are collected in `errors`."""

    line: int
    values: dict[str, str]
    errors: list[RowError]

    def take(self, column: str, read: Callable[[str], Any] = str, *, required: bool = False, default: Any = None):
        """The column's value through `read`, or `default` where it is empty. A fault is noted and gives None."""
        raw = self.values.get(column, "")
        if raw in _EXCELS_ERRORS or len(raw) > _LONGEST:
            self.refuse(
                column, f"this is {raw}, Excel’s own error" if raw in _EXCELS_ERRORS else "this is far too long"
            )
            return None
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


def read_rows(
    sheet: Sheet, columns: Sequence[str], required: Sequence[str], names: Mapping[str, str] | None = None
) -> tuple[list[Row], Outcome]:
    """The rows of a file with a header, in any column order, and an outcome that holds faults of the whole file.

    `names` says what the file's own column names stand for: {column of ours: the file's name for it}. Without it,
    columns must bear our names.
    """
    outcome = Outcome(notes=list(sheet.notes))
    theirs = [plain(name) for name in sheet.header]
    ours = {plain(name): column for column, name in names.items()} if names is not None else {}
    header = [ours.get(name, "") if names is not None else name for name in theirs]
    for name in [name for name in required if name not in header]:
        outcome.errors.append(RowError(HEADER, name, "the file has no such column"))
    for name in sorted({name for name in header if name and header.count(name) > 1}):
        outcome.errors.append(RowError(HEADER, name, "two columns have this name"))
    unused = [name for name, our in zip(sheet.header, header, strict=True) if name and our not in columns]
    outcome.notes += [f"The column ‘{name}’ is not used." for name in unused]
    ours_of = dict(zip(sheet.header, header, strict=True))
    outcome.errors += [RowError(line, ours_of[name] or name, reason) for line, name, reason in sheet.faults]
    return [_row(line, header, cells, outcome.errors) for line, cells in sheet.lines], outcome


def plain(name: str) -> str:
    """A column's name as it is matched: 'Given Name' is given_name."""
    return "_".join(sort_key(name).split())


def _row(line: int, header: list[str], cells: list[str], errors: list[RowError]) -> Row:
    if len(cells) > len(header) and any(cells[len(header) :]):
        errors.append(RowError(line, "", f"{len(cells)} values under {len(header)} columns"))
    return Row(line, {name: cell for name, cell in zip(header, cells, strict=False) if name and cell}, errors)


def iso_date(raw: str) -> date:
    """A date as 2026-11-21 or 21 Nov 2026 (a midnight time after it is dropped). Anything else is refused, never
    guessed."""
    return _date(raw, ())


def day_first(raw: str) -> date:
    """The same, and dates as 21/11/2026."""
    return _date(raw, ("%d/%m/%Y",))


def month_first(raw: str) -> date:
    """The same, and dates as 11/21/2026."""
    return _date(raw, ("%m/%d/%Y",))


def excel_day(raw: str) -> date:
    """The same, and the number of days since the end of 1899 by which Excel keeps dates."""
    number = raw.removesuffix(".0")
    return _likely(raw, date(1899, 12, 30) + timedelta(int(number))) if is_day_number(number) else iso_date(raw)


DATES = {"": iso_date, "day_first": day_first, "month_first": month_first, "excel": excel_day}
_CLEAR = ("%Y-%m-%d", "%d-%b-%Y", "%d-%B-%Y")


def is_day_number(raw: str) -> bool:
    """Whether this could be how Excel keeps a date."""
    return raw.isascii() and raw.isdigit() and len(raw) == 5


@lru_cache(maxsize=10_000)  # a file of thousands of people has the same days over and over
def _date(raw: str, also: tuple[str, ...]) -> date:
    text = _MIDNIGHT.sub("", raw)
    for layout in (*_CLEAR, *also):
        with suppress(ValueError):
            return _likely(raw, datetime.strptime(_SEPARATORS.sub(layout[2], text), layout).date())  # noqa: DTZ007
    hint = " (this looks like Excel's day number)" if is_day_number(raw) else ""
    like = date(2026, 11, 21).strftime(also[0] if also else "%Y-%m-%d")
    raise BadValue(f"'{raw}' is not a date like {like}{hint}")


def open_ended(read: Callable[[str], date]) -> Callable[[str], date | None]:
    """A last day read by `read`; None for the ends of time by which HR systems say that there is none yet."""
    return lambda raw: None if _END_OF_TIME.search(raw) else read(raw)


_END_OF_TIME = re.compile(r"(^|\D)(4712|9999)(\D|$)")  # ESR and Oracle, SAP and others


def number(raw: str) -> str:
    """The number of an employee. One that a spreadsheet took for a quantity and that has lost digits is refused."""
    if _SCIENTIFIC.fullmatch(raw):
        raise BadValue(f"'{raw}' has lost digits in a spreadsheet: format its column as text, and export it again")
    text = raw.lstrip("'’‘")  # by which spreadsheets are told that a number is a text
    return short(40)(text.removesuffix(".0") if text.removesuffix(".0").isdigit() else text)


_SCIENTIFIC = re.compile(r"\d([.,]\d+)?E\+\d+", re.IGNORECASE)


def _likely(raw: str, day: date) -> date:
    if not 1900 <= day.year <= 2200:
        raise BadValue(f"'{raw}' is not a likely year")
    return day


_MIDNIGHT = re.compile(r"[T ]0?0:00(:00(\.0+)?)?Z?$")
_SEPARATORS = re.compile(r"[-/. ]")


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
    """An e-mail address in lower case, of at most 254 characters as mail servers take them; alone, as a link, or after
    a name."""
    address = (_AFTER_A_NAME.fullmatch(raw) or _AS_A_LINK.fullmatch(raw) or [raw, raw])[1]
    try:
        validate_email(address)
    except ValidationError:
        raise BadValue(f"'{raw}' is not an e-mail address") from None
    return short(254)(address.lower())


_AFTER_A_NAME = re.compile(r"[^<>@]*<\s*(?:mailto:)?([^<>\s]+)\s*>", re.IGNORECASE)
_AS_A_LINK = re.compile(r"mailto:\s*(\S+)", re.IGNORECASE)


def fte(raw: str) -> Decimal:
    """Full-time equivalent: more than 0, at most 2 (someone can hold more than one full post); '0,6' and '60%' too."""
    share = _SHARE.fullmatch(raw)
    try:
        value = Decimal((share[1] if share else raw).replace(",", ".")) / (100 if share else 1)
        value = value.quantize(Decimal("0.001"))
    except InvalidOperation:
        raise BadValue(f"'{raw}' is not a number") from None
    if value.is_nan() or not 0 < value <= 2:
        hours = (
            ": 1 is full time and 0.6 three days a week, so hours do not do" if value.is_finite() and value > 2 else ""
        )
        raise BadValue(f"'{raw}' is not more than 0 and at most 2{hours}")
    return value


_SHARE = re.compile(r"([\d.,]+)\s*%")


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
