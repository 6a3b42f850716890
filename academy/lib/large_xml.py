"""Reading XML that may be as large as somebody likes, a piece at a time."""

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

from openpyxl.xml.functions import iterparse

MOST_OF_A_PIECE = 4 * 1024 * 1024  # bytes that are read into memory before anybody can look at them
DEEPEST = 50  # elements within each other


class TooLarge(Exception):
    """A piece without end."""


def pieces(source: Any, *tags: str) -> Iterator[Element]:
    """The elements of these tags, one after the other; all else is let go of. Raises TooLarge."""
    measured = _Measured(source)
    above: list[Element] = []
    within = 0
    for event, element in iterparse(measured, ("start", "end")):
        if event == "start":
            within += element.tag in tags
            above.append(element)
            if len(above) > DEEPEST:
                raise TooLarge
            continue
        above.pop()
        if element.tag in tags:
            within -= 1
            measured.taken = 0
            yield element
        if above and not within:
            above[-1].clear()


class _Measured:
    """A file that knows how much was read since the last piece came to its end."""

    def __init__(self, source: Any) -> None:
        self._source = source
        self.taken = 0

    def read(self, size: int) -> bytes:
        some = self._source.read(size)
        self.taken += len(some)
        if self.taken > MOST_OF_A_PIECE:
            raise TooLarge
        return some
