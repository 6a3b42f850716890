"""A clock that can be moved on. It is kept in a file, so that web, worker and scheduler agree without a query."""

from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from academy.lib import registry
from academy.lib.dates import at_hour, london_day

DAY = timedelta(days=1)


def _file() -> Path:
    return settings.VAR_DIR / "clock"


def _ahead() -> timedelta:
    try:
        return timedelta(seconds=int(_file().read_text()))
    except (OSError, ValueError):
        return timedelta()


def moved_on() -> datetime:
    """This moment, moved on as far as somebody moved it."""
    return timezone.now() + _ahead()


def move_on(days: int) -> dict[str, int]:
    """Move the clock on by whole days, doing each morning what falls due that day. Returns counts of all done."""
    done: dict[str, int] = {}
    for day in range(days):
        _set(_ahead() + DAY)
        morning = at_hour(london_day(moved_on()), settings.FOLLOW_UP_SENT_AT_HOUR, 30)
        for name, count in registry.run_due(max(morning, moved_on()), all_of_it=day == days - 1).items():
            done[name] = done.get(name, 0) + count
    return done


def reset() -> None:
    """Back to the machine's own time (when the demo academy is made anew)."""
    _file().unlink(missing_ok=True)


def _set(ahead: timedelta) -> None:
    whole = _file().with_suffix(".new")
    whole.write_text(str(int(ahead.total_seconds())))
    whole.replace(_file())
