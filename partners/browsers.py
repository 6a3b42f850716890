"""Browsers: what to call one, and who has signed in with it before.

A signed cookie keeps, for each account that signed in here, a keyed digest of its address and nothing else. It lets
us tell somebody of a browser that is new, and count a guesser's tries apart from their own.
"""

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

COOKIE = "known_browser"
MOST = 20  # accounts that one shared computer remembers

_BROWSERS = [("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")]
_SYSTEMS = [
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Android", "Android"),
    ("CrOS", "a Chromebook"),
    ("Windows", "Windows"),
    ("Mac OS", "a Mac"),
    ("Linux", "Linux"),
]


def name_of(user_agent: str) -> str:
    """'Firefox on Windows': enough to recognise one's own, and too little to follow anyone."""
    browser = next((name for sign, name in _BROWSERS if sign in user_agent), "A browser")
    system = next((name for sign, name in _SYSTEMS if sign in user_agent), "")
    return f"{browser} on {system}" if system else browser


def is_known(request: HttpRequest, email: str) -> bool:
    """Whether whoever has this address has signed in with this browser. No query."""
    return _digest(email) in _digests(request)


def remember(request: HttpRequest, response: HttpResponse, email: str) -> None:
    """From now on this browser is known to have signed that person in."""
    others = [digest for digest in _digests(request) if digest != _digest(email)]
    response.set_cookie(
        COOKIE,
        signing.dumps([*others, _digest(email)][-MOST:], salt=COOKIE),
        max_age=settings.KNOWN_BROWSER_DAYS * 24 * 60 * 60,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _digests(request: HttpRequest) -> list[str]:
    try:
        return signing.loads(request.COOKIES.get(COOKIE, ""), salt=COOKIE)
    except signing.BadSignature:
        return []


def _digest(email: str) -> str:
    return salted_hmac(COOKIE, email.lower()).hexdigest()[:24]
