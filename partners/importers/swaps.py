"""Dates of which Excel has swapped day and month, in a column of others that it could not read.

An Excel that puts the month first takes '03/04/2024' for 4 March, and leaves '25/04/2024' as the text that it is. What
is left then looks like a date among texts, and nobody but whoever knows these people can say which it was.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from academy.lib import rows
from academy.lib.rows import Row
from academy.lib.sheets import Sheet
from academy.lib.text import day, plural, some
from partners.importers.columns import DATE_KEYS, LABELS, Reading

MONTHS = 12
_OTHERS = (rows.day_first, rows.month_first)


@dataclass(frozen=True)
class Mixed:
    """A column with real dates that may be swapped, and texts that are dates in one way only, by line number."""

    column: str
    dates: dict[int, date]
    texts: dict[int, str]

    @property
    def sentence(self) -> str:
        """What is odd about it, where."""
        text = next(iter(self.texts.values()))
        return (
            f"{LABELS[self.column]}: {_lines(self.dates)} a real date, never after the 12th of a month; "
            f"{_lines(self.texts)} a text such as ‘{text}’. Excel may have swapped day and month of the real dates."
        )

    def as_json(self) -> dict[str, str]:
        """For whoever decides: one of the dates as it stands, and as it would be put right."""
        line, given = next((line, one) for line, one in self.dates.items() if swapped(one) != one)
        return {"line": str(line), "given": day(given), "before": day(swapped(given))}


def find(sheet: Sheet, columns: Mapping[str, str]) -> list[Mixed]:
    """The columns of dates in which Excel may have swapped some."""
    found = (_look_at(key, sheet, columns[key]) for key in DATE_KEYS if columns.get(key) in sheet.header)
    return [mixed for mixed in found if mixed]


def _look_at(key: str, sheet: Sheet, name: str) -> Mixed | None:
    place = sheet.header.index(name)
    dates: dict[int, date] = {}
    texts: dict[int, str] = {}
    for line, cells in sheet.lines:
        value = cells[place] if place < len(cells) else ""
        if plain := _read(rows.iso_date, value):
            dates |= {line: plain} if value[:4].isdigit() else {}  # nobody mistakes 4 March 2024
        elif value and sum(bool(_read(read, value)) for read in _OTHERS) == 1:
            texts[line] = value
    days = dates.values()
    may_be = texts and all(one.day <= MONTHS for one in days) and any(swapped(one) != one for one in days)
    return Mixed(key, dates, texts) if may_be else None


def _read(read: Callable[[str], date], value: str) -> date | None:
    with suppress(rows.BadValue):
        return read(value)
    return None


def swapped(one: date) -> date:
    """The date with its day for a month and its month for a day."""
    return one.replace(month=one.day, day=one.month)


def settle(found: Iterable[Row], mixed: list[Mixed], how: Reading) -> list[str]:
    """Give the rows of a file the dates that they had before Excel swapped them, where somebody said so. Returns what
    there is to say of it."""
    if how.swapped == "swapped":
        by_line = {row.line: row.values for row in found}
        for column in mixed:
            for line, given in column.dates.items():
                by_line[line][column.column] = swapped(given).isoformat()
        return [f"{LABELS[one.column]}: {plural(len(one.dates), 'date')} put right, day for month." for one in mixed]
    return [] if how.swapped else [column.sentence for column in mixed]


def _lines(numbers: Iterable[int]) -> str:
    numbers = list(numbers)
    named = some(list(map(str, numbers)))
    return f"line {named} has" if len(numbers) == 1 else f"lines {named} have"
