"""Which cookies the academy sets, from the settings that make it set them."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.utils.module_loading import import_string

from academy.lib.text import plural
from partners import browsers

IN_THE_TAB = "htmx-current-path-for-history"  # what the one script keeps in the browser, until the tab is closed


@dataclass(frozen=True)
class Cookie:
    """One cookie: what it is for and how long the browser keeps it."""

    name: str
    why: str
    how_long: str


def cookies() -> list[Cookie]:
    """Every cookie that a visit may leave in a browser."""
    session = Cookie(
        settings.SESSION_COOKIE_NAME,
        "Keeps you signed in, and remembers that you asked for a code.",
        "Until you close the browser"
        if settings.SESSION_EXPIRE_AT_BROWSER_CLOSE
        else _length(settings.SESSION_COOKIE_AGE),
    )
    form = Cookie(
        settings.CSRF_COOKIE_NAME,
        "Proves that a form was sent from our own page, so that no other website can act in your name.",
        _length(settings.CSRF_COOKIE_AGE),
    )
    browser = Cookie(
        browsers.COOKIE,
        "Remembers that you have signed in with this browser, so that we can tell you when it is another one.",
        plural(settings.KNOWN_BROWSER_DAYS, "day"),
    )
    return [session, form, browser, *_messages()]


def _messages() -> list[Cookie]:
    storage = import_string(settings.MESSAGE_STORAGE)
    if storage is not CookieStorage and CookieStorage not in getattr(storage, "storage_classes", ()):
        return []
    why = "Carries a sentence such as ‘Register saved’ from one page to the next."
    return [Cookie(CookieStorage.cookie_name, why, "Until the next page has shown it")]


def _length(seconds: int) -> str:
    for unit, size in (("week", 604_800), ("day", 86_400), ("hour", 3600), ("minute", 60)):
        if seconds % size == 0:
            return plural(seconds // size, unit)
    return plural(seconds, "second")
