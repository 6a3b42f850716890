"""Input validation for courses."""

from courses.forms.bookings import (
    BookForm,
    DecideForm,
    HandOverForm,
    InterestForm,
    PolicyForm,
    SwapForm,
    WaiveForm,
)
from courses.forms.catalogue import CatalogueFilter
from courses.forms.records import LearningForm, PeriodForm, RevokeForm
from courses.forms.registers import NotesForm, RegisterForm
from courses.forms.reports import ReportFilter

__all__ = [
    "BookForm",
    "CatalogueFilter",
    "DecideForm",
    "HandOverForm",
    "InterestForm",
    "LearningForm",
    "NotesForm",
    "PeriodForm",
    "PolicyForm",
    "RegisterForm",
    "ReportFilter",
    "RevokeForm",
    "SwapForm",
    "WaiveForm",
]
