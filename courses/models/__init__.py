"""The nouns of WHAT."""

from courses.models.achievements import Achievement
from courses.models.attendance import Attendance, Mark
from courses.models.bookings import Booking
from courses.models.certificates import Certificate
from courses.models.courses import Course, Kind, PracticeTheme
from courses.models.runs import Run, Session

__all__ = [
    "Achievement",
    "Attendance",
    "Booking",
    "Certificate",
    "Course",
    "Kind",
    "Mark",
    "PracticeTheme",
    "Run",
    "Session",
]
