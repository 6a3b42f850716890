"""`posts.csv`: established posts, dated twice."""

from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from academy.lib.rows import Outcome
from partners.importers.established import import_posts
from partners.models import JobRole, Post, PostVersion, Team
from tests.factories import NOW, TODAY, AgencyFactory
from tests.partners.files import faults, taken, text_of

pytestmark = pytest.mark.django_db
LINE = {
    "agency": "Larkshire",
    "team": "Families > Red",
    "job_role": "Social worker",
    "dfe_role": "5",
    "fte": "6.5",
    "from_date": "2024-04-01",
}
COLUMNS = [*LINE, "to_date", "recorded_on", "retracted"]


@pytest.fixture(autouse=True)
def larkshire():
    return AgencyFactory(name="Larkshire")


def take(*lines: dict, at=NOW, **options) -> Outcome:
    return import_posts(text_of(lines, COLUMNS).encode(), by=None, at=at, name="posts.csv", **options)


def test_a_line_makes_the_posts_their_team_and_their_job_role():
    assert taken(take(LINE)).counts == {"lines": 1, "posts_new": 1, "statements_new": 1}
    made = Post.objects.get()
    assert (str(made.team), str(made.job_role), made.dfe_role) == ("Red", "Social worker", 5)
    known = made.versions.get()
    assert (float(known.fte), known.recorded_at.date()) == (6.5, date(2024, 3, 31)), "known from the first day, in UTC"


def test_the_second_time_changes_nothing():
    taken(take(LINE))
    again = taken(take(LINE, at=NOW + timedelta(days=30)))
    assert again.counts == {"lines": 1, "posts_new": 0, "statements_new": 0}
    assert (Team.objects.count(), JobRole.objects.count()) == (2, 1)


def test_a_change_is_known_from_the_day_on_which_it_was_recorded():
    taken(take(LINE))
    taken(take(LINE | {"fte": "8", "recorded_on": "2026-06-01"}))
    known = {day: PostVersion.objects.known_at(day).get().fte for day in (date(2026, 5, 31), date(2026, 6, 1))}
    assert [float(fte) for fte in known.values()] == [6.5, 8.0]


def test_withdrawn_posts_count_no_longer():
    taken(take(LINE))
    taken(take(LINE | {"retracted": "yes", "recorded_on": TODAY.isoformat()}))
    assert not PostVersion.objects.current().exists()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("agency", "Nowhere"),
        ("agency", ""),
        ("fte", "-1"),
        ("fte", "NaN"),
        ("fte", "lots"),
        ("fte", "10001"),
        ("from_date", "soon"),
        ("to_date", "2024-03-31"),
        ("dfe_role", "7"),
        ("recorded_on", "2999-01-01"),
    ],
)
def test_a_bad_value_is_an_error_with_its_line_and_column_and_nothing_is_written(column, value):
    assert faults(take(LINE, LINE | {"job_role": "Other", column: value})) == [(3, column)]
    assert not Post.objects.exists()


def test_a_dry_run_writes_nothing():
    assert taken(take(LINE, dry_run=True)).counts["posts_new"] == 1
    assert not Post.objects.exists()


def test_the_command_takes_in_a_file_and_tells_its_faults(tmp_path):
    path = tmp_path / "posts.csv"
    path.write_text(text_of([LINE], COLUMNS))
    out = StringIO()
    call_command("import_posts", path, stdout=out)
    assert "posts new: 1" in out.getvalue()
    path.write_text(text_of([LINE | {"fte": "lots"}], COLUMNS))
    err = StringIO()
    with pytest.raises(CommandError):
        call_command("import_posts", path, stderr=err)
    assert "line 2, fte: 'lots' is not a number" in err.getvalue()
