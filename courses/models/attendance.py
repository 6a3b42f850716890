"""Who was there, per booking and session."""

from django.db import models

from courses.models.bookings import Booking
from courses.models.runs import Session
from partners.models import Person


class Mark(models.TextChoices):
    PRESENT = "present", "Present"
    PART = "part", "Part"
    LATE = "late", "Late"
    ABSENT = "absent", "Absent"
    EXCUSED = "excused", "Excused"


class Attendance(models.Model):
    """One booking's mark for one session."""

    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, related_name="attendances")
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="attendances")
    mark = models.CharField(max_length=10, choices=Mark)
    marked_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    marked_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["booking", "session"], name="one_mark_per_booking_and_session")]

    def __str__(self) -> str:
        return f"{self.booking}: {self.mark}"
