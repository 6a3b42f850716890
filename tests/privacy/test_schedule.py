"""The retention schedule says for every model and every field what becomes of it, and the page says the same."""

import re

import pytest
from django.apps import apps
from django.db import connection, models
from django.test import Client

from academy.privacy import checks, schedule
from academy.privacy.schedule import Period, read
from partners.models import Person
from tests.factories import NOW

FIRST = """
note = "n"
bases = { nobody = "No personal data" }
tables = {}
[[record]]
model = "partners.JobRole"
title = "Job roles"
part = "p"
what = "w"
whose = "Nobody"
why = "y"
basis = "nobody"
end = "e"
[record.fields]
id = "keep"
name = "keep: a reason"
"""


def said(text: str) -> list[str]:
    return [problem for problem in schedule.problems(read(text)) if "JobRole" in problem or "No." in problem]


def test_every_model_every_field_and_every_table_has_its_rule(db):
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
    assert schedule.problems(schedule.load(), tables) == []


def test_a_field_without_a_rule_is_named_with_what_to_write_and_where():
    assert said(FIRST) == [
        "partners.JobRole.name_key has no rule in schedule.toml. Under [record.fields] of partners.JobRole add: "
        'name_key = "…" (one of keep, erase, delete, link)'
    ]


def test_a_model_without_a_rule_is_named_with_lines_to_paste():
    without = FIRST.replace("partners.JobRole", "partners.Agency")
    [problem] = [each for each in schedule.problems(read(without)) if each.startswith("partners.JobRole")]
    assert '[[record]]\nmodel = "partners.JobRole"' in problem
    assert 'name_key = "…"' in problem


def test_a_rule_without_its_field_or_model_is_named():
    assert "partners.JobRole.colour is in schedule.toml, and there is no such field. Take it out." in said(
        FIRST + 'name_key = "keep"\ncolour = "keep"\n'
    )
    gone = FIRST.replace("partners.JobRole", "partners.No.")
    assert any("there is no such model" in problem for problem in schedule.problems(read(gone)))


def test_a_table_that_no_model_stands_for_is_named():
    assert "The table new_one is not in schedule.toml. Add it under [tables]." in schedule.problems(
        schedule.load(), ["new_one"]
    )


def test_a_basis_that_is_none_is_named():
    wrong = FIRST.replace('basis = "nobody"', 'basis = "because"')
    assert any("'because' is not one of the bases" in problem for problem in said(wrong))


@pytest.mark.parametrize(
    "line", ['name = "forget"', 'name = { rule = "erase", tomorrow = true }', 'name = { because = "x" }']
)
def test_a_rule_that_cannot_be_understood_is_refused_with_its_model(line):
    with pytest.raises(ValueError, match=r"partners\.JobRole"):
        read(FIRST.replace('name = "keep: a reason"', line))


def test_every_basis_is_used():
    used = set().union(*(record.bases for record in schedule.load().records))
    assert used == schedule.load().bases.keys()


def test_check_says_it_on_start(monkeypatch):
    assert checks.every_field_has_a_rule() == []
    monkeypatch.setattr(schedule, "load", lambda: read(FIRST))
    assert checks.every_field_has_a_rule()[0].id == "privacy.E001"


def test_every_path_to_a_person_leads_to_one_and_every_period_counts_from_a_moment(db):
    for record in schedule.load().in_use:
        assert record.rows_of([0], ["a@b.example"]).count() == 0
        for period in [record.kept, *(rule.period for rule in record.fields.values())]:
            if period and period.after not in (schedule.LEAVING, schedule.TRAINING):
                field = record.cls._meta.get_field(period.after.partition(".")[0])
                while "." in period.after and field.related_model:
                    field = field.related_model._meta.get_field(period.after.partition(".")[2])
                assert isinstance(field, models.DateField), f"{record.model}: {period.after}"


def test_every_model_that_is_linked_to_a_person_says_whose_data_it_is_or_what_the_person_is_to_it():
    for model in (model for model in apps.get_models() if model._meta.managed and not model._meta.proxy):
        record = schedule.of(model._meta.label)
        for field in model._meta.concrete_fields:
            if field.related_model is Person and not record.person:
                assert record.fields[field.name].called, f"{record.model}.{field.name}"


def test_texts_about_people_are_not_kept_by_oversight():
    """Own words, addresses and names in rows about people are erased or deleted, unless the file gives the reason."""
    for record in schedule.load().in_use:
        if record.person or record.addresses:
            for name, field in schedule.own_fields(record.cls).items():
                rule = record.fields[name]
                if isinstance(field, models.TextField | models.EmailField | models.JSONField) and rule.kind == "keep":
                    assert rule.because, f"{record.model}.{name}"


@pytest.mark.parametrize(
    ("period", "words", "cutoff"),
    [
        (Period("at", "it ran", years=6), "6 years after it ran", "2020-11-23"),
        (Period("at", "it ran", years=1, days=2), "1 year and 2 days after it ran", "2025-11-21"),
        (Period("at", "it expires"), "once it expires", "2026-11-23"),
    ],
)
def test_a_period_in_words_and_the_day_before_which_all_is_past_it(period, words, cutoff):
    assert str(period) == words
    assert period.cutoff(NOW).isoformat() == cutoff


def test_the_page_says_what_the_file_says_of_every_record(db):
    page = Client().get("/privacy/how-long/").content.decode()
    text = re.sub(r"\s+", " ", page.replace("&#x27;", "'"))
    for record in schedule.load().in_use:
        for words in (record.title, record.what, record.end):
            assert words in text
        if record.part != schedule.NOBODYS:
            assert record.how_long in text
            assert schedule.load().bases[record.basis] in text


def test_a_changed_file_changes_the_page(db, monkeypatch):
    text = schedule.FILE.read_text("utf-8").replace(
        'kept = { years = 6, after = "leaving"', 'kept = { years = 9, after = "leaving"'
    )
    changed = read(text)
    monkeypatch.setattr(schedule, "load", lambda: changed)
    assert "9 years after the last employment ended" in Client().get("/privacy/how-long/").content.decode()
    assert "9 years after the last employment ended" in Client().get("/privacy/").content.decode()
