"""Downloads: rows as CSV, XLSX and JSON that open safely in a spreadsheet."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from academy.lib.registry import Report

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # the wide ones in East Asian Excel


def inert(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula gets a leading apostrophe; all else is left as it is."""
    if isinstance(value, str) and value.startswith(_STARTS_A_FORMULA):
        return "'" + value
    return value


def to_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """CSV with a header row; None is empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(map(inert, columns))
    writer.writerows([inert("" if value is None else value) for value in row] for row in rows)
    return out.getvalue()


def stream_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """The same in parts, with a BOM, for lists too long to hold: a part for every so many rows."""
    rows = iter(rows)
    head = "\N{BYTE ORDER MARK}" + to_csv(columns, islice(rows, ROWS_IN_A_PART))
    yield head.encode()
    while some := list(islice(rows, ROWS_IN_A_PART)):
        yield to_csv(columns, some).partition("\r\n")[2].encode()


ROWS_IN_A_PART = 1000


def to_json(data: Any) -> str:
    """JSON with ISO dates; decimals as numbers."""
    return json.dumps(data, indent=2, default=_plain, ensure_ascii=False)


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"no JSON for {type(value).__name__}")


FORMATS = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}


def render(report: Report, file_format: str) -> bytes:
    """A report's bytes in one of `FORMATS`. CSV starts with a BOM, so that Excel reads its accents."""
    if file_format == "json":
        return (to_json(report.data) + "\n").encode()
    if file_format == "csv":
        return to_csv(report.columns, report.rows).encode("utf-8-sig")
    if file_format == "pdf":
        from academy.lib.papers import of_report

        return of_report(report)
    from academy.lib.spreadsheets import to_xlsx  # here, since its 10 MB are for the few who ask for a workbook

    return to_xlsx(report.title, report.columns, report.rows)
