"""What somebody learnt, as a paper."""

from datetime import date

from academy.lib import pdf
from academy.lib.text import day, number
from courses.reports import learning
from courses.reports.learning import Period, Piece
from partners.models import Person


def transcript_pdf(person: Person, first: date, last: date, made_on: date) -> bytes:
    """Everything from one day to another, as a tagged PDF."""
    period = Period([piece for piece in learning.pieces_of(person) if first <= piece.on <= last])
    return pdf.render(
        "transcript",
        {
            "name": person.name,
            "period": f"{day(first)} to {day(last)}",
            "made": day(made_on),
            "total": _hours(period.hours),
            "here": [_row(piece) for piece in period.pieces if piece.is_here],
            "here_hours": _hours(period.here),
            "elsewhere": [_row(piece) for piece in period.pieces if not piece.is_here],
            "elsewhere_hours": _hours(period.elsewhere),
            "kinds": [[kind, str(count), number(hours)] for kind, count, hours in period.by_kind],
        },
    )


def _row(piece: Piece) -> list[str]:
    last = _certificate(piece) if piece.is_here else _evidence(piece)
    return [day(piece.on), piece.title, piece.provider, piece.kind, number(piece.hours), last]


def _certificate(piece: Piece) -> str:
    return piece.certificate.number if piece.certificate else ""


def _evidence(piece: Piece) -> str:
    return "Evidence kept" if piece.learning and piece.learning.has_evidence else ""


def _hours(hours) -> str:
    return f"{number(hours)} {'hour' if hours == 1 else 'hours'}"
