"""Names in order, references, and dates as people write them."""

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from random import Random, SystemRandom

from academy.lib.dates import LONDON

_REFERENCE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that reads as something else
_chance: Random = SystemRandom()


def sort_key(*parts: str) -> str:
    """Casefolded and without accents, so that É sorts beside E under any collation."""
    text = " ".join(part for part in parts if part)
    return text.casefold() if text.isascii() else _without_accents(text)


@lru_cache(maxsize=10_000)  # thousands of people have the same few names
def _without_accents(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(char for char in decomposed if not unicodedata.combining(char)).casefold()


@contextmanager
def references_from(chance: Random) -> Iterator[None]:
    """Within it, references are drawn from `chance` (so that the demo academy is the same from the same seed)."""
    global _chance
    before, _chance = _chance, chance
    try:
        yield
    finally:
        _chance = before


def new_reference(prefix: str, length: int = 7) -> str:
    """A reference that can be read over the telephone: 'LCW-4F7K-219'.

    30^7 of them, unique by constraint; 30^10 where nobody may find one by trying.
    """
    code = "".join(_chance.choice(_REFERENCE_ALPHABET) for _ in range(length))
    return "-".join([prefix, *(code[start : start + 4] for start in range(0, length, 4))])


def day(value: date) -> str:
    """'21 November 2026'."""
    return f"{value.day} {value:%B %Y}"


def near_day(value: date, on: date) -> str:
    """'Today', 'Tomorrow' or 'Tuesday 24 November 2026', as said on that day."""
    return {0: "Today", 1: "Tomorrow"}.get((value - on).days, f"{value:%A} {day(value)}")


def clock_time(value: datetime) -> str:
    """'9:30am', '4pm', 'midday', 'midnight', in London."""
    local = value.astimezone(LONDON)
    if (local.hour, local.minute) == (12, 0):
        return "midday"
    if (local.hour, local.minute) == (0, 0):
        return "midnight"
    minutes = f":{local.minute:02}" if local.minute else ""
    return f"{local.hour % 12 or 12}{minutes}{'am' if local.hour < 12 else 'pm'}"


def number(value: Decimal) -> str:
    """'6', '2.5': without noughts that say nothing."""
    return f"{value.normalize():f}"


def plural(count: int, one: str, many: str | None = None) -> str:
    """'1 person', '3 people'."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def within(words: str) -> str:
    """Words that begin a label, as they stand within a sentence: 'school or college', but 'NHS'."""
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]


def ago(moment: datetime, at: datetime) -> str:
    """'just now', '4 seconds ago', '12 minutes ago', '3 hours ago', '2 days ago', as seen at `at`."""
    seconds = max(0, int((at - moment).total_seconds()))
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= length:
            return f"{plural(seconds // length, unit)} ago"
    return f"{plural(seconds, 'second')} ago" if seconds else "just now"


def in_words(items: list[str]) -> str:
    """'a, b and c'."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else ""


def some(items: list[str], most: int = 5) -> str:
    """'a, b, c, d, e and 17 more'."""
    more = [f"{len(items) - most:,} more"] if len(items) > most else []
    return in_words([*items[:most], *more])
