"""With the reader's own colours, focus and choices can still be told. (That nothing moves for those who ask for less
motion is asked of every page, in test_every_page.py.)
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.browser.test_keyboard import LIST_CONTROLS, MAIN_PAGES

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

MOST_PARTS_OF_A_FIELD = 5
# Which kind of control has the focus, and where it and its label are, with room for what is drawn around it.
PLACE = """() => {
    const node = document.activeElement, label = node.nextElementSibling;
    node.scrollIntoView({block: "center"});
    const boxes = [node, label?.matches("label") ? label : node].map(one => one.getBoundingClientRect());
    const [x, y] = [Math.min(...boxes.map(box => box.left)) - 8, Math.min(...boxes.map(box => box.top)) - 8];
    const [right, foot] = [Math.max(...boxes.map(box => box.right)) + 8, Math.max(...boxes.map(box => box.bottom)) + 8];
    const [width, height] = [Math.min(right - x, 400), Math.min(foot - y, 200)];
    const clip = {x: Math.max(x, 0), y: Math.max(y, 0), width, height};
    return {kind: `${node.localName} ${node.type || ""} ${node.className}`, words: words(node), clip};
}"""


@pytest.fixture
def forced(tour) -> Iterator[Page]:
    """The tour's window with the colours of high contrast."""
    tour.page.emulate_media(forced_colors="active")
    yield tour.page
    tour.page.emulate_media(forced_colors=None)


def unseen(page: Page, known: set[str]) -> list[str]:
    """Controls whose picture is the same with the focus and without; one of each kind not yet `known` is looked at."""
    problems = []
    for _ in range(MOST_PARTS_OF_A_FIELD + len(page.evaluate(LIST_CONTROLS))):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        place = page.evaluate(PLACE)
        if place["kind"] in known:
            continue
        known.add(place["kind"])
        focused = page.screenshot(clip=place["clip"])
        page.evaluate("window.was = document.activeElement; was.blur()")
        if page.screenshot(clip=place["clip"]) == focused:
            problems.append(f"‘{place['words']}’ ({place['kind']}) looks the same with the focus")
        page.evaluate("was.focus({preventScroll: true})")
    return problems


def test_focus_is_seen_on_every_kind_of_control_in_forced_colours(tour, forced):
    problems, known = [], set()
    for who, address in MAIN_PAGES:
        tour.be(who)
        forced.goto(tour.site + address.format(**tour.world.facts))
        problems += [f"{address}, as {who}: {each}" for each in unseen(forced, known)]
    assert len(known) > 20
    assert problems == [], "\n" + "\n".join(problems)


def test_control_focus_that_only_colours_tell_is_found(tour, forced):
    tour.be("learner")
    forced.goto(tour.site + "/help/")
    # As if somebody drew focus by colours and a shadow alone, which forced colours take away.
    forced.evaluate("document.querySelector('main a').style.cssText = 'outline: none; text-decoration: none'")
    assert "looks the same with the focus" in "\n".join(unseen(forced, set()))


def test_a_mark_on_a_register_is_told_from_the_others_in_forced_colours(tour, forced):
    tour.be("trainer")
    forced.goto(tour.site + "/runs/{taught}/register/".format(**tour.world.facts))
    choice = forced.locator(".ac-register__choice").first
    before = choice.screenshot()
    choice.get_by_role("radio").check()
    forced.evaluate("document.activeElement.blur()")
    forced.mouse.move(0, 0)
    assert choice.screenshot() != before
    colour = "label => getComputedStyle(label).color"
    chosen, other = (forced.locator(".ac-register__choice label").nth(place).evaluate(colour) for place in (0, 1))
    assert chosen != other
