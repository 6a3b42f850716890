"""Long lists as CSV and XLSX, sent while they are made."""

import io
import tracemalloc
from datetime import date
from itertools import count, islice

from openpyxl import load_workbook

from academy.lib.spreadsheets import stream_xlsx
from academy.lib.tables import stream_csv

COLUMNS = ["Name", "Day", "Number"]
ROWS = [["=1+1", date(2026, 11, 23), 7], ["<b> & \x07“É”", None, 0], ["  two spaces  ", date(1999, 1, 1), -3]]


def read(parts) -> list[tuple]:
    sheet = load_workbook(io.BytesIO(b"".join(parts))).active
    return [tuple(cell.date() if hasattr(cell, "date") else cell for cell in row) for row in sheet.values]


def test_a_workbook_sent_in_parts_holds_every_value_as_it_was():
    found = read(stream_xlsx('A "title" longer than thirty-one characters', COLUMNS, iter(ROWS)))
    assert found == [tuple(COLUMNS), *((row[0].replace("\x07", ""), *row[1:]) for row in map(tuple, ROWS))]


def test_text_that_looks_like_a_formula_is_text():
    sheet = load_workbook(io.BytesIO(b"".join(stream_xlsx("A", COLUMNS, ROWS)))).active
    assert sheet["A2"].data_type == "s"
    assert sheet["A1"].font.bold


def test_csv_sent_in_parts_is_one_table_with_one_header():
    rows = [[f"name {n}", n] for n in range(2500)]
    text = b"".join(stream_csv(["Name", "Number"], iter(rows))).decode("utf-8-sig")
    assert text.count("Name") == 1
    assert len(text.splitlines()) == 2501
    assert "'=1" in b"".join(stream_csv(["Name"], [["=1"]])).decode()


def test_either_takes_no_more_memory_for_more_rows():
    for stream in (lambda rows: stream_csv(COLUMNS, rows), lambda rows: stream_xlsx("A", COLUMNS, rows)):
        rows = (["A name of somebody", date(2026, 1, 1), n] for n in count())
        tracemalloc.start()
        for part in stream(islice(rows, 20_000)):
            assert len(part) < 500_000
        assert tracemalloc.get_traced_memory()[1] < 3_000_000
        tracemalloc.stop()
