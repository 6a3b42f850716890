"""The nouns of WHAT."""

from courses.models.achievements import Achievement
from courses.models.approvals import Approval
from courses.models.attendance import Attendance, Mark
from courses.models.bookings import Booking
from courses.models.certificates import Certificate
from courses.models.charges import Charge, Policy
from courses.models.courses import BookingQuestion, Course, Kind, Level, OpenTo, PracticeTheme
from courses.models.hostings import Hosting, Reflection, Visit
from courses.models.interests import Habits, Interest
from courses.models.runs import KeptPlaces, Room, Run, Session

__all__ = [
    "Achievement",
    "Approval",
    "Attendance",
    "Booking",
    "BookingQuestion",
    "Certificate",
    "Charge",
    "Course",
    "Habits",
    "Hosting",
    "Interest",
    "KeptPlaces",
    "Kind",
    "Level",
    "Mark",
    "OpenTo",
    "Policy",
    "PracticeTheme",
    "Reflection",
    "Room",
    "Run",
    "Session",
    "Visit",
]
