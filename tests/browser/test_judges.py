"""Every check finds what it looks for: on a page that is well but for one flaw, that flaw and no other is told."""

import pytest

from tests.browser import judges
from tests.browser.scenes import VISITOR

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

HEADING = "document.querySelector('h1').style.cssText = "
ADD = "document.querySelector('main').insertAdjacentHTML('beforeend', "
FLAWS = {
    "a picture without words": (judges.by_axe, ADD + "`<img src='/favicon.ico'>`)", "image-alt"),
    "text in a faint colour": (judges.by_axe, HEADING + "'color: #bbb'", "color-contrast"),
    "a faint colour in the frame": (
        judges.by_axe_again,
        "document.querySelector('.ac-try-out p').style.cssText = 'color: #bbb'",
        "color-contrast",
    ),
    "a second main part": (judges.by_axe_again, ADD + "`<main>Again</main>`)", "landmark"),
    "a drawing too wide": (judges.by_zooming, ADD + "`<svg width='900' height='9'></svg>`)", "sticks out by"),
    "a table for the mouse alone": (
        judges.by_zooming,
        ADD + "`<div class='flaw'><p>A table with many columns</p></div>`);"
        "document.querySelector('.flaw').style.cssText = 'overflow-x: auto; width: 90px; white-space: nowrap'",
        "scrolls, but not by keyboard",
    ),
    "a box of one height": (judges.by_spacing, HEADING + "'height: 1em; overflow: hidden'", "cut off by"),
    "lines that cannot break": (judges.by_spacing, HEADING + "'white-space: nowrap; width: 320px'", "wider spaces"),
    "lines laid over others": (judges.by_spacing, HEADING + "'height: 1em; margin: 0'", "over other text"),
    "something that glides": (judges.by_stillness, HEADING + "'transition: transform 1s'", "would move"),
    "a page that glides": (
        judges.by_stillness,
        "document.documentElement.style.cssText = 'scroll-behavior: smooth'",
        "glides",
    ),
}


def judged(page, judge) -> list[str]:
    return judge(page, judges.PHONE) if judge is judges.by_axe else judge(page)


@pytest.mark.parametrize("name", FLAWS)
def test_control_a_flaw_is_found(tour, name):
    judge, flaw, wanted = FLAWS[name]
    tour.be(VISITOR)
    tour.page.goto(tour.site + "/help/")
    assert judged(tour.page, judge) == []
    tour.page.evaluate(f"() => {{ {flaw} }}")
    found = judged(tour.page, judge)
    assert wanted in "\n".join(found)


def test_wider_spaces_are_really_asked_for(tour):
    tour.be(VISITOR)
    tour.page.goto(tour.site + "/help/")
    height = "document.querySelector('main').scrollHeight"
    before = tour.page.evaluate(height)
    tour.page.evaluate(judges.SPACE_TEXT)
    assert tour.page.evaluate(height) > 1.2 * before
    tour.page.evaluate(judges.UNSPACE_TEXT)
    assert tour.page.evaluate(height) == before
