"""Dates, times and counts as people write them."""

from django import template

from academy.lib import clock, text
from academy.lib.dates import LONDON, london_day

register = template.Library()
register.filter("day", text.day)
register.filter("clock_time", text.clock_time)
register.filter("number", text.number)


@register.filter
def moment_day(moment) -> str:
    """'21 November 2026' of a moment, in London."""
    return text.day(london_day(moment)) if moment else ""


@register.filter
def is_ahead(moment) -> bool:
    """Whether that moment is still to come; None is not."""
    return moment is not None and moment > clock.now()


@register.filter
def weekday(moment) -> str:
    """'Saturday 21 November 2026' of a moment, in London."""
    return f"{moment.astimezone(LONDON):%A} {text.day(london_day(moment))}"


@register.filter
def hours(session) -> str:
    """'9:30am to 4pm' of anything with `starts_at` and `ends_at`."""
    return f"{text.clock_time(session.starts_at)} to {text.clock_time(session.ends_at)}"


@register.filter
def when(session) -> str:
    """'Tuesday 12 January 2027, 9:30am to 4pm'."""
    return f"{weekday(session.starts_at)}, {hours(session)}"


@register.filter
def people(count: int) -> str:
    """'1 person', '3 people'."""
    return text.plural(count, "person", "people")


@register.filter
def split(words: str) -> list[str]:
    """The headings of columns, written one after the other with commas."""
    return words.split(",")
