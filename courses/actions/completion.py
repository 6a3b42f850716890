"""Who has completed a run, and why not: what closing it records, and what one is shown before."""

from collections import defaultdict
from dataclasses import dataclass

from academy.lib.dates import london_day
from academy.lib.text import day, in_words
from courses.models import Attendance, Booking, Mark, Run, Session

_WORDS = {
    Mark.ABSENT: "absent on {}",
    Mark.PART: "there for only a part on {}",
    Mark.EXCUSED: "excused on {}",
    Mark.LATE: "late on {}, which counts as absent by what was agreed",
    None: "not marked on {}",
}


@dataclass(frozen=True)
class Outcome:
    """What one booking came to: at how many of the sessions its person was there, and why that is not enough."""

    booking: Booking
    there: int
    of: int
    why_not: str  # empty for those who have completed it

    @property
    def completed(self) -> bool:
        return not self.why_not


def counts_as_there(mark: str | None, booking: Booking) -> bool:
    """Whether that mark says that somebody came; who is late came, unless it was agreed otherwise as they booked."""
    return mark == Mark.PRESENT or (mark == Mark.LATE and not booking.late_is_absent)


def outcomes(run: Run) -> list[Outcome]:
    """What each place held on the run came to, by name. Needs its course. Three queries."""
    marks: dict[int, dict[int, str]] = defaultdict(dict)
    for booking, session, mark in _marks(run):
        marks[booking][session] = mark
    sessions = list(run.sessions.all())
    held = run.bookings.booked().select_related("person", "agency").order_by("person__name_key", "pk")
    return [_outcome(booking, sessions, marks[booking.pk], run.course.attendance_share) for booking in held]


def _marks(run: Run):
    return Attendance.objects.filter(session__run=run).values_list("booking_id", "session_id", "mark")


def _outcome(booking: Booking, sessions: list[Session], marks: dict[int, str], share: int) -> Outcome:
    missed = [session for session in sessions if not counts_as_there(marks.get(session.pk), booking)]
    there = len(sessions) - len(missed)
    enough = there * 100 >= share * len(sessions)
    return Outcome(booking, there, len(sessions), "" if enough else _why_not(missed, marks))


def _why_not(missed: list[Session], marks: dict[int, str]) -> str:
    """'Absent on 3 November 2026 and excused on 10 November 2026.'"""
    said = [_WORDS[marks.get(session.pk)].format(day(london_day(session.starts_at))) for session in missed]
    sentence = in_words(said)
    return f"{sentence[:1].upper()}{sentence[1:]}."
