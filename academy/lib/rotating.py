"""Codes that change every half minute: whoever shows one is where it can be seen, now.

Each is worked out from what it stands for, the half minute and the academy's secret, so none is kept anywhere.
"""

from datetime import datetime

from django.utils.crypto import constant_time_compare, salted_hmac

SECONDS = 30  # that a code is shown; it is taken for as long again, since people need a moment
LENGTH = 6
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that reads as something else


def code(what: str, at: datetime) -> str:
    """The code of `what` at that moment: 30^6 of them, of which two work at a time."""
    return _code(what, _step(at))


def is_current(typed: str, what: str, at: datetime) -> bool:
    """Whether that is the code of `what` now, or was until half a minute ago."""
    return any(constant_time_compare(typed, _code(what, _step(at) - back)) for back in (0, 1))


def seconds_left(at: datetime) -> int:
    """For how long the code shown at that moment stays, at least 1."""
    return SECONDS - int(at.timestamp()) % SECONDS


def as_typed(text: str) -> str:
    """A code as people type it: any case, with spaces or dashes where they fall."""
    return "".join(char for char in text.upper() if char.isalnum())[:LENGTH]


def _step(at: datetime) -> int:
    return int(at.timestamp()) // SECONDS


def _code(what: str, step: int) -> str:
    digest = salted_hmac("academy.lib.rotating", f"{what} {step}", algorithm="sha256").digest()
    number, letters = int.from_bytes(digest, "big"), []
    for _ in range(LENGTH):
        number, place = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[place])
    return "".join(letters)
