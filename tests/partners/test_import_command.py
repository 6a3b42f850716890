"""`manage.py import_people`."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from partners.models import EmploymentVersion, Person
from tests.factories import NOW, TODAY
from tests.partners.files import a_line, bo, text_of

pytestmark = pytest.mark.django_db
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
LATER = NOW + timedelta(days=60)


def run(path, *options) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    try:
        call_command("import_people", path, *options, stdout=out, stderr=err)
    except CommandError as refusal:
        err.write(f"{refusal} (exit {refusal.returncode})")
    return out.getvalue(), err.getvalue()


def test_the_command_takes_in_a_file_and_says_how_many(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text(text_of([a_line(), bo()]))
    assert "Dry run" in run(path, "--dry-run")[0]
    assert not Person.objects.exists()
    assert "people new: 2" in run(path)[0]
    assert Person.objects.count() == 2
    assert "people new: 0" in run(path)[0]
    assert set(EmploymentVersion.objects.values_list("source", flat=True)) == {"people.csv"}


def test_the_command_tells_line_column_and_reason_and_writes_nothing(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text(text_of([a_line(), bo(dfe_role="9")]))
    out, err = run(path)
    assert out == ""
    assert "line 3, dfe_role: '9' is not one of 1, 2, 3, 4, 5, 6" in err
    assert "(exit 1)" in err
    assert not Person.objects.exists()


def test_the_command_refuses_a_missing_file_by_name(tmp_path):
    assert "nowhere.csv" in run(tmp_path / "nowhere.csv")[1]
