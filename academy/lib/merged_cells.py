"""Cells of a workbook that are one: what stands in them, where its author sees it."""

from bisect import bisect_left
from dataclasses import dataclass

from openpyxl.utils import range_boundaries

from academy.lib.refusals import FileRefused
from academy.lib.text import some

MOST_MERGED = 200_000  # ranges
WIDEST = 200  # columns that a line may have

Lines = list[tuple[int, list[str]]]


@dataclass(frozen=True)
class Merged:
    """Some cells that are one: the rows and columns that they reach over, counted from 1."""

    cells: str
    first_row: int
    last_row: int
    first_column: int
    last_column: int


def merge(lines: Lines, merged: list[str], notes: list[str]) -> list[Merged]:
    """Read what is merged down for each line beside it, as the author sees it. Returns what is merged across too."""
    numbers = [number for number, _ in lines]
    ranges = [_range(cells) for cells in merged]
    read_again, steps = [], 0
    for one in ranges:
        here = slice(bisect_left(numbers, one.first_row), bisect_left(numbers, one.last_row + 1))
        steps += here.stop - here.start
        if steps > WIDEST * len(lines):
            raise FileRefused("Merged cells of this sheet lie one over the other. Unmerge them.")
        if _fill_down(lines[here], one):
            read_again.append(one.cells)
    if read_again:
        read_again.sort(key=lambda cells: (_range(cells).first_row, _range(cells).first_column))
        notes.append(f"What stands in the merged cells {some(read_again)} was read for each of their lines.")
    return [one for one in ranges if one.first_column < one.last_column]


def _range(cells: str) -> Merged:
    first_column, first_row, last_column, last_row = range_boundaries(cells)
    return Merged(cells, first_row, last_row, first_column, last_column)


def _fill_down(lines: Lines, one: Merged) -> bool:
    """Whether there was something to read again. Lines of which nothing else is filled stay empty."""
    place = one.first_column - 1
    if not lines or lines[0][0] != one.first_row or place >= len(lines[0][1]) or place >= WIDEST:
        return False
    value = lines[0][1][place]
    for _, cells in lines[1:]:
        cells += [""] * (place + 1 - len(cells))
        cells[place] = value
    return bool(value) and len(lines) > 1
