"""From an Excel workbook to lines of text, as its author sees them, without guessing at what they mean."""

import io
import re
import zipfile
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import islice
from typing import Any
from xml.etree.ElementTree import Element

from openpyxl import load_workbook
from openpyxl.cell.read_only import ReadOnlyCell
from openpyxl.utils import range_boundaries
from openpyxl.worksheet._reader import FORMULA_TAG, ROW_TAG, WorkSheetParser
from openpyxl.xml.constants import SHEET_MAIN_NS
from openpyxl.xml.functions import iterparse

from academy.lib.refusals import FileRefused
from academy.lib.text import in_words

MOST_LINES = 100_000
MOST_COLUMNS = 200
MOST_ROWS = 1_048_576  # Excel's own, most of them empty: a workbook is often formatted down to the last
WIDEST_ROW = 16_384  # cells; Excel's own
MOST_OF_A_ROW = 8 * 1024 * 1024  # bytes that are read into memory before anybody can count its cells
MOST_UNPACKED = 120 * 1024 * 1024  # bytes of a workbook once unpacked; 20,000 people take about 20 MB
MOST_TEXTS = 40 * 1024 * 1024  # bytes of the part that holds a workbook's texts, which is read into memory as a whole
MOST_MERGED = 200_000  # ranges of cells that are merged
LOOKED_AT = 50  # rows of a sheet, to see whether there is anything in it
NAMED = 5  # cells that a sentence names; of more it gives the number

Lines = list[tuple[int, list[str]]]
TOO_LARGE = "This workbook is too large once unpacked. Copy the list alone into a new one."


@dataclass(frozen=True)
class Merged:
    """Some cells that are one: the rows and columns that they reach over, counted from 1."""

    cells: str
    first_row: int
    last_row: int
    first_column: int
    last_column: int


@dataclass
class Workbook:
    """The lines of the first visible sheet that has any, and cells that are merged across columns."""

    lines: Lines = field(default_factory=list)
    across: list[Merged] = field(default_factory=list)


def read_workbook(data: bytes, notes: list[str]) -> Workbook:
    """Read an XLSX workbook; notes are added to `notes`. What is merged down is read for each line beside it.

    Raises FileRefused where it is none, is too large, or holds formulas that were never worked out.
    """
    _check_size(data)
    with _broken_is_refused():
        return _read(data, notes)


def every_text(data: bytes) -> Iterator[list[str]]:
    """The cells of each line of every sheet, and each other part (comments, headings, who wrote it) as one text."""
    _check_size(data)
    with _broken_is_refused():
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        for sheet in book.worksheets:
            with sheet._get_source() as source:
                yield from (_texts(sheet, cells) for _, cells in _Rows(sheet, source).rows())
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for part in archive.namelist():
                if not part.startswith(("xl/worksheets/", "xl/sharedStrings", "xl/styles", "xl/theme/")):
                    yield [_TAG.sub(" ", archive.read(part).decode(errors="replace"))]


_TAG = re.compile("<[^>]*>")


@contextmanager
def _broken_is_refused() -> Iterator[None]:
    """A workbook that is broken is refused in words, whatever openpyxl makes of it."""
    try:
        yield
    except FileRefused:
        raise
    except Exception as problem:  # openpyxl lets through whatever a broken workbook makes its parser raise
        raise FileRefused("This workbook cannot be read. Open it in Excel and save it again as .xlsx.") from problem


