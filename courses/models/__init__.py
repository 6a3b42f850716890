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
from courses.models.records import CalendarFeed, Evidence, FormerNumber, Learning, Revocation
from courses.models.runs import KeptPlaces, Room, Run, Session
from courses.models.the_day import Newcomer, RunMessage

__all__ = [
    "Achievement",
    "Approval",
    "Attendance",
    "Booking",
    "BookingQuestion",
    "CalendarFeed",
    "Certificate",
    "Charge",
    "Course",
    "Evidence",
    "FormerNumber",
    "Habits",
    "Hosting",
    "Interest",
    "KeptPlaces",
    "Kind",
    "Learning",
    "Level",
    "Mark",
    "Newcomer",
    "OpenTo",
    "Policy",
    "PracticeTheme",
    "Reflection",
    "Revocation",
    "Room",
    "Run",
    "RunMessage",
    "Session",
    "Visit",
]
