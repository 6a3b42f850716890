"""Mail scanners open every link, press every button, and change nothing."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connection
from django.test import Client

from academy.lib import clock, registry
from courses.actions.bookings import book, give_up
from evaluation.models import FollowUp
from tests.factories import employed, planned_run
from tests.faults import messages

pytestmark = pytest.mark.django_db


def letters_of_every_kind(at: datetime, mailoutbox: list[EmailMessage]) -> list[EmailMessage]:
    """Places and queues, a survey and its reminder; the survey is still open to answers."""
    run = planned_run(starts_at=at + timedelta(days=60), capacity=1)
    people = [employed() for _ in range(3)]
    bookings = [book(run=run, person=person, by=person, at=at) for person in people]
    registry.run_due(at)
    give_up(booking=bookings[0], by=people[0], at=at)
    messages.achievements(1, at)
    for days in (0, 14, 17):  # a reminder waits for a working day
        registry.run_due(at + timedelta(days=days))
    assert len(mailoutbox) == 3 + 2 + 2
    return mailoutbox


def links(letters: list[EmailMessage]) -> set[str]:
    """The path of every link in the letters."""
    found = {url for letter in letters for url in re.findall(r"https?://[^\s<>\"]+", letter.body)}
    assert all(url.startswith(settings.SITE_URL) for url in found), "no letter links anywhere else"
    return {urlsplit(url).path or "/" for url in found}


def everything() -> dict[str, tuple[int, str]]:
    """How many rows each table has, and a digest of what is in them."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(
                f"SELECT count(*), md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {table} t"
            )
            found[table] = cursor.fetchone()
    return found


def forms(page: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Every form that is sent by a button: where it goes, and its fields as they stand on the page."""
    for attributes, inside in re.findall(r"<form([^>]*)>(.*?)</form>", page, re.DOTALL):
        if 'method="post"' in attributes.lower():
            action = re.search(r'action="([^"]*)"', attributes)
            yield action[1] if action else "", _filled_in(inside)


def _filled_in(form: str) -> dict[str, str]:
    fields = dict.fromkeys(re.findall(r'<textarea[^>]*name="([^"]+)"', form), "")
    for tag in re.findall(r"<(?:input|button)[^>]*>", form):
        found = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if "name" in found and (found.get("type") not in ("radio", "checkbox") or " checked" in tag):
            fields[found["name"]] = found.get("value", "")
    return fields


@pytest.fixture
def letters(at, mailoutbox) -> list[EmailMessage]:
    found = letters_of_every_kind(at, mailoutbox)
    clock.use(lambda: at + timedelta(days=17))
    return found


def test_a_robot_that_opens_every_link_in_every_way_changes_nothing(client, letters):
    paths, before = links(letters), everything()
    assert len([path for path in paths if path.startswith("/follow-ups/")]) == 1
    assert len(paths) > 3
    for path in sorted(paths):
        for method in (client.get, client.head, client.options, client.post, client.put, client.delete):
            assert method(path).status_code < 500
    assert everything() == before


def test_a_robot_that_presses_every_button_it_finds_answers_nothing_in_anyones_name(letters):
    robot, before, pressed = Client(enforce_csrf_checks=True), everything(), []
    for path in sorted(links(letters)):
        page = robot.get(path)
        for action, fields in forms(page.content.decode()) if page.status_code == 200 else ():
            assert robot.post(action or path, fields).status_code < 500
            pressed.append(path)
    assert any(path.startswith("/follow-ups/") for path in pressed), "or no button was pressed that matters"
    assert everything() == before
    assert FollowUp.objects.filter(state=FollowUp.State.SENT).count() == 1