def _check_size(data: bytes) -> None:
    """Refuse a small file that unpacks to a huge one, before it does."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError) as problem:
        raise FileRefused("This workbook is damaged. Open it in Excel and save it again as .xlsx.") from problem
    texts = sum(part.file_size for part in parts if part.filename.lower().endswith("sharedstrings.xml"))
    if texts > MOST_TEXTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise FileRefused(TOO_LARGE)


def _read(data: bytes, notes: list[str]) -> Workbook:
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    filled = [sheet for sheet in visible if _has_anything(sheet)]
    if len(filled) > 1:
        notes.append(f"The workbook has several sheets. Only the first, '{filled[0].title}', was read.")
    if not filled:
        if len(visible) < len(book.worksheets):
            raise FileRefused("Every sheet of this workbook that may have something in it is hidden. Show it in Excel.")
        return Workbook()
    return _lines(filled[0], notes)


def _has_anything(sheet: Any) -> bool:
    with sheet._get_source() as source:
        rows = islice(_Rows(sheet, source).rows(), LOOKED_AT)
        return any(cell["value"] not in (None, "") for _, cells in rows for cell in cells)


def _lines(sheet: Any, notes: list[str]) -> Workbook:
    with sheet._get_source() as source:
        rows = _Rows(sheet, source)
        lines: Lines = []
        for number, cells in rows.rows():
            if text := _texts(sheet, cells):
                lines.append((number, text))
            if len(lines) > MOST_LINES or number > MOST_ROWS:
                raise FileRefused(f"The sheet is longer than {MOST_LINES:,} lines. Send it in parts.")
    if rows.unknown:
        raise FileRefused(
            f"{_cells(rows.unknown)} a formula whose result is not in the file. Open it in Excel, save it and send it "
            "again."
        )
    lines.sort(key=lambda line: line[0])
    if hidden := sorted(rows.hidden & {number for number, _ in lines}):
        notes.append(f"{_numbered(hidden)} hidden in the workbook, and read all the same.")
    return Workbook(lines, _merge(lines, rows.merged, notes))


def _cells(names: list[str]) -> str:
    """'The cell B2 holds' or 'The cells B2, B3 and 17 more hold'."""
    return f"The cell {names[0]} holds" if len(names) == 1 else f"The cells {_some(names)} hold"


def _numbered(lines: list[int]) -> str:
    return f"Line {lines[0]} is" if len(lines) == 1 else f"Lines {_some(list(map(str, lines)))} are"


def _some(names: list[str]) -> str:
    more = [f"{len(names) - NAMED:,} more"] if len(names) > NAMED else []
    return in_words([*names[:NAMED], *more])


# --- A sheet's rows -----------------------------------------------------------------------------------------------


class _Rows(WorkSheetParser):
    """A sheet row by row. Once they have been read it knows which are hidden, what is merged and what is unknown."""

    def __init__(self, sheet: Any, source: Any) -> None:
        book = sheet.parent
        facts = {"epoch": book.epoch, "date_formats": book._date_formats}
        facts["timedelta_formats"] = book._timedelta_formats
        super().__init__(_Measured(source), sheet._shared_strings, data_only=True, **facts)
        self.hidden: set[int] = set()
        self.merged: list[str] = []
        self.unknown: list[str] = []

    def rows(self) -> Iterator[tuple[int, list[dict[str, Any]]]]:
        """(number, cells); what has been read is let go of."""
        above: list[Element] = []
        in_row = False
        for event, element in iterparse(self.source, ("start", "end")):
            if event == "start":
                in_row = in_row or element.tag == ROW_TAG
                above.append(element)
                continue
            above.pop()
            if element.tag == ROW_TAG:
                in_row = False
                self.source.begin_again()
                yield self.parse_row(element)
            elif element.tag == _MERGED:
                self._note_merged(element)
            if above and not in_row:
                above[-1].clear()

    def parse_row(self, row: Element) -> tuple[int, list[dict[str, Any]]]:
        if len(row) > WIDEST_ROW:
            raise FileRefused(f"The sheet has more than {MOST_COLUMNS} columns. Take out those that are not about staff.")
        number, cells = super().parse_row(row)
        self.row_dimensions.clear()
        if row.get("hidden") in ("1", "true"):
            self.hidden.add(number)
        return number, cells

    def parse_cell(self, element: Element) -> dict[str, Any]:
        cell = super().parse_cell(element)
        # A formula that gave an empty text says that its result is a text.
        if cell["value"] is None and element.get("t") != "str" and element.find(FORMULA_TAG) is not None:
            self.unknown.append(element.get("r", ""))
        return cell

    def _note_merged(self, element: Element) -> None:
        self.merged.append(element.get("ref", ""))
        if len(self.merged) > MOST_MERGED:
            raise FileRefused("The sheet has too many cells that are merged. Unmerge them.")


_MERGED = f"{{{SHEET_MAIN_NS}}}mergeCell"


class _Measured:
    """A file that is refused where its reader takes in too much without coming to the end of a row."""

    def __init__(self, source: Any) -> None:
        self._source = source
        self._taken = 0

    def read(self, size: int) -> bytes:
        some = self._source.read(size)
        self._taken += len(some)
        if self._taken > MOST_OF_A_ROW:
            raise FileRefused(TOO_LARGE)
        return some

    def begin_again(self) -> None:
        """A row has come to its end."""
        self._taken = 0


def _texts(sheet: Any, cells: list[dict[str, Any]]) -> list[str]:
    """A row's cells as texts, without empty ones at its end."""
    filled = [(cell["column"], _text(ReadOnlyCell(sheet, **cell))) for cell in cells if cell["value"] is not None]
    filled = [(column, text) for column, text in filled if text and column <= MOST_COLUMNS + 1]
    texts = [""] * max((column for column, _ in filled), default=0)
    for column, text in filled:
        texts[column - 1] = text
    return texts


