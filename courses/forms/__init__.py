"""Input validation for courses."""

from courses.forms.bookings import BookForm
from courses.forms.catalogue import CatalogueFilter
from courses.forms.registers import RegisterForm
from courses.forms.reports import ReportFilter

__all__ = ["BookForm", "CatalogueFilter", "RegisterForm", "ReportFilter"]
