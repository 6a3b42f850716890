"""What in somebody's own words may tell which child or family they write about. A hint for the writer, never a rule."""

import re
from collections.abc import Iterator

_NUMBER = re.compile(r"\b(?:[A-Z]{1,4}[-/ ]?)?\d{6,}\b|\b\d{3}[ -]\d{3}[ -]\d{4}\b")
_CHILD = re.compile(
    r"\b(?:child|children|boy|girl|baby|son|daughter|brother|sister|sibling|siblings|family|mother|mum|father|dad)"
    r"(?: (?:called|named|is|was|of))?,? (?P<name>[A-Z][a-z]+(?: [A-Z][a-z]+)?)\b"
)
_BORN = re.compile(r"\b(?:born|dob|d\.o\.b\.?)\b[^.\n]{0,12}\d", re.IGNORECASE)
_NO_NAME = re.compile("I|A|The|Act|Centre|Court|Hubs?|Group|Services|Social|Support|Team|Worker")


def hints(text: str) -> Iterator[str]:
    """The words that look like a case number, a child's name or a date of birth."""
    yield from (found.group() for found in _NUMBER.finditer(text))
    yield from (found.group() for found in _BORN.finditer(text))
    for found in _CHILD.finditer(text):
        if not _NO_NAME.fullmatch(found["name"].split()[0]):
            yield found.group()