def _text(cell: ReadOnlyCell) -> str:
    """A cell as text: what its reader sees, but for dates, which are written so that nobody can mistake them."""
    value = cell.value
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    if isinstance(value, int) and (shown := _SHOWN.fullmatch(str(cell.number_format))):
        return f"{shown['before'] or ''}{str(value).zfill(len(shown['zeros']))}{shown['after'] or ''}"
    return str(value)


# A format like 00000 shows the zeros that a number lacks, one like "E"0000 letters too.
_SHOWN = re.compile(r'("(?P<before>[^"]*)")?(?P<zeros>0+)("(?P<after>[^"]*)")?')


# --- Merged cells -------------------------------------------------------------------------------------------------


def _merge(lines: Lines, merged: list[str], notes: list[str]) -> list[Merged]:
    """Read what is merged down for each line beside it, as the author sees it. Returns what is merged across too."""
    numbers = [number for number, _ in lines]
    ranges = [_range(cells) for cells in merged]
    read_again, steps = [], 0
    for one in ranges:
        here = slice(bisect_left(numbers, one.first_row), bisect_left(numbers, one.last_row + 1))
        steps += here.stop - here.start
        if steps > MOST_COLUMNS * len(lines):
            raise FileRefused("Merged cells of this sheet lie one over the other. Unmerge them.")
        if _fill_down(lines[here], one):
            read_again.append(one.cells)
    if read_again:
        read_again.sort(key=lambda cells: (_range(cells).first_row, _range(cells).first_column))
        notes.append(f"What stands in the merged cells {_some(read_again)} was read for each of their lines.")
    return [one for one in ranges if one.first_column < one.last_column]


def _range(cells: str) -> Merged:
    first_column, first_row, last_column, last_row = range_boundaries(cells)
    return Merged(cells, first_row, last_row, first_column, last_column)


def _fill_down(lines: Lines, one: Merged) -> bool:
    """Whether there was something to read again. Lines of which nothing else is filled stay empty."""
    place = one.first_column - 1
    if not lines or lines[0][0] != one.first_row or place >= len(lines[0][1]) or place > MOST_COLUMNS:
        return False
    value = lines[0][1][place]
    for _, cells in lines[1:]:
        cells += [""] * (place + 1 - len(cells))
        cells[place] = value
    return bool(value) and len(lines) > 1
