"""What people write as a date and a time in London, and the two nights on which that is not one moment."""

import re
from datetime import UTC, date, datetime, time

from academy.lib.dates import LONDON
from academy.lib.text import clock_time, day

_WORDS = {"midday": time(12), "noon": time(12), "midnight": time(0)}
_TIME = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm)?", re.IGNORECASE)


class NoSuchTime(ValueError):
    """That time does not come on that day, or comes twice. Fit to show."""


def london_moment(on: date, at: time) -> datetime:
    """That London wall-clock time on that day, in UTC.

    Raises NoSuchTime for the hour that is left out as the clocks go forward, and for the one that comes twice as they
    go back.
    """
    meant = datetime.combine(on, at, LONDON)
    moment = meant.astimezone(UTC)
    if moment.astimezone(LONDON).replace(tzinfo=None) != meant.replace(tzinfo=None):
        raise NoSuchTime(f"The clocks go forward at 1am on {day(on)}, so there is no {_said(meant)} that night")
    if meant.utcoffset() != meant.replace(fold=1).utcoffset():
        raise NoSuchTime(
            f"The clocks go back at 2am on {day(on)}, so {_said(meant)} comes twice: "
            "choose a time before 1am, or 2am or later"
        )
    return moment


def _said(meant: datetime) -> str:
    """The time as it was meant, which that night's own clock cannot say."""
    return clock_time(datetime(2000, 1, 1, meant.hour, meant.minute, tzinfo=LONDON))


def parse_time(text: str) -> time:
    """A time as people write it: '9:30', '9.30am', '2pm', '14:00', 'midday'. Raises ValueError."""
    text = text.strip().lower()
    if text in _WORDS:
        return _WORDS[text]
    found = _TIME.fullmatch(text)
    if not found:
        raise ValueError(text)
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "").lower()
    if half and not 1 <= hour <= 12:
        raise ValueError(text)
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return time(hour, minute)
