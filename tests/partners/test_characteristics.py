"""What people say of themselves is counted, and shown to nobody."""

from io import StringIO

import pytest
from django.core.management import call_command

from partners.models import AuditEvent, Characteristics, Person
from tests.factories import TODAY, employed

pytestmark = pytest.mark.django_db
ANSWERS = {"age_group": "25_34", "ethnicity": "black", "disability": "yes"}


def say(person: Person, **answers: str) -> None:
    Characteristics.objects.create(person=person, answered_on=TODAY, **answers)


def counted() -> dict[tuple[str, str], object]:
    out = StringIO()
    call_command("report", "characteristics", as_at=TODAY, format="csv", stdout=out)
    rows = [line.split(",") for line in out.getvalue().replace("\ufeff", "").splitlines()]
    return {(row[0], row[1]): row[-1] for row in rows}


def test_answers_are_kept_and_never_shown_back(as_person):
    person = employed()
    browser = as_person(person)
    browser.post("/about-you/", ANSWERS)
    kept = Characteristics.objects.get(person=person)
    assert (kept.ethnicity, kept.religion) == ("black", "")
    page = browser.get("/about-you/").content.decode()
    assert "You answered on 23 November 2026" in page
    assert "selected>Black" not in page.replace("\n", "")
    assert 'value="black" selected' not in page


def test_answering_nothing_keeps_nothing(as_person):
    person = employed()
    say(person, **ANSWERS)
    as_person(person).post("/about-you/", {})
    assert not Characteristics.objects.exists()


def test_answers_are_deleted_when_somebody_wants_it(as_person):
    person = employed()
    say(person, **ANSWERS)
    as_person(person).post("/about-you/delete/")
    assert not Characteristics.objects.exists()


def test_nothing_is_written_down_about_who_answered(as_person):
    as_person(employed()).post("/about-you/", ANSWERS)
    assert not AuditEvent.objects.exists()


def test_fewer_than_five_are_confidential_and_others_are_rounded_to_five():
    for answer, count in (("black", 4), ("white", 7), ("asian", 5)):
        for _ in range(count):
            say(employed(), ethnicity=answer)
    found = {answer: people for (question, answer), people in counted().items() if question == "Ethnic group"}
    assert found["White"] == "5"
    assert found["Asian or Asian British"] == "5"
    assert found['"Black'] == "c" if '"Black' in found else "c" in found.values()


def test_those_who_have_left_are_not_counted():
    for _ in range(5):
        say(employed(end_date=TODAY), sex="female")
    assert counted()["Sex", "Female"] == "c"


def test_no_template_but_the_form_mentions_characteristics():
    from pathlib import Path

    named = [path.name for path in Path("templates").rglob("*.html") if "characteristics" in path.read_text()]
    assert named == []
