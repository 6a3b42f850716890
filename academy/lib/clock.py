"""The one place that knows what time it is.

Rules take time as an argument (`at`, `on`); only edges (views, commands, the tick) ask this clock. The try-out
moves it on, so that a newcomer can watch follow-ups arrive.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

from django.utils import timezone

_source: Callable[[], datetime] = timezone.now


def use(source: Callable[[], datetime]) -> None:
    """Tell the time by `source` from now on (the try-out's movable clock)."""
    global _source
    _source = source


@contextmanager
def standing_at(moment: datetime) -> Iterator[None]:
    """Within it, it is that moment (the demo academy's past)."""
    before = _source
    use(lambda: moment)
    try:
        yield
    finally:
        use(before)


def now() -> datetime:
    """This moment, aware."""
    return _source()


def is_moved() -> bool:
    """Whether it tells another day than the machine does."""
    return abs(now() - timezone.now()) > timedelta(hours=1)


def today() -> date:
    """Today's date in London."""
    return timezone.localtime(now()).date()
