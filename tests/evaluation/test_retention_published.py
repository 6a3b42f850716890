"""The table that Durham's committee was given on 18 November 2019, from raw records through the ordinary commands."""

import csv
import io
import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from openpyxl import load_workbook

from tests.evaluation import durham
from tests.evaluation.durham import AS_AT, CORRECTED_ON
from tests.partners.files import take_in, take_in_cohorts, taken, text_of

pytestmark = pytest.mark.django_db
MEETING_EVE = CORRECTED_ON - timedelta(days=1)

# As printed; the two percentages under their right names. '-' is 'not yet'.
PUBLISHED = """
cohort    period   intake on_programme in_post left_after left_during redeployed in_post_of_intake_pct completed in_post_of_completed_pct
Cohort_1  2016–17  12     0            7       5          0           0          58                    12        58
Cohort_2  2017–19  19     0            8       5          5           1          42                    13        62
Cohort_3  2017–19  12     0            9       2          1           0          75                    11        82
Cohort_4  2018–19  26     25           1       0          0           0          -                     1         100
Cohort_5  2019–20  14     14           0       0          0           0          -                     0         -
Cohort_6  2019–20  10     10           0       0          0           0          -                     0         -
"""  # noqa: E501
DESTINATIONS = {"Cohort 1": {"3": 5}, "Cohort 2": {"6": 4, "1": 6}, "Cohort 3": {"6": 2, "1": 1}}


def published() -> list[dict]:
    header, *rows = [line.split() for line in PUBLISHED.strip().splitlines()]
    return [dict(zip(header, map(value, row), strict=True)) for row in rows]


def value(text: str) -> str | int | None:
    return None if text == "-" else int(text) if text.isdigit() else text.replace("_", " ")


def report(**options) -> dict:
    out = StringIO()
    call_command("report", "retention", as_at=options.pop("as_at", AS_AT), format="json", stdout=out, **options)
    return json.loads(out.getvalue())


def load(tmp_path, command: str, lines: list[dict[str, str]]) -> None:
    path = tmp_path / f"{command}.csv"
    path.write_text(text_of(lines), "utf-8")
    call_command(command, path, stdout=StringIO(), stderr=StringIO())


@pytest.fixture
def first_loads(tmp_path) -> None:
    """The records as they were before the meeting."""
    load(tmp_path, "import_people", durham.people())
    load(tmp_path, "import_cohorts", durham.members())


@pytest.fixture
def corrections(first_loads, tmp_path) -> None:
    """And what the meeting put right, as further lines."""
    load(tmp_path, "import_people", durham.returned())
    load(tmp_path, "import_cohorts", durham.completed())


def as_published(found: dict) -> list[dict]:
    columns = published()[0]
    return [{name: row[name] for name in columns} for row in found["cohorts"]]


def test_the_published_table_comes_out_in_every_column(first_loads):
    assert as_published(report()) == published()


def test_the_published_text_comes_out(first_loads):
    assert report()["overall"] == {
        "supported": 44,
        "completed": 37,
        "in_post": 25,
        "in_post_of_completed_pct": 68,
        "on_programme": 49,
    }


def test_the_published_destinations_come_out_for_every_leaver(first_loads):
    found = report()
    assert {row["cohort"]: row["destinations"] for row in found["cohorts"] if row["destinations"]} == DESTINATIONS
    for row in found["cohorts"]:
        assert sum(row["destinations"].values()) == sum(row["reasons"].values())
        assert sum(row["reasons"].values()) == row["left_after"] + row["left_during"]


def test_every_intake_adds_up(first_loads):
    for row in report()["cohorts"]:
        parts = ("on_programme", "completed", "left_during", "redeployed", "failed")
        assert row["intake"] == sum(row[part] for part in parts)
        assert row["left_after"] == row["completed"] - row["in_post"]


def test_the_day_and_the_knowledge_are_stated(first_loads):
    found = report(known_at=MEETING_EVE)
    assert (found["as_at"], found["known_at"]) == (AS_AT.isoformat(), MEETING_EVE.isoformat())


def test_the_table_was_already_known_on_the_day_itself(first_loads):
    """A first load's facts are known from their own dates."""
    assert as_published(report(known_at=AS_AT)) == published()


