"""The paper that somebody has for what they completed."""

import io

import segno

from academy.lib import pdf
from academy.lib.text import day, plural
from courses.models import Certificate


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
