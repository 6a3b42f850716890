"""Commands that people's scripts call: names, options, exit codes, and settings that refuse to be unsafe."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from academy.lib import registry
from tests.evaluation import durham
from tests.factories import NOW, TODAY
from tests.partners.files import text_of

ROOT = settings.BASE_DIR
REPORT_KEYS = [
    *("cohort", "period", "intake", "on_programme", "in_post", "left_after", "left_during", "redeployed"),
    *("completed", "in_post_of_intake_pct", "in_post_of_completed_pct", "reasons", "destinations"),
]


def said(*command, **options) -> str:
    out = StringIO()
    call_command(*command, stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


# --- report -------------------------------------------------------------------------------------------------------


def test_the_list_of_reports_names_each_and_each_can_be_made(db):
    names = said("report", "--list").split()
    assert "retention" in names
    assert names == sorted(registry.reports)
    for name in names:
        for file_format in ("json", "csv"):
            assert said("report", name, "--format", file_format)


def test_an_unknown_report_is_refused_with_those_there_are(db):
    for name in (["happiness"], []):
        with pytest.raises(CommandError, match=r"There are: .*retention") as refused:
            call_command("report", *name)
        assert refused.value.returncode == 1


@pytest.mark.parametrize("option", ["--as-at", "--known-at", "--from"])
@pytest.mark.parametrize("day", ["07/10/2019", "2019-02-30", "yesterday", "9999-12-31", "0001-01-01", ""])
def test_a_day_that_is_none_is_refused(option, day):
    with pytest.raises(CommandError, match="invalid day"):
        call_command("report", "retention", f"{option}={day}")
    if option != "--from":
        with pytest.raises(CommandError, match="invalid day"):
            call_command("measure", "cohort_supported", f"{option}={day}")


def test_an_unknown_format_is_refused():
    with pytest.raises(CommandError, match="json"):
        call_command("report", "retention", "--format", "docx")


def test_without_days_a_report_is_of_today_as_known_today(db):
    found = json.loads(said("report", "retention"))
    assert found["as_at"] == found["known_at"] == TODAY.isoformat()


def test_the_retention_report_has_the_keys_that_scripts_read(db, tmp_path):
    for command, lines in [("import_people", durham.people()), ("import_cohorts", durham.members())]:
        path = tmp_path / f"{command}.csv"
        path.write_text(text_of(lines))
        said(command, path)
    found = json.loads(said("report", "retention", "--as-at", durham.AS_AT.isoformat()))
    assert {"as_at", "known_at", "cohorts", "overall"} <= set(found)
    assert set(found["overall"]) == {"supported", "completed", "in_post", "in_post_of_completed_pct", "on_programme"}
    assert all(set(REPORT_KEYS) <= set(row) for row in found["cohorts"])
    assert len(found["cohorts"]) == len(durham.INTAKES)


@pytest.mark.parametrize("file_format", ["json", "csv", "xlsx"])
def test_an_empty_academy_has_reports_in_every_format(db, tmp_path, file_format):
    path = tmp_path / f"table.{file_format}"
    said("report", "retention", "--format", file_format, "--output", str(path))
    assert path.stat().st_size > 0


def test_what_is_written_to_a_file_is_what_is_printed(db, tmp_path):
    path = tmp_path / "table.json"
    said("report", "retention", "--output", str(path))
    assert path.read_text() == said("report", "retention")


# --- run_due, check_integrity -------------------------------------------------------------------------------------


def test_run_due_prints_counts_as_json_and_is_safe_to_repeat(db):
    for _ in range(2):
        assert all(isinstance(count, int) for count in json.loads(said("run_due")).values())
    assert json.loads(said("run_due", "--at", "2027-02-22T09:30")) == json.loads(said("run_due", "--at", "2027-02-22"))


def test_run_due_refuses_what_is_no_moment():
    for at in ("soon", "2027-02-30", "2027-02-22T25:00"):
        with pytest.raises(CommandError, match="not a moment"):
            call_command("run_due", "--at", at)


def test_a_sound_academy_has_no_broken_invariants(db):
    assert "No broken invariants" in said("check_integrity")


def test_a_broken_invariant_is_told_and_fails_the_command(db):
    registry.integrity(lambda: ["The cat has no name."])
    try:
        with pytest.raises(CommandError, match="1 broken") as failed:
            said("check_integrity")
    finally:
        registry._integrity.pop()
    assert failed.value.returncode == 1


# --- As a script calls them ---------------------------------------------------------------------------------------


def manage(*arguments, **environment) -> subprocess.CompletedProcess:
    clean = {
        name: value for name, value in os.environ.items() if name not in ("TRY_OUT", "ALLOWED_HOSTS", "SECRET_KEY")
    }
    command = [sys.executable, str(ROOT / "manage.py"), *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, env=clean | environment, capture_output=True, text=True, timeout=60)


def test_a_refused_file_exits_with_1_and_says_why(tmp_path):
    done = manage("import_people", tmp_path / "nowhere.csv")
    assert done.returncode == 1
    assert "nowhere.csv" in done.stderr
    assert "Traceback" not in done.stderr


# --- Settings -----------------------------------------------------------------------------------------------------

PUBLIC = {"ALLOWED_HOSTS": "academy.example.org", "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"}
SECRET = {"SECRET_KEY": "a" * 50}


def settings_with(tmp_path: Path, **environment) -> subprocess.CompletedProcess:
    clean = {name: value for name, value in os.environ.items() if name not in ("TRY_OUT", "DEBUG", "SECRET_KEY")}
    command = [sys.executable, "-c", "import academy.settings as s; print(s.PRODUCTION, s.SESSION_COOKIE_SECURE)"]
    environment = clean | {"ACADEMY_VAR": str(tmp_path)} | environment
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("hosts", ["academy.example.org", "localhost,academy.example.org", "*"])
@pytest.mark.parametrize("switch", ["TRY_OUT", "DEBUG"])
def test_a_public_academy_refuses_the_try_out_and_debug_pages(tmp_path, hosts, switch):
    done = settings_with(tmp_path, **PUBLIC | SECRET | {"ALLOWED_HOSTS": hosts, switch: "1"})
    assert done.returncode != 0
    assert "ImproperlyConfigured" in done.stderr
    assert switch in done.stderr


def test_a_public_academy_without_a_key_of_its_own_is_refused(tmp_path):
    done = settings_with(tmp_path, **PUBLIC)
    assert done.returncode != 0
    assert "ImproperlyConfigured" in done.stderr
    assert "SECRET_KEY" in done.stderr
    assert not (tmp_path / "secret-key").exists()


def test_a_public_academy_with_a_key_starts_with_safe_cookies(tmp_path):
    done = settings_with(tmp_path, **PUBLIC | SECRET)
    assert (done.returncode, done.stdout.split()) == (0, ["True", "True"]), done.stderr


def test_the_try_out_on_this_machine_makes_its_own_key_once_for_its_owner_only(tmp_path):
    for _ in range(2):
        done = settings_with(tmp_path, ALLOWED_HOSTS="localhost,127.0.0.1", TRY_OUT="1")
        assert (done.returncode, done.stdout.split()[0]) == (0, "False"), done.stderr
    assert (tmp_path / "secret-key").stat().st_mode & 0o077 == 0


def test_commands_tell_the_time_by_the_academys_clock(db):
    from academy.lib import clock

    clock.use(lambda: NOW + timedelta(days=31))
    found = json.loads(said("report", "retention"))
    assert found["as_at"] == (TODAY + timedelta(days=31)).isoformat()
