"""From an Excel workbook to lines of text, as its author sees them, without guessing at what they mean."""

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import islice
from typing import Any
from xml.etree.ElementTree import Element

from openpyxl.cell.read_only import ReadOnlyCell
from openpyxl.cell.text import Text
from openpyxl.reader.excel import ExcelReader
from openpyxl.workbook import Workbook as Book
from openpyxl.worksheet._reader import FORMULA_TAG, ROW_TAG, WorkSheetParser
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS

from academy.lib.large_xml import TooLarge, pieces
from academy.lib.merged_cells import MOST_MERGED, Lines, Merged, merge
from academy.lib.refusals import FileRefused
from academy.lib.text import some

MOST_LINES = 100_000
MOST_COLUMNS = 200
MOST_ROWS = 1_048_576  # Excel's own, most of them empty: a workbook is often formatted down to the last
WIDEST_ROW = 16_384  # cells; Excel's own
MOST_UNPACKED = 120 * 1024 * 1024  # bytes of a workbook once unpacked; 20,000 people take about 20 MB
MOST_TEXTS = 40 * 1024 * 1024  # bytes of the part that holds a workbook's texts, which is read into memory as a whole
LOOKED_AT = 50  # rows of a sheet, to see whether there is anything in it
MOST_OF_FORMATS = 1024 * 1024  # bytes of the parts that say how cells look, which are read as a whole

TOO_LARGE = "This workbook is too large once unpacked. Copy the list alone into a new one."


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
        for sheet in _sheets(data):
            with sheet.opened() as rows:
                yield from (_texts(sheet, cells) for _, cells in rows.rows())
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
    except TooLarge as problem:
        raise FileRefused(TOO_LARGE) from problem
    except Exception as problem:  # openpyxl lets through whatever a broken workbook makes its parser raise
        raise FileRefused("This workbook cannot be read. Open it in Excel and save it again as .xlsx.") from problem


def _check_size(data: bytes) -> None:
    """Refuse a small file that unpacks to a huge one, before it does."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError) as problem:
        raise FileRefused("This workbook is damaged. Open it in Excel and save it again as .xlsx.") from problem
    names = {part.filename for part in parts}
    if "content.xml" in names:
        raise FileRefused("This is an OpenDocument spreadsheet (.ods). Save it as .xlsx or as 'CSV UTF-8'.")
    if "xl/workbook.bin" in names:
        raise FileRefused("This is a binary workbook (.xlsb). Save it as .xlsx.")
    texts = sum(part.file_size for part in parts if part.filename.lower().endswith("sharedstrings.xml"))
    if texts > MOST_TEXTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise FileRefused(TOO_LARGE)
    if sum(part.file_size for part in parts if part.filename.lower() in _READ_AS_A_WHOLE) > MOST_OF_FORMATS:
        raise FileRefused("This workbook has too many formats. Copy the list alone into a new one, as values.")


_READ_AS_A_WHOLE = ("[content_types].xml", "xl/styles.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels")


def _read(data: bytes, notes: list[str]) -> Workbook:
    sheets = _sheets(data)
    visible = [sheet for sheet in sheets if sheet.is_visible]
    filled = [sheet for sheet in visible if _has_anything(sheet)]
    if len(filled) > 1:
        notes.append(f"The workbook has several sheets. Only the first, '{filled[0].title}', was read.")
    if not filled:
        if len(visible) < len(sheets):
            raise FileRefused("Every sheet of this workbook that may have something in it is hidden. Show it in Excel.")
        return Workbook()
    return _lines(filled[0], notes)


def _has_anything(sheet: "_Sheet") -> bool:
    with sheet.opened() as rows:
        return any(cell["value"] not in (None, "") for _, cells in islice(rows.rows(), LOOKED_AT) for cell in cells)


def _lines(sheet: "_Sheet", notes: list[str]) -> Workbook:
    with sheet.opened() as rows:
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
    return Workbook(lines, merge(lines, rows.merged, notes))


def _cells(names: list[str]) -> str:
    """'The cell B2 holds' or 'The cells B2, B3 and 17 more hold'."""
    return f"The cell {names[0]} holds" if len(names) == 1 else f"The cells {some(names)} hold"


def _numbered(lines: list[int]) -> str:
    return f"Line {lines[0]} is" if len(lines) == 1 else f"Lines {some(list(map(str, lines)))} are"


# --- A sheet's rows -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Sheet:
    """One sheet of a workbook. `parent` is what openpyxl calls the workbook that knows what its numbers look like."""

    title: str
    is_visible: bool
    part: str
    parent: Book
    reader: ExcelReader

    @contextmanager
    def opened(self) -> Iterator["_Rows"]:
        """Its rows, to be read once."""
        with self.reader.archive.open(self.part) as source:
            yield _Rows(self, source)


class _Reader(ExcelReader):
    """openpyxl reads every sheet to its end while it opens a workbook, and all texts at once: this one does not."""

    def read_strings(self) -> None:
        if part := self.package.find(SHARED_STRINGS):
            with self.archive.open(part.PartName[1:]) as source:
                texts = pieces(source, _TEXT)
                self.shared_strings = [Text.from_tree(text).content.replace("x005F_", "") for text in texts]

    def read_worksheets(self) -> None:
        pass


def _sheets(data: bytes) -> list[_Sheet]:
    reader = _Reader(io.BytesIO(data), read_only=True, data_only=True)
    reader.read()
    return [
        _Sheet(sheet.name, sheet.state == "visible", relation.target, reader.wb, reader)
        for sheet, relation in reader.parser.find_sheets()
        if relation.target in reader.valid_files and "chartsheet" not in relation.Type
    ]


class _Rows(WorkSheetParser):
    """A sheet row by row. Once they have been read it knows which are hidden, what is merged and what is unknown."""

    def __init__(self, sheet: _Sheet, source: Any) -> None:
        book = sheet.parent
        facts = {"epoch": book.epoch, "date_formats": book._date_formats}
        facts["timedelta_formats"] = book._timedelta_formats
        super().__init__(source, sheet.reader.shared_strings, data_only=True, **facts)
        self.hidden: set[int] = set()
        self.merged: list[str] = []
        self.unknown: list[str] = []

    def rows(self) -> Iterator[tuple[int, list[dict[str, Any]]]]:
        """(number, cells)."""
        for element in pieces(self.source, ROW_TAG, _MERGED):
            if element.tag == ROW_TAG:
                yield self.parse_row(element)
            else:
                self._note_merged(element)

    def parse_row(self, row: Element) -> tuple[int, list[dict[str, Any]]]:
        if len(row) > WIDEST_ROW:
            raise FileRefused(
                f"The sheet has more than {MOST_COLUMNS} columns. Take out those that are not about staff."
            )
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


_MERGED, _TEXT = f"{{{SHEET_MAIN_NS}}}mergeCell", f"{{{SHEET_MAIN_NS}}}si"


def _texts(sheet: _Sheet, cells: list[dict[str, Any]]) -> list[str]:
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
