"""A published quarter, from raw records through the ordinary actions, as pages, commands and downloads tell it."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command

from academy.lib import clock
from tests.courses import leicester
from tests.factories import NOW
from tests.who_may_world import taken_back

pytestmark = pytest.mark.django_db


def report(**options) -> dict:
    out = StringIO()
    options = {"as_at": date.fromisoformat(leicester.TO), "start": date.fromisoformat(leicester.FROM)} | options
    call_command("report", "multi-agency", format="json", stdout=out, **options)
    return json.loads(out.getvalue())


@pytest.fixture(scope="module")
def example(django_db_setup, django_db_blocker) -> Iterator[dict[str, object]]:
    """Made once, in a transaction that is taken back in the end."""
    with django_db_blocker.unblock(), clock.standing_at(NOW), taken_back():
        yield leicester.build()


def test_the_published_quarter_comes_out(example):
    found = report()["total"]
    assert (found["booked"], found["no_show"], found["cancelled"], found["walk_in"]) == (318, 20, 29, 35)
    assert (found["attended"], found["capacity"]) == (304, 393)
    assert found["attended_of_booked_pct"] == 96
    assert found["attended_of_capacity_pct"] == 77
    assert found["booked_attended_of_booked_pct"] == 85


def test_cancelled_in_time_and_late_are_told_apart(example):
    found = report()["total"]
    assert (found["in_time"], found["late"]) == (17, 12)


def test_courses_agencies_and_quarters_add_up_to_the_total(example):
    found = report()
    for name in ("booked", "in_time", "late", "no_show", "walk_in", "attended", "booked_attended"):
        for parts in ("courses", "agencies", "quarters"):
            assert sum(row[name] for row in found[parts]) == found["total"][name]
        for course in found["courses"]:
            assert sum(row[name] for row in course["agencies"]) == course[name]
    assert sum(row["capacity"] for row in found["courses"]) == 393


def test_places_are_never_an_agencys_to_divide_by(example):
    for row in report()["agencies"]:
        assert (row["capacity"], row["attended_of_capacity_pct"]) == (None, None)


def test_csv_says_the_same_as_json(example, tmp_path):
    path = tmp_path / "report.csv"
    days = {"start": date(2016, 4, 1), "as_at": date(2016, 6, 30)}
    call_command("report", "multi-agency", format="csv", output=path, **days)
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))
    assert (rows[0]["Booked"], rows[0]["Attended"], rows[0]["Attended ÷ booked, %"]) == ("318", "304", "96")
    assert [row["Which"] for row in rows if row["Counted by"] == "Quarter"] == ["April to June 2016"]


@pytest.mark.parametrize("file_format", ["xlsx", "pdf"])
def test_it_can_be_had_as_a_workbook_and_as_a_paper(example, tmp_path, file_format):
    path = tmp_path / f"report.{file_format}"
    call_command("report", "multi-agency", as_at=date(2016, 6, 30), format=file_format, output=path)
    assert path.stat().st_size > 1000
