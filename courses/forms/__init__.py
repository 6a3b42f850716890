"""Input validation for courses."""

from courses.forms.bookings import BookForm
from courses.forms.catalogue import CatalogueFilter
from courses.forms.records import LearningForm, PeriodForm, RevokeForm
from courses.forms.registers import RegisterForm

__all__ = ["BookForm", "CatalogueFilter", "LearningForm", "PeriodForm", "RegisterForm", "RevokeForm"]
