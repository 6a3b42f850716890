"""The lines of an import that are wrong, as they were sent, to be put right and sent again."""

from collections import defaultdict

from partners.importers.columns import read_file
from partners.models import Import, ImportLine


def wrong_lines(load: Import) -> tuple[list[str], list[list[str]]]:
    """The file's header and its wrong lines, each with what is wrong in a last column.

    Raises FileRefused once the file is forgotten.
    """
    sheet = read_file(bytes(load.file))
    reasons: dict[int, list[str]] = defaultdict(list)
    for line, what in load.lines.filter(verdict=ImportLine.Verdict.WRONG).values_list("line", "what"):
        reasons[line].append(what)
    width = max([len(sheet.header), *(len(cells) for line, cells in sheet.lines if line in reasons)])
    rows = [
        [*cells, *[""] * (width - len(cells)), "; ".join(reasons[line])]
        for line, cells in sheet.lines
        if line in reasons
    ]
    return [*sheet.header, *[""] * (width - len(sheet.header)), "What is wrong"], rows
