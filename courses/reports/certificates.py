"""The paper about one achievement."""

import io
from collections.abc import Iterable

import segno

from academy.lib import pdf
from academy.lib.dates import LONDON, london_day
from academy.lib.text import clock_time, day, plural
from courses.models import Booking, Certificate, Session

SPARE_LINES = 6  # on a sign-in sheet, for those who come unbooked


def certificate_pdf(certificate: Certificate) -> bytes:
    """The certificate as a tagged PDF, A4 on its side. Needs its achievement."""
    return pdf.render(
        "certificate",
        {
            "name": certificate.name,
            "course": certificate.course,
            "day": day(certificate.achievement.completed_on),
            "hours": _hours(certificate),
            "number": certificate.number,
            "verify": certificate.address,
            "qr": _qr(certificate.address),
        },
    )


def _hours(certificate: Certificate) -> str:
    hours = certificate.cpd_hours
    return plural(int(hours), "hour") if hours == int(hours) else f"{hours.normalize()} hours"


def _qr(text: str) -> str:
    out = io.BytesIO()
    # One mask is as good as another to a camera, and trying all eight takes longer than the rest of the paper.
    segno.make(text, error="m", micro=False, mask=2).save(out, kind="svg", border=2, xmldecl=False)
    return out.getvalue().decode()


def sign_in_sheet_pdf(session: Session, bookings: Iterable[Booking]) -> bytes:
    """The sheet that goes round: names and agencies to sign beside, and lines for others. A tagged PDF, A4.

    Needs the session's run with its course and trainers, and the people and agencies of the bookings.
    """
    run = session.run
    return pdf.render(
        "sign_in_sheet",
        {
            "course": run.course.title,
            "day": f"{session.starts_at.astimezone(LONDON):%A} {day(london_day(session.starts_at))}",
            "hours": f"{clock_time(session.starts_at)} to {clock_time(session.ends_at)}",
            "venue": session.venue,
            "trainers": ", ".join(person.name for person in run.trainers.all()),
            "rows": [[booking.person.name, str(booking.agency or "")] for booking in bookings],
            "spare": SPARE_LINES,
        },
    )
