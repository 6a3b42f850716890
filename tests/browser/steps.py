"""What journeys share: the post that people read, the way in, and a look at the pages on the way."""

import re

from django.core import mail
from django.core.mail import EmailMessage
from playwright.sync_api import expect

from tests.browser.conftest import SHOTS, Walk
from tests.browser.judges import AXE, SIDEWAYS, by_axe
from tests.signing.steps import app_code, code_in


def post(address: str, about: str = "") -> EmailMessage:
    """The newest mail to an address, with these words in its subject."""
    found = [each for each in mail.outbox if address in each.to and about in each.subject]
    assert found, (address, about, [(each.to, each.subject) for each in mail.outbox])
    return found[-1]


def link_in(message: EmailMessage, part: str) -> str:
    """The first link in a mail that has `part` in it, without the name of the site."""
    return re.search(rf"https?://[^/\s]+(?=/)(\S*{part}\S*)", message.body).group(1)


def invitation_in(message: EmailMessage) -> str:
    """The calendar file that comes with a mail, with its long lines put together again; '' where there is none."""
    files = [each for each in message.message().walk() if each.get_content_type() == "text/calendar"]
    text = files[0].get_payload(decode=True).decode() if files else ""
    return text.replace("\r\n ", "").replace("\r\n", "\n")


def sign_in(me: Walk, email: str) -> None:
    """With a code from an e-mail, by keyboard."""
    me.to("/sign-in/")
    me.page.get_by_label("Work e-mail address").fill(email)
    me.page.keyboard.press("Enter")
    expect(me.page.get_by_role("heading", name="Enter your code")).to_be_visible()
    me.page.get_by_label("Code").fill(code_in(post(email, "sign-in")))
    me.page.keyboard.press("Enter")


def set_up_app(me: Walk) -> None:
    """On the way in, where a second factor is owed: an authenticator app."""
    expect(me.page.get_by_role("heading", name="Set up a second factor")).to_be_visible()
    me.press("An authenticator app", "link")
    secret = me.page.locator(".ac-secret").inner_text().replace(" ", "")
    me.page.get_by_label("Code that the app shows").fill(app_code(secret))
    me.page.keyboard.press("Enter")
    me.press("I have kept them: go on", "link")


def see(me: Walk, name: str) -> None:
    """Judge this page at the width that its window has, and keep a picture of it. Axe needs a script."""
    me.page.wait_for_load_state()
    pixels = me.page.viewport_size["width"]
    found = me.page.evaluate(SIDEWAYS)
    if me.scripts:
        me.page.evaluate(AXE)
        found += by_axe(me.page, pixels)
    me.troubles += [f"{name}: {problem}" for problem in found]
    if SHOTS:
        me.page.screenshot(path=f"{SHOTS}/{name}-{pixels}.png", full_page=True)


def open_menu(me: Walk) -> None:
    """On a phone; where no script runs it is open."""
    menu = me.page.get_by_role("button", name="Menu")
    if menu.is_visible():
        menu.click()
