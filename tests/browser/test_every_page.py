"""Every page, as everyone who may open it sees it: axe at a desk and on a phone, 400% zoom, wider spaces in text, and
stillness for those who ask for it. Each page is loaded once for each person, and the same page is then judged.
"""

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import path

from tests.browser import judges
from tests.browser.scenes import (
    ACTING,
    ASKED,
    ASKS,
    AT_A_SESSION,
    EVERYONE,
    HALFWAY,
    MISTAKES,
    NEWCOMER,
    NO_PAGE,
    OLD_FORM,
    SCENES,
    SHOWN,
    WAITS,
    unlisted,
)
from tests.test_architecture import address, every_pattern

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


def test_every_named_url_is_shown_in_a_scene_or_said_to_be_no_page():
    assert unlisted() == set()
    routes = {pattern.name for _, pattern in every_pattern()}
    assert {scene.page for scene in SCENES} | NO_PAGE.keys() == routes


def test_a_page_in_no_list_is_found():
    assert unlisted([path("new/", lambda request: None, name="new"), path("help/", print, name="help")]) == {"/new/"}


def test_what_is_said_to_be_no_page_is_none(tour):
    """Asked for by someone who may open everything, it is a file, is for machines, leads elsewhere or is not there."""
    shown = []
    for route, pattern in every_pattern():
        if pattern.name in NO_PAGE:
            response = Client().get(address(route))
            if response.status_code == 200 and response["Content-Type"].startswith("text/html"):
                shown.append(route)
    assert shown == []


@pytest.mark.parametrize("who", [*EVERYONE, ASKED, ASKS, SHOWN, WAITS, HALFWAY, NEWCOMER, ACTING, AT_A_SESSION])
def test_every_page_passes_for(tour, who):
    """A page that says the same to several people is judged in full for the first; for the others, its frame is."""
    tour.be(who)
    problems, scenes = [], list(tour.world.scenes_for(who))
    for scene in scenes:
        found = tour.open(scene, who)
        found += judges.everything(tour.page) if tour.is_new(who) else judges.by_axe_again(tour.page)
        problems += [f"{scene}, as {who}, {each}" for each in found]
    assert scenes
    assert problems == [], "\n" + "\n".join(problems)


def test_every_form_with_errors_passes(tour):
    problems = []
    for name, mistake in (*MISTAKES.items(), ("an old form", OLD_FORM)):
        found = tour.blunder(mistake) + judges.everything(tour.page)
        problems += [f"{name}, {each}" for each in found]
    assert problems == [], "\n" + "\n".join(problems)


def test_the_page_for_when_everything_is_broken_passes(tour):
    broken = tour.site + "/broken/"
    html = render_to_string("500.html")
    tour.context.route(broken, lambda route: route.fulfill(status=200, body=html, content_type="text/html"))
    tour.page.goto(broken)
    assert tour.page.title() == "Sorry, something went wrong"
    assert judges.everything(tour.page) == []
