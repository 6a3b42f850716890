"""iCalendar: what happens when, so that Outlook, Google and telephones show it, keep up with it and take it back.

Texts go in as values, without control characters, so nothing that anybody typed ends a line or begins another. Times
are London's wall clock under a fixed rule of when it changes: 9:30 stays 9:30.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from academy.lib.dates import LONDON

if TYPE_CHECKING:
    import icalendar

MAKER = "-//Children's workforce academy//EN"
_TURNS_ROUND = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # letters, to the left or to the right
ASK_AGAIN = timedelta(hours=1)  # how often a calendar that follows an address is to look again


@dataclass(frozen=True)
class Happening:
    """One event. `sequence` rises with each change that whoever was invited must see; `stamp` is when it was said."""

    uid: str
    sequence: int
    stamp: datetime
    summary: str
    starts_at: datetime | None = None  # None only for what is no longer known, and is taken back
    ends_at: datetime | None = None
    location: str = ""
    description: str = ""
    url: str = ""
    is_certain: bool = True


@dataclass(frozen=True)
class Party:
    """Who invites or is invited."""

    name: str
    address: str


@dataclass(frozen=True)
class Calendar:
    """One text/calendar part of a message, and what it asks a calendar to do: REQUEST or CANCEL."""

    method: str
    text: str


def request(happening: Happening, *, organiser: Party, attendee: Party) -> Calendar:
    """Asks the attendee's calendar to enter the event, or to change the one with its uid."""
    return _message("REQUEST", happening, "CONFIRMED", organiser, attendee)


def cancel(happening: Happening, *, organiser: Party, attendee: Party) -> Calendar:
    """Asks the attendee's calendar to take the event with its uid out."""
    return _message("CANCEL", happening, "CANCELLED", organiser, attendee)


def feed(happenings: Iterable[Happening], name: str) -> bytes:
    """A whole calendar, for programs that follow an address."""
    head = _head(("x-wr-calname", _line(name)), ("refresh-interval", ASK_AGAIN), ("x-published-ttl", "PT1H"))
    events = (_event(each, "CONFIRMED" if each.is_certain else "TENTATIVE") for each in happenings)
    return b"".join([head, *(event.to_ical() for event in events), _FOOT])


def plain(text: str) -> str:
    """Without control characters and marks that turn text round; lines stay lines."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join("".join(filter(_is_harmless, line)) for line in lines).strip()


def _is_harmless(char: str) -> bool:
    return unicodedata.category(char) != "Cc" and char not in _TURNS_ROUND


def _message(method: str, happening: Happening, status: str, organiser: Party, attendee: Party) -> Calendar:
    event = _event(happening, status)
    # A place is held, whatever a calendar answers: so nobody is asked to accept, and a refusal gives nothing up.
    event.add("organizer", _party(organiser))
    event.add("attendee", _party(attendee, ROLE="REQ-PARTICIPANT", PARTSTAT="ACCEPTED", RSVP="FALSE"))
    return Calendar(method, (_head(("method", method)) + event.to_ical() + _FOOT).decode())


_FOOT = b"END:VCALENDAR\r\n"


@lru_cache(maxsize=100)
def _head(*properties: tuple[str, Any]) -> bytes:
    """The beginning of a calendar, the same for all with these properties: most of what takes time."""
    import icalendar  # here, since most processes never say when anything is

    calendar = icalendar.Calendar()
    for name, value in (("prodid", MAKER), ("version", "2.0"), ("calscale", "GREGORIAN"), *properties):
        calendar.add(name, value, {"VALUE": "DURATION"} if name == "refresh-interval" else None)
    calendar.add_component(_london())
    return calendar.to_ical().removesuffix(_FOOT)


def _event(happening: Happening, status: str) -> "icalendar.Event":
    import icalendar

    event = icalendar.Event()
    event.add("uid", happening.uid)
    event.add("sequence", happening.sequence)
    event.add("dtstamp", happening.stamp)
    event.add("status", status)
    event.add("transp", "OPAQUE" if happening.is_certain and status == "CONFIRMED" else "TRANSPARENT")
    for name, value in _said(happening):
        event.add(name, value)
    return event


def _said(happening: Happening) -> Iterable[tuple[str, Any]]:
    for name, moment in (("dtstart", happening.starts_at), ("dtend", happening.ends_at)):
        if moment:
            yield name, moment.astimezone(LONDON)
    yield "summary", _line(happening.summary)
    for name, text in (("location", _line(happening.location)), ("description", plain(happening.description))):
        if text:
            yield name, text
    if happening.url:
        yield "url", happening.url


def _line(text: str) -> str:
    return " ".join(plain(text).split())


def _party(who: Party, **said: str) -> "icalendar.vCalAddress":
    import icalendar

    address = icalendar.vCalAddress(f"mailto:{who.address}")
    # Quotes cannot stand in a parameter, and few calendars know how to write them otherwise.
    address.params["CN"] = _line(who.name).replace('"', "’")
    for name, value in said.items():
        address.params[name] = value
    return address


def _london() -> "icalendar.Timezone":
    """Europe/London since 1996: clocks change on the last Sundays of March and October, at 1:00 UTC."""
    import icalendar

    zone = icalendar.Timezone()
    zone.add("tzid", "Europe/London")
    summer, winter = timedelta(hours=1), timedelta(0)
    for kind, name, month, first, before, after in (
        (icalendar.TimezoneDaylight, "BST", 3, datetime(1996, 3, 31, 1), winter, summer),  # noqa: DTZ001
        (icalendar.TimezoneStandard, "GMT", 10, datetime(1996, 10, 27, 2), summer, winter),  # noqa: DTZ001
    ):
        part = kind()
        part.add("tzname", name)
        part.add("dtstart", first)
        part.add("rrule", {"freq": "yearly", "bymonth": month, "byday": "-1su"})
        part.add("tzoffsetfrom", before)
        part.add("tzoffsetto", after)
        zone.add_component(part)
    return zone
