"""The yearly letter to an agency: what its people gave to training, and what they took."""

from datetime import date
from typing import Any

from academy.lib import pdf
from academy.lib.periods import Period
from academy.lib.text import day, plural
from courses.stats.attendance import FIGURES, RATES
from courses.stats.trainers import Exchange

LINES = ("booked", "in_time", "late", "no_show", "walk_in", "attended")


def letter_pdf(exchange: Exchange, *, year: Period, people: int, on: date, to_come: bool) -> bytes:
    """One page, as a tagged PDF. `people`: how many came to anything; `to_come`: whether the year is not over."""
    return pdf.render("agency_year", letter(exchange, year=year, people=people, on=on, to_come=to_come))


def letter(exchange: Exchange, *, year: Period, people: int, on: date, to_come: bool) -> dict[str, Any]:
    """What it says."""
    row = exchange.row
    rate = row.rate("booked_attended_of_booked")
    return {
        "title": f"Training in {year.name}: {exchange.name}",
        "agency": exchange.name,
        "on": day(on),
        "summary": summary(exchange, year=year, to_come=to_come),
        "period": f"{day(year.start)} to {day(min(year.end, on))}",
        "people": f"{plural(exchange.took, 'place')} used by {plural(people, 'person', 'people')}.",
        "gave": f"{plural(exchange.days, 'day')} taught by {plural(exchange.trainers, 'trainer')}.",
        "rows": [[FIGURES[name].label, f"{row.count(name):,}"] for name in LINES],
        "rate": f"{rate.percent}% ({rate.part:,} of {rate.whole:,})" if rate.whole else "",
        "rate_label": RATES["booked_attended_of_booked"].label,
        "notes": [f"{FIGURES[name].label}: {FIGURES[name].definition}" for name in ("booked", "no_show", "attended")]
        + [
            "A day counts once for each trainer who taught on it, for the agency that was their main employer that day."
        ],
    }


def summary(exchange: Exchange, *, year: Period, to_come: bool) -> str:
    """'In 2025–26 your colleagues gave 14 days and took 212 places.'"""
    so_far = " so far" if to_come else ""
    gave, took = plural(exchange.days, "day"), plural(exchange.took, "place")
    return f"In {year.name}{so_far} your colleagues gave {gave} and took {took}."
