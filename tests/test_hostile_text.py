"""Text that attacks its reader: inert on every page, whoever opens it."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import models
from django.db.models import Value
from django.db.models.functions import Cast, Concat

from academy.lib import clock
from tests.factories import NOW
from tests.test_who_may import ROWS, Row
from tests.who_may_world import WHO, World, build, taken_back

pytestmark = pytest.mark.django_db
# What stands last stops whatever reads it as a template.
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'><svg onload=alert(1)>{% x %}"
OURS = ("academy", "cohorts", "courses", "evaluation", "partners", "privacy", "tryout")
# Where people write what they like, directly or by a file.
FREE = {
    *("name", "given_name", "family_name", "title", "summary", "aims", "audience", "reason", "end_reason", "note"),
    *("text", "subject", "sender", "access_needs", "venue", "file_name", "who", "what", "see", "browser", "example"),
}


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker) -> Iterator[World]:
    """Everything that anybody could name is named by somebody hostile."""
    with django_db_blocker.unblock(), clock.standing_at(NOW), taken_back():
        made = build()
        for model, name in free_texts():
            longest = model._meta.get_field(name).max_length
            said = Concat(Value(HOSTILE), Cast("pk", models.TextField())) if not longest or longest >= 90 else HOSTILE
            model._base_manager.update(**{name: said})
        yield made


def free_texts() -> Iterator[tuple[type[models.Model], str]]:
    for model in apps.get_models():
        if model._meta.app_label in OURS and model._meta.managed:
            yield from ((model, f.name) for f in model._meta.concrete_fields if _is_free(f))


def _is_free(field: models.Field) -> bool:
    text = isinstance(field, models.CharField | models.TextField) and not field.choices
    return text and field.name in FREE and (field.max_length or 1000) >= len(HOSTILE)


def pages() -> list[Row]:
    return [row for row in ROWS if row.method == "GET"]


def test_names_of_people_agencies_teams_and_courses_are_among_them():
    named = {(model._meta.object_name, name) for model, name in free_texts()}
    assert named >= {("Person", "given_name"), ("Agency", "name"), ("Team", "name"), ("JobRole", "name")}
    assert named >= {("Course", "title"), ("Grant", "reason"), ("ImportLine", "what"), ("Hold", "reason")}


@pytest.mark.parametrize("row", pages(), ids=lambda row: " ".join(filter(None, (row.page, row.query, *row.of))))
def test_it_is_inert_on_every_page(world, row):
    shown = 0
    for who in WHO:
        for relation in row.relations:
            if row.cells[who][row.relations.index(relation)] != "2":
                continue
            page = world.browsers[who].get(row.address(world.things(who, relation)))
            if page.get("Content-Type", "").startswith("text/html") and not page.streaming:
                text = page.content.decode()
                assert not any(tag in text for tag in ("<script>alert", "<img src=x", "<svg onload", "\"'>")), who
                shown += "&lt;script&gt;alert" in text
    assert shown or row.page not in SHOWS


SHOWS = {
    "person",
    "people",
    "duplicates",
    "merge",
    "find_person",
    "access_role",
    "give_access_role",
    "events",
    "import",
}