def test_what_the_committee_was_told_can_be_run_again_after_the_correction(corrections):
    assert as_published(report(known_at=MEETING_EVE)) == published()
    assert report(known_at=MEETING_EVE)["overall"]["supported"] == 44


@pytest.mark.parametrize("as_at", [AS_AT, CORRECTED_ON])
def test_from_the_day_of_the_meeting_the_corrected_figures_come_out(corrections, as_at):
    """Both facts were true by the day of the table, and became known at the meeting."""
    found, before = report(as_at=as_at, known_at=CORRECTED_ON), report(as_at=as_at, known_at=MEETING_EVE)
    more_completed, came_back = len(durham.completed()), len(durham.returned())
    assert before["overall"]["supported"] == 44
    assert found["overall"]["supported"] == 47 == 44 + more_completed
    assert found["overall"]["completed"] == before["overall"]["completed"] + more_completed
    assert found["overall"]["in_post"] == before["overall"]["in_post"] + more_completed + came_back
    assert found["overall"]["on_programme"] == before["overall"]["on_programme"] - more_completed
    first, fourth = found["cohorts"][0], found["cohorts"][3]
    assert (first["in_post"], first["left_after"], first["destinations"]) == (9, 3, {"3": 3})
    assert (fourth["completed"], fourth["on_programme"], fourth["in_post_of_intake_pct"]) == (4, 22, None)


def test_the_other_cohorts_are_not_touched_by_the_correction(corrections):
    before, after = report(known_at=MEETING_EVE)["cohorts"], report(known_at=CORRECTED_ON)["cohorts"]
    assert [row for row in after if row not in before] == [after[0], after[3]]


def test_it_is_the_same_whether_corrections_come_in_a_file_of_their_own_or_with_the_rest(corrections, tmp_path):
    apart = [report(known_at=day) for day in (MEETING_EVE, CORRECTED_ON)]
    load(tmp_path, "import_people", durham.people() + durham.returned())
    load(tmp_path, "import_cohorts", durham.members() + durham.completed())
    assert [report(known_at=day) for day in (MEETING_EVE, CORRECTED_ON)] == apart


def test_one_first_file_with_the_corrections_in_it_gives_the_same():
    taken(take_in(*durham.people(), *durham.returned()))
    taken(take_in_cohorts(*durham.members(), *durham.completed()))
    assert as_published(report(known_at=MEETING_EVE)) == published()
    assert report(known_at=CORRECTED_ON)["overall"]["supported"] == 47


def test_someone_who_came_back_under_a_new_number_is_one_person(corrections):
    from partners.models import Person

    assert Person.objects.count() == len(durham.everyone())


def test_csv_and_xlsx_say_the_same_as_json(corrections, tmp_path):
    found = report(known_at=CORRECTED_ON)
    for file_format in ("csv", "xlsx"):
        options = {"as_at": AS_AT, "known_at": CORRECTED_ON, "format": file_format}
        call_command("report", "retention", output=tmp_path / f"table.{file_format}", **options)
    text = (tmp_path / "table.csv").read_bytes().decode("utf-8-sig")
    read = list(csv.reader(io.StringIO(text, newline="")))
    sheet = load_workbook(tmp_path / "table.xlsx").active
    assert [
        ["" if cell is None else str(cell).removesuffix(" 00:00:00") for cell in row] for row in sheet.values
    ] == read
    lines = [dict(zip(read[0], row, strict=True)) for row in read[1:]]
    names = {
        "Cohort": "cohort",
        "Period": "period",
        "Intake": "intake",
        "On programme": "on_programme",
        "Completed": "completed",
        "In post": "in_post",
        "Left after": "left_after",
        "Left during": "left_during",
        "Redeployed": "redeployed",
        "Failed": "failed",
        "In post of intake, %": "in_post_of_intake_pct",
        "In post of completed, %": "in_post_of_completed_pct",
    }
    for line, row in zip(lines, found["cohorts"], strict=False):
        assert {name: line[column] for column, name in names.items()} == {
            name: "" if row[name] is None else str(row[name]) for name in names.values()
        }
    assert lines[-1]["Cohort"] == "Overall"
    for column, name in names.items():
        if name in found["overall"]:
            assert lines[-1][column] == str(found["overall"][name])
    assert {line["Known at"] for line in lines} == {CORRECTED_ON.isoformat()}
