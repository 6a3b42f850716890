"""What every page must pass, each a function from a loaded page to a list of problems, in words."""

from pathlib import Path

from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[2]
AXE = (ROOT / "node_modules/axe-core/axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
DESK, PHONE, ZOOMED = 1280, 375, 320  # a desk's window at 400% is 320 CSS pixels wide

RUN_AXE = """async tags => (await axe.run(document, {runOnly: tags, resultTypes: ["violations"]})).violations.map(
    found => `${found.id}: ${found.help}: ${found.nodes.map(node => node.html.slice(0, 200)).join(" | ")}`)"""

# For a page whose own part axe has passed at this width for someone else: all rules again, but for the two dear ones,
# which look at one element at a time and here at those of the frame only.
RUN_AXE_AGAIN = """async tags => {
    const dear = ["color-contrast", "target-size"], options = {resultTypes: ["violations"]};
    const rules = Object.fromEntries(dear.map(rule => [rule, {enabled: false}]));
    const whole = await axe.run(document, {...options, runOnly: tags, rules});
    const frame = await axe.run({exclude: ["main"]}, {...options, runOnly: {type: "rule", values: dear}});
    return [...whole.violations, ...frame.violations].map(
        found => `${found.id}: ${found.help}: ${found.nodes.map(node => node.html.slice(0, 200)).join(" | ")}`);
}"""

# What sticks out sideways; and what scrolls by itself without a way to do so from the keyboard.
SIDEWAYS = """() => {
    const root = document.documentElement, problems = [];
    const named = node => `<${node.localName} class="${node.getAttribute("class") || ""}">`;
    if (root.scrollWidth > root.clientWidth) {
        const out = [...document.body.querySelectorAll("*")].filter(
            node => node.getBoundingClientRect().right > root.clientWidth + 1 && !node.closest(".ac-scroll *"));
        problems.push(`sticks out by ${root.scrollWidth - root.clientWidth} px: ${out.slice(0, 3).map(named)}`);
    }
    for (const node of document.body.querySelectorAll("*")) {
        const scrolls = /auto|scroll/.test(getComputedStyle(node).overflowX) && node.scrollWidth > node.clientWidth + 1;
        if (scrolls && node.tabIndex < 0) problems.push(`scrolls, but not by keyboard: ${named(node)}`);
    }
    return problems;
}"""

# A sheet built by script: the content policy stops any other way to bring in a style.
SPACE_TEXT = """() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`* { line-height: 1.5 !important }
        * { letter-spacing: .12em !important; word-spacing: .16em !important }
        p { margin-bottom: 2em !important }`);
    document.adoptedStyleSheets = [sheet];
}"""
UNSPACE_TEXT = "() => { document.adoptedStyleSheets = [] }"

# Text in a box too small for it, beyond the window's or a drawing's edge, or over other text.  What is meant to be
# heard and not seen is clipped on purpose, and so is what a closed menu hides.
CUT_OFF = """known => {
    const problems = [], lines = [], wide = document.documentElement.clientWidth;
    const quiet = node => node.closest(".govuk-visually-hidden, .govuk-skip-link, thead");
    const clipped = node => node && getComputedStyle(node).clipPath !== "none";
    const heard = node => node.closest("title, desc") || clipped(quiet(node));
    const clips = style => [style.overflowX, style.overflowY].some(value => /hidden|clip/.test(value));
    for (const node of document.body.querySelectorAll("*")) {
        if (!node.innerText?.trim() || !node.checkVisibility() || heard(node)) continue;
        const more = [node.scrollWidth - node.clientWidth, node.scrollHeight - node.clientHeight];
        if (clips(getComputedStyle(node)) && Math.max(...more) > 1)
            problems.push(`cut off by ${more} px: ${node.outerHTML.slice(0, 100)}`);
    }
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let text; (text = walker.nextNode());) {
        const parent = text.parentElement;
        if (!text.data.trim() || parent.closest(`script, option, textarea, ${known}`) || heard(parent)) continue;
        if (!parent.checkVisibility({visibilityProperty: true})) continue;
        const range = document.createRange();
        range.selectNodeContents(text);
        const frame = parent.closest("svg")?.getBoundingClientRect();
        for (const box of range.getClientRects()) {
            if (box.width < 2) continue;
            const scrolled = parent.closest(".ac-scroll");
            if (!scrolled && (box.left < -1 || box.right > wide + 1)) problems.push(`out of the window: ${text.data}`);
            if (frame && (box.left < frame.left - 8 || box.right > frame.right + 8))
                problems.push(`out of its drawing: ${text.data}`);
            for (const [other, words] of lines) {
                const x = Math.min(box.right, other.right) - Math.max(box.left, other.left);
                const y = Math.min(box.bottom, other.bottom) - Math.max(box.top, other.top);
                if (x > 2 && y > 6) problems.push(`over other text: ${text.data} / ${words}`);
            }
            lines.push([box, text.data]);
        }
    }
    return [...new Set(problems)];
}"""

# Anything with a transition or animation that still takes time, and anything that glides when scrolled to.
MOVING = """() => {
    const lasts = times => times.split(",").some(time => parseFloat(time) > 0);
    const named = node => `<${node.localName} class="${node.getAttribute("class") || ""}">`;
    const problems = new Set(document.getAnimations().map(each => `moves: ${named(each.effect.target)}`));
    for (const node of document.querySelectorAll("*")) {
        for (const part of [null, "::before", "::after"]) {
            const style = getComputedStyle(node, part);
            if (lasts(style.transitionDuration) || (style.animationName !== "none" && lasts(style.animationDuration)))
                problems.add(`would move: ${named(node)}${part || ""} ${style.transitionProperty}`);
            if (style.scrollBehavior === "smooth") problems.add(`glides: ${named(node)}`);
        }
    }
    return [...problems];
}"""

# Their labels, with wider spaces: the accessibility statement says so.
KNOWN_GAP = ", ".join(f'svg[aria-labelledby^="{chart}"]' for chart in ("shares-", "quarters", "given", "demand"))


def width(page: Page, pixels: int) -> None:
    page.set_viewport_size({"width": pixels, "height": 800})


def by_axe(page: Page, *widths: int) -> list[str]:
    """Violations that axe-core, which windows of tours bring along, finds at each of these widths."""
    problems = []
    for pixels in widths:
        width(page, pixels)
        problems += [f"at {pixels}: {found}" for found in page.evaluate(RUN_AXE, RULES)]
    return problems


def by_axe_again(page: Page) -> list[str]:
    """Violations at a desk, of a page that differs in its frame alone from one that was judged there."""
    return [f"at {DESK}: {found}" for found in page.evaluate(RUN_AXE_AGAIN, RULES)]


def by_zooming(page: Page) -> list[str]:
    """What needs scrolling sideways at 400% (WCAG 1.4.10), or cannot be scrolled by keyboard."""
    width(page, ZOOMED)
    return [f"at {ZOOMED}: {found}" for found in page.evaluate(SIDEWAYS)]


def by_spacing(page: Page) -> list[str]:
    """What is lost with wider spaces in text, zoomed in and at a desk (WCAG 1.4.12)."""
    page.evaluate(SPACE_TEXT)
    problems = []
    for pixels in (ZOOMED, DESK):
        width(page, pixels)
        found = page.evaluate(SIDEWAYS) + page.evaluate(CUT_OFF, KNOWN_GAP)
        problems += [f"at {pixels} with wider spaces: {each}" for each in found]
    page.evaluate(UNSPACE_TEXT)
    return problems


def by_stillness(page: Page) -> list[str]:
    """What would move although less motion is asked for."""
    page.emulate_media(reduced_motion="reduce")
    problems = page.evaluate(MOVING)
    page.emulate_media(reduced_motion=None)
    return problems


def everything(page: Page) -> list[str]:
    """All that there is to find."""
    problems = by_axe(page, DESK, PHONE) + by_zooming(page) + by_spacing(page) + by_stillness(page)
    width(page, DESK)
    return problems
