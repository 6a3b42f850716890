"""Papers: a title, sections of a chart and a table each, and notes, as one tagged PDF."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from academy.lib import pdf
from academy.lib.registry import Report
from academy.lib.text import day


@dataclass(frozen=True)
class Section:
    """A heading, a sentence or two, and a table; above it a chart, as SVG, whose figures the table repeats."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    text: str = ""
    chart: str = ""


def paper(*, title: str, about: str, sections: Sequence[Section], notes: Sequence[str]) -> bytes:
    """The paper, A4 on its side where a table is wide. `about` says for which days the figures stand."""
    return pdf.render(
        "paper",
        {
            "title": title,
            "about": about,
            "wide": any(len(section.columns) > 8 for section in sections),
            "sections": [_plain(section) for section in sections],
            "notes": list(notes),
        },
    )


def of_report(report: Report) -> bytes:
    """A report's rows as a paper of one section."""
    section = Section("", report.columns, report.rows)
    return paper(title=report.title, about="", sections=[section], notes=report.notes)


def _plain(section: Section) -> dict[str, Any]:
    rows = [[_words(value) for value in row] for row in section.rows]
    return {
        "title": section.title,
        "text": section.text,
        "columns": list(section.columns),
        "rows": rows,
        "chart": section.chart,
    }


def _words(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, datetime | date):
        return day(value)
    if isinstance(value, int | Decimal):
        return f"{value:,}"
    return str(value)
