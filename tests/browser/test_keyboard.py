"""By keyboard alone: the way past the frame, every control in order and to be seen, the menu, and mistakes."""

import pytest
from playwright.sync_api import expect

from tests.browser import judges
from tests.browser.judges import PHONE
from tests.browser.scenes import MISTAKES, NEWCOMER, VISITOR

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

MAIN_PAGES = [
    (VISITOR, "/sign-in/"),
    (VISITOR, "/follow-ups/{to_answer}/"),
    (VISITOR, "/certificates/"),
    (VISITOR, "/try-out/"),
    ("learner", "/"),
    ("learner", "/courses/"),
    ("learner", "/courses/{course}/"),
    ("learner", "/bookings/"),
    (NEWCOMER, "/runs/{open}/"),
    (NEWCOMER, "/runs/{open}/book/"),
    ("manager", "/people/"),
    ("trainer", "/runs/{taught}/register/"),
    ("trainer", "/runs/{closed}/"),
    ("lead", "/cohorts/"),
    ("director", "/retention/"),
    ("administrator", "/system/"),
]

# Every control that can be seen, in the order of the page, and how each looks without the focus.  Of a group of radios
# Tab reaches one: that chosen, or the first.  A control may show its focus by its label.  An outline that nobody sees
# without forced colours does not count.
LIST_CONTROLS = r"""() => {
    const seen = node => node.checkVisibility({visibilityProperty: true}) && !node.disabled;
    const fields = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
    const all = [...document.querySelectorAll(fields)].filter(seen);
    const alike = (one, other) => one.type === other.type && one.name === other.name && one.form === other.form;
    const group = radio => all.filter(node => alike(node, radio));
    const reached = node => node.type !== "radio" || node === (group(node).find(one => one.checked) || group(node)[0]);
    const clear = colour => colour === "transparent" || /, 0\)$/.test(colour);
    const part = (node, pseudo) => {
        const style = getComputedStyle(node, pseudo);
        const outline = style.outlineStyle === "none" || clear(style.outlineColor) ? "" : style.outline;
        const border = style.borderTopWidth === "0px" ? "" : style.borderTop;
        return [outline, border, style.boxShadow, style.backgroundColor];
    };
    const label = node => node.nextElementSibling?.matches("label") ? node.nextElementSibling : node;
    const parts = node => [part(node, null), part(node, "::before"), part(node, "::after")];
    window.look = node => JSON.stringify([...parts(node), ...parts(label(node))]);
    window.words = node => (node.innerText || node.value || node.name || node.outerHTML).slice(0, 60).trim();
    window.controls = all.filter(reached);
    window.calm = controls.map(look);
    return controls.map(words);
}"""
WHERE = """() => {
    const node = document.activeElement, place = controls.indexOf(node), box = node.getBoundingClientRect();
    const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth && box.height > 1;
    return {place, words: words(node), shown: place < 0 || look(node) !== calm[place], inside};
}"""
FOCUSED = "document.activeElement.id || document.activeElement.className"


def walked(page) -> list[str]:
    """Press Tab from the top of the page to its end; what is wrong on the way."""
    controls = page.evaluate(LIST_CONTROLS)
    problems, place = [], -1
    while place + 1 < len(controls):
        page.keyboard.press("Tab")
        now = page.evaluate(WHERE)
        if now["place"] == place >= 0:  # the next part of the same field: day, month, year
            continue
        if now["place"] != place + 1:
            return [*problems, f"after ‘{controls[place]}’ Tab leads to ‘{now['words']}’, not ‘{controls[place + 1]}’"]
        place = now["place"]
        if not now["shown"]:
            problems.append(f"‘{now['words']}’ does not show its focus")
        if not now["inside"]:
            problems.append(f"‘{now['words']}’ is out of sight")
    return problems


def test_tab_reaches_every_control_in_order_and_its_focus_is_seen(tour):
    problems = []
    for who, address in MAIN_PAGES:
        tour.be(who)
        tour.page.goto(tour.site + address.format(**tour.world.facts))
        problems += [f"{address}, as {who}: {each}" for each in walked(tour.page)]
    assert problems == [], "\n" + "\n".join(problems)


@pytest.mark.parametrize(
    ("flaw", "found"),
    [
        ("document.querySelector('main a').tabIndex = 1", "Tab leads to"),
        ("document.querySelector('main a').tabIndex = -1", "Tab leads to"),
        ("document.querySelector('main a').addEventListener('focus', event => event.target.blur())", "Tab leads to"),
        ("document.querySelector('main a').style.cssText = 'all: unset'", "does not show its focus"),
        ("document.querySelector('main a').style.cssText = 'position: fixed; left: -900px'", "is out of sight"),
    ],
)
def test_control_a_flaw_on_the_way_is_found(tour, flaw, found):
    tour.be(VISITOR)
    tour.page.goto(tour.site + "/help/")
    tour.page.evaluate(flaw)
    assert found in "\n".join(walked(tour.page))


def test_the_first_link_leads_past_the_frame(tour):
    problems = []
    for who, address in MAIN_PAGES:
        tour.be(who)
        tour.page.goto(tour.site + address.format(**tour.world.facts))
        tour.page.keyboard.press("Tab")
        link = tour.page.get_by_role("link", name="Skip to main content")
        expect(link).to_be_focused()
        expect(link).to_be_in_viewport()
        tour.page.keyboard.press("Enter")
        tour.page.keyboard.press("Tab")
        if not tour.page.evaluate("document.activeElement.closest('main') !== null"):
            problems.append(f"{address}, as {who}: leads to {tour.page.evaluate(FOCUSED)}")
    assert problems == []


def test_the_menu_of_a_narrow_window_opens_and_closes(tour):
    tour.be("lead")
    judges.width(tour.page, PHONE)
    tour.page.goto(tour.site + "/help/")
    menu = tour.page.get_by_role("button", name="Menu")
    first, wanted = (tour.page.get_by_role("link", name=name) for name in ("Your list", "Find training"))
    expect(first).to_be_hidden()
    for _ in range(9):
        tour.page.keyboard.press("Tab")
        if menu.evaluate("node => node === document.activeElement"):
            break
    expect(menu).to_be_focused()
    for key, state in (("Enter", "true"), ("Space", "false"), ("Enter", "true")):
        tour.page.keyboard.press(key)
        expect(menu).to_have_attribute("aria-expanded", state)
        expect(first).to_be_visible(visible=state == "true")
    tour.page.keyboard.press("Tab")
    expect(first).to_be_focused()
    tour.page.keyboard.press("Tab")
    expect(wanted).to_be_focused()
    tour.page.keyboard.press("Enter")
    expect(tour.page.get_by_role("heading", name="Find training")).to_be_visible()
    judges.width(tour.page, judges.DESK)


def test_a_mistake_is_read_out_and_each_line_of_it_leads_to_its_field(tour):
    problems = []
    for name, mistake in MISTAKES.items():
        tour.blunder(mistake)
        page = tour.page
        summary = page.locator(".govuk-error-summary")
        expect(summary).to_be_focused()
        links = summary.get_by_role("link")
        assert links.count(), name
        for place in range(links.count()):
            wanted = links.nth(place).get_attribute("href")
            links.nth(place).focus()
            page.keyboard.press("Enter")
            led = page.evaluate("(({id, localName: name}) => [`#${id}`, name])(document.activeElement)")
            if led[0] != wanted or led[1] not in ("input", "textarea", "select"):
                problems.append(f"{name}: {wanted} leads to {led}")
        if not page.title().startswith("Error: "):
            problems.append(f"{name}: the title does not say so")
    assert problems == []
