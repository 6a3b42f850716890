"""Rules of the house that no single page can keep: who may use each URL, and which way imports run."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, path

from partners.access import signed_in
from partners.permissions import May
from tests.factories import employed

OPEN = {  # to anyone, signed in or not; whoever adds to this list must have a reason
    "home",  # signed out: leads to the way in
    "account_login",
    "account_request_login_code",
    "account_confirm_login_code",
    "password_sign_in",
    "mfa_login_webauthn",
    "mfa_authenticate",
    "openid_connect_login",
    "openid_connect_callback",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "account_inactive",
    "calendar_feed",  # a calendar program cannot sign in; the address is the secret
    "sign_up",  # by those whom nobody knows yet
    "sign_up_code",
    "sign_up_about",
    "brand_css",
    "how_long",  # the privacy notice leads there, and to cookies
    "cookies",
    "health",
    "ready",
    "help",
    "account_signup",
    "accessibility",
    "privacy",
    "check_certificate",  # an employer need not work here
    "certificate",
    "scan",  # who scans the code on the screen signs in after it, or it would have changed meanwhile
    "follow_up",  # opened by the secret in its link
}
TRY_OUT_ONLY = "tryout_"


def every_pattern(patterns=None, before: str = "/") -> Iterator[tuple[str, URLPattern]]:
    """Each route of the site with its pattern, included ones as well."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from every_pattern(pattern.url_patterns, route)
        else:
            yield route, pattern


def access(pattern: URLPattern) -> str | None:
    """Who may use it, as its view declares."""
    return getattr(pattern.callback, "access", None)


PATTERNS = [pytest.param(route, pattern, id=pattern.name or route) for route, pattern in every_pattern()]


def undeclared(patterns) -> list[str]:
    """Routes of which nobody said who may use them."""
    allowed = {"public", "signed in", *May}
    return [route for route, pattern in every_pattern(patterns) if access(pattern) not in allowed]


def address(route: str) -> str:
    """An address that the route matches, of something that does not exist."""
    return re.sub(r"<(?:(\w+):)?\w+>", lambda found: "987654" if found[1] == "int" else "nothing", route)


def test_every_url_says_who_may_use_it():
    assert undeclared(get_resolver().url_patterns) == []


def test_a_url_of_which_nobody_says_so_is_found():
    """The test above would fail for it."""

    def view(request):
        return HttpResponse()

    added = [path("secrets/", view), path("ours/", signed_in(view))]
    assert undeclared([*get_resolver().url_patterns, *added]) == ["/secrets/"]


def test_only_the_listed_urls_are_open_to_anyone():
    public = {pattern.name for _, pattern in every_pattern() if access(pattern) == "public"}
    assert {name for name in public if not name.startswith(TRY_OUT_ONLY)} == OPEN


@pytest.mark.parametrize(("route", "pattern"), [p for p in PATTERNS if "<" in p.values[0]])
@pytest.mark.parametrize("method", ["get", "post"])
def test_what_does_not_exist_is_not_found_or_not_allowed_and_no_error(as_person, route, pattern, method):
    response = getattr(as_person(employed()), method)(address(route))
    assert response.status_code in (403, 404, 405)


def test_only_these_pages_are_open_to_those_who_owe_a_second_factor():
    """Ways to it and out, what anyone may read, and what a camera opens before one has signed in; nothing that shows or
    changes somebody's record."""
    excused = {pattern.name for _, pattern in every_pattern() if getattr(pattern.callback, "without_second_factor", 0)}
    assert {name for name in excused if not name.startswith(TRY_OUT_ONLY)} == {
        *("account", "account_logout", "confirm", "second_factor", "mfa_activate_totp", "mfa_add_webauthn"),
        *("brand_css", "health", "ready", "help", "account_signup", "accessibility", "privacy", "how_long", "cookies"),
        "scan",
    }


def test_each_permission_guards_a_page_or_is_not_there():
    used = {access(pattern) for _, pattern in every_pattern()} & set(May)
    assert used <= set(May)
    assert {May.USE_OWN_RECORD, May.SEE_PEOPLE, May.SEE_COHORTS, May.SEE_RETENTION, May.TAKE_REGISTERS} <= used


def test_imports_run_one_way():
    beside = Path(sys.executable).with_name("lint-imports")
    command = str(beside) if beside.exists() else shutil.which("lint-imports")
    done = subprocess.run([command, "--no-cache"], cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout


def _fit_for_forms(name: str, texts: dict[str, str]) -> bool:
    """Whether a template has a form with the token that the server asks of what is sent, or includes one that has."""
    included = re.findall(r'{% include "([^"]+)"', texts[name])
    return "{% csrf_token %}" in texts[name] or any(
        _fit_for_forms(other, texts) for other in included if other in texts
    )


def test_no_form_is_included_without_the_token_that_the_server_asks_of_it():
    """`only` leaves it behind: the form would be refused in every browser, and in no test client."""
    folder = Path(settings.BASE_DIR) / "templates"
    texts = {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*.html")}
    bare = [
        (name, other)
        for name, text in texts.items()
        for other in re.findall(r'{% include "([^"]+)"[^%]* only %}', text)
        if other in texts and _fit_for_forms(other, texts)
    ]
    assert bare == []
