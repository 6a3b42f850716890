"""From the bytes of a CSV or an Excel workbook to lines of text, without guessing at what they mean."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

from academy.lib.refusals import FileRefused
from academy.lib.text import in_words

if TYPE_CHECKING:
    from academy.lib.merged_cells import Merged

__all__ = ["FileRefused", "Sheet", "every_line", "read_sheet"]

MOST_LINES = 100_000
MOST_COLUMNS = 200
DEEPEST_HEADER = 10  # lines of titles and addresses that may stand above it
MOST_IN_A_CELL = 32_767  # characters; Excel's own
NAMED = 5  # columns that a note names


@dataclass
class Sheet:
    """A header and the lines beneath it as (line number, cells); line numbers are those of an editor or of Excel.

    `faults` are (line number, name of a column, reason) of cells that nobody can read.
    """

    header: list[str]
    lines: list[tuple[int, list[str]]]
    notes: list[str] = field(default_factory=list)
    faults: list[tuple[int, str, str]] = field(default_factory=list)


def read_sheet(source: Path | bytes, knows: Callable[[str], bool] = lambda name: False) -> Sheet:
    """Read a CSV (UTF-8, or Windows-1252 as Excel saves it) or an XLSX workbook.

    Cells are text with single spaces; a workbook's dates are ISO dates, its numbers are as they are shown. The header
    is the first line, unless one soon after it has more names that the caller `knows`.
    Raises FileRefused when it is neither, is empty, or is larger than anybody's list of staff.
    """
    data = source if isinstance(source, bytes) else _bytes(source)
    notes: list[str] = []
    numbered, across = (
        _workbook(data, notes) if data.startswith(b"PK\x03\x04") else (_csv(_decode(data, notes), knows), [])
    )
    filled = ((line, [_tidy(cell) for cell in cells]) for line, cells in numbered)
    lines = [(line, cells) for line, cells in filled if any(cells)]
    if not lines:
        raise FileRefused("The file is empty: it has no header row.")
    if len(lines) > MOST_LINES:
        raise FileRefused(f"The file has {len(lines):,} lines; {MOST_LINES:,} is the most. Send it in parts.")
    header, rest = _header(lines, knows, notes)
    notes += _without_a_name(header, rest)
    if not rest:
        raise FileRefused("The file has a header row and nothing beneath it.")
    if len(header) > MOST_COLUMNS:
        raise FileRefused(f"The file has more than {MOST_COLUMNS} columns. Take out those that are not about staff.")
    for line, cells in lines:
        if max(map(len, cells)) > MOST_IN_A_CELL:
            raise FileRefused(f"A cell on line {line} has more than {MOST_IN_A_CELL:,} characters. Shorten it.")
    return Sheet(header, rest, notes, list(_faults(header, rest, across)))


def every_line(data: bytes) -> Iterator[list[str]]:
    """The cells of every line of a file as they are, headers and hidden sheets included, for whoever looks for
    something in it. Raises FileRefused like `read_sheet`."""
    if data.startswith(b"PK\x03\x04"):
        from academy.lib.workbooks import every_text

        yield from every_text(data)
    else:
        yield from (cells for _, cells in _csv(_decode(data, [])))


def _workbook(data: bytes, notes: list[str]) -> "tuple[list[tuple[int, list[str]]], list[Merged]]":
    from academy.lib.workbooks import read_workbook  # here, since its 10 MB are for the few who send a workbook

    book = read_workbook(data, notes)
    return book.lines, book.across


def _faults(
    header: list[str], lines: list[tuple[int, list[str]]], across: "Iterable[Merged]"
) -> Iterator[tuple[int, str, str]]:
    """Cells that are merged over several columns: nobody can tell to which of them the value belongs."""
    for merged in across:
        names = [name for name in header[merged.first_column - 1 : merged.last_column] if name]
        if len(names) > 1:
            for line in [line for line, _ in lines if merged.first_row <= line <= merged.last_row]:
                yield line, names[0], f"the cells {merged.cells} are merged over {len(names)} columns: unmerge them"


def _tidy(cell: str) -> str:
    """Without what nobody sees (two numbers that look alike are alike), and with single spaces."""
    return " ".join(_UNSEEN.sub("", cell).split())


# Control characters, soft hyphens, marks of direction and of breaks in lines. Joiners stay: Persian names have them.
_UNSEEN = re.compile("[\x00-\x08\x0e-\x1f\x7f\xad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def _header(
    lines: list[tuple[int, list[str]]], knows: Callable[[str], bool], notes: list[str]
) -> tuple[list[str], list[tuple[int, list[str]]]]:
    known = [sum(map(knows, cells)) for _, cells in lines[:DEEPEST_HEADER]]
    place = max(range(len(known)), key=lambda index: (known[index], -index))
    line, header = lines[place]
    for other, cells in lines[max(place - 1, 0) : place + 2]:
        if sum(knows(cell) for cell, name in zip_longest(cells, header, fillvalue="") if cell and not name) > 1:
            first, second = sorted((line, other))
            raise FileRefused(f"The names of the columns stand on lines {first} and {second}. Put all of them on one.")
    if place:
        notes.append(f"The names of the columns were found on line {line}; what stands above was passed over.")
    return header, lines[place + 1 :]


def _without_a_name(header: list[str], lines: list[tuple[int, list[str]]]) -> list[str]:
    """A note on columns that have values and no name, by which they could be known."""
    nameless = {place for place, name in enumerate(header) if not name}
    filled = sorted({place for _, cells in lines for place in nameless if place < len(cells) and cells[place]})
    if not filled:
        return []
    columns = in_words([_letters(place) for place in filled[:NAMED]])
    return [
        f"Column {columns} has values and no name: it was passed over."
        if len(filled) == 1
        else f"Columns {columns} have values and no names: they were passed over."
    ]


def _letters(place: int) -> str:
    """What Excel calls a column: A, B … Z, AA."""
    before, last = divmod(place, 26)
    return (_letters(before - 1) if before else "") + chr(ord("A") + last)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise FileRefused(f"{path} cannot be read: {problem.strerror}.") from problem


# --- CSV ----------------------------------------------------------------------------------------------------------


def _decode(data: bytes, notes: list[str]) -> str:
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise FileRefused("This workbook has a password. Take the password off in Excel and save it again.")
        raise FileRefused("This is an old Excel workbook (.xls). Save it as .xlsx or as 'CSV UTF-8'.")
    if data.lstrip()[:1] == b"<" and b"<table" in data.lower():
        raise FileRefused("This is a web page, whatever its name says. Open it in Excel and save it as .xlsx.")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError:
            raise FileRefused("This is not a CSV text file. Save it as 'CSV UTF-8' or .xlsx.") from None
    if b"\0" in data:
        raise FileRefused("This is not a CSV text file. Save it as 'CSV UTF-8' or .xlsx.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        notes.append("The file is not UTF-8, so it was read as Windows-1252.")
        return data.decode("cp1252", errors="replace")


def _csv(text: str, knows: Callable[[str], bool] = lambda name: False) -> Iterator[tuple[int, list[str]]]:
    """(line number, cells) of each record."""
    skipped, text = _without_separator_line(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text, knows), strict=True)
    start = 1
    try:
        for cells in reader:
            yield start + skipped, [_FORMULA_FOR_A_TEXT.sub(r"\1", cell) for cell in cells]
            start = reader.line_num + 1
    except csv.Error as problem:
        raise FileRefused(
            f"The file cannot be read from line {start + skipped} on: {problem}. Look whether a quotation mark there "
            "is opened and not closed, or save the file as .xlsx."
        ) from problem


_FORMULA_FOR_A_TEXT = re.compile(r'^="([^"]*)"$')  # by which some systems keep Excel from taking zeros away


def _delimiter(text: str, knows: Callable[[str], bool]) -> str:
    """What splits the lines: commas, semicolons, tabs or upright strokes, by which the most names of columns are found
    near the top; else what there is most of in the first line."""
    top = text.lstrip("\r\n")[:MOST_IN_A_CELL].splitlines()[:DEEPEST_HEADER] or [""]

    def found(mark: str) -> tuple[int, int]:
        names = ([cell.strip(' "') for cell in line.split(mark)] for line in top)
        return max(sum(map(knows, cells)) for cells in names), top[0].count(mark)

    return max(",;\t|", key=found)


def _without_separator_line(text: str) -> tuple[int, str]:
    """Excel sometimes writes a first line like 'sep=;'."""
    first, _, rest = text.partition("\n")
    return (1, rest) if first.strip().strip('"').casefold().startswith("sep=") else (0, text)
