"""Input validation for courses."""

from courses.forms.bookings import BookForm
from courses.forms.catalogue import CatalogueFilter
from courses.forms.registers import NotesForm, RegisterForm

__all__ = ["BookForm", "CatalogueFilter", "NotesForm", "RegisterForm"]
