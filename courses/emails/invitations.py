"""A place in the calendar of whoever holds it: entered, kept up to date, and taken out again.

One event for each session, known for ever by its `uid`; what a message says is read when it is sent, so a late one
says what is true by then. A message about a place carries its first session. Outlook shows one event of a message, so
each further session comes by a message of its own. See docs/decisions/15-invitations.md.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import parseaddr

from django.conf import settings
from django.urls import reverse

from academy.lib import calendar
from academy.lib.calendar import Calendar, Happening, Party
from courses.models import Booking, Session
from partners import outbox
from partners.outbox import Mail

State = Booking.State


def load(ids: set[int], at: datetime) -> dict[int, Booking]:
    """Bookings with all that a message about them says; each notes as `read_at` when that was."""
    about = ["run__course", "person", "booked_by", "replaces__run", "handed_from__person"]
    found = Booking.objects.select_related(*about).prefetch_related("run__sessions", "approvals")
    bookings = found.in_bulk(ids)
    for booking in bookings.values():
        booking.read_at = at
    return bookings


def of(booking: Booking) -> Calendar | None:
    """What a message about a loaded booking asks of its holder's calendar: to enter it or, once the place is gone, to
    take it out. Nothing where there never was a place."""
    if booking.state == State.BOOKED:
        return invitation(booking, booking.read_at)
    return withdrawal(booking, booking.read_at) if booking.booked_at else None


def invitation(booking: Booking, at: datetime) -> Calendar | None:
    """The first session, to be entered or changed. Needs the run with its sessions and course, and the person."""
    first = _first(booking)
    return calendar.request(happening(booking, first, at), **_parties(booking)) if first else None


def withdrawal(booking: Booking, at: datetime) -> Calendar | None:
    """The first session, to be taken out. Needs the same."""
    first = _first(booking)
    return calendar.cancel(happening(booking, first, at), **_parties(booking)) if first else None


def _first(booking: Booking) -> Session | None:
    return next(iter(booking.run.sessions.all()), None)


def happening(booking: Booking, session: Session, at: datetime) -> Happening:
    """One session of a booking as a calendar shows it at `at`."""
    page = settings.SITE_URL + reverse("booking", args=[booking.reference])
    return Happening(
        uid=uid(booking, session.pk),
        sequence=booking.calendar_sequence,
        stamp=at,
        summary=booking.run.course.title,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        location=session.venue,
        description="\n".join([*joining(session, at), f"Your booking {booking.reference}: {page}"]),
        url=page,
    )


def shown(booking: Booking, session: Session, *, at: datetime, stamp: datetime) -> Happening:
    """The same in a calendar that follows an address: where there is no place yet, marked so."""
    event = replace(happening(booking, session, at), stamp=stamp)
    if booking.state == State.BOOKED:
        return event
    return replace(event, is_certain=False, summary=f"{booking.get_state_display()}: {event.summary}")


def uid(booking: Booking, session_id: int) -> str:
    """By what calendars know the event, whatever becomes of it."""
    return f"{booking.reference}-{session_id}@{settings.SUPPORT_EMAIL.rpartition('@')[2]}"


def joining(session: Session, at: datetime) -> list[str]:
    """A line with the link near the start, before that one that says when it comes; none where it is in a room."""
    if not session.join_url:
        return []
    link = session.link_at(at)
    return [f"Join: {link}" if link else "The joining link comes a day before."]


def _parties(booking: Booking) -> dict[str, Party]:
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return {
        "organiser": Party(name or settings.ACADEMY_NAME, address),
        "attendee": Party(booking.person.name, booking.person.email),
    }


# --- Further sessions ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sitting:
    """One session of one booking; None once the session is no longer planned."""

    booking: Booking
    session: Session | None
    session_id: int

    @property
    def is_on(self) -> bool:
        return self.session is not None and self.booking.state == State.BOOKED

    @property
    def happening(self) -> Happening:
        booking, at = self.booking, self.booking.read_at
        if self.session:
            return happening(booking, self.session, at)
        title = booking.run.course.title
        return Happening(uid(booking, self.session_id), booking.calendar_sequence, at, title)

    @property
    def place(self) -> str:
        """'Session 2 of 3'."""
        ids = [session.pk for session in self.booking.run.sessions.all()]
        return f"Session {ids.index(self.session_id) + 1} of {len(ids)}" if self.session else "A session"


def further(booking: Booking, at: datetime) -> None:
    """Queue a message for each session after the first, as the message about the booking has that one."""
    if booking.state != State.BOOKED and not booking.booked_at:
        return  # it was in no calendar
    ids = booking.run.sessions.values_list("pk", flat=True)
    kind = "courses.session_booked" if booking.state == State.BOOKED else "courses.session_gone"
    outbox.queue(*(_new(kind, booking, pk, at) for pk in list(ids)[1:]))


def session_gone(booking: Booking, session_id: int, at: datetime) -> None:
    """'That session is no longer planned': for one that is taken out of a run that somebody holds a place on."""
    outbox.queue(_new("courses.session_gone", booking, session_id, at))


def _new(kind: str, booking: Booking, session_id: int, at: datetime):
    key = f"{booking.pk}-{session_id}-{booking.calendar_sequence}"
    about = {"booking": booking.pk, "session": session_id}
    return outbox.new(kind, key=key, person=booking.person_id, at=at, **about)


def _load_sittings(pairs: set[tuple[int, int]], at: datetime) -> dict[tuple[int, int], Sitting]:
    bookings = load({booking for booking, _ in pairs}, at)
    return {(b, s): Sitting(bookings[b], _session(bookings[b], s), s) for b, s in pairs if b in bookings}


def _session(booking: Booking, pk: int) -> Session | None:
    return next((session for session in booking.run.sessions.all() if session.pk == pk), None)


def _unless(is_on: bool) -> Callable[[Sitting, datetime], str]:
    return lambda sitting, at: "the booking has changed since" if sitting.is_on == is_on else ""


def _mail(sitting: Sitting, subject: str, template: str, made: Calendar) -> Mail:
    context = {"sitting": sitting, "booking": sitting.booking, "session": sitting.session}
    title = sitting.booking.run.course.title
    return outbox.mail(f"{subject}: {title}", f"courses/{template}", calendar=made, **context)


_PAIR = ("booking", "session")


@outbox.kind("courses.session_booked", subject=_PAIR, load=_load_sittings, unwanted=_unless(False))
def _session_booked(sitting: Sitting) -> Mail:
    made = calendar.request(sitting.happening, **_parties(sitting.booking))
    return _mail(sitting, sitting.place, "session_booked", made)


@outbox.kind("courses.session_gone", subject=_PAIR, load=_load_sittings, unwanted=_unless(True))
def _session_gone(sitting: Sitting) -> Mail:
    made = calendar.cancel(sitting.happening, **_parties(sitting.booking))
    return _mail(sitting, f"{sitting.place} taken out", "session_gone", made)
