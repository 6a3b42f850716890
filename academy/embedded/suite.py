"""`run.py test`: everything that the tests need, then pytest."""

import os
import shutil
import subprocess
import sys

from academy.embedded import CannotStart, assets, place
from academy.embedded.supervisor import say

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
WORKERS = "2"


def run(arguments: list[str]) -> int:
    """Run pytest with the arguments; its exit status. Brings a browser if there is none."""
    assets.bring_up_to_date()
    if browser := chromium():
        os.environ["CHROMIUM"] = browser
    command = [sys.executable, "-m", "pytest", *in_parallel(arguments), *arguments]
    return subprocess.run(command, cwd=place.ROOT).returncode


def in_parallel(arguments: list[str]) -> list[str]:
    """The options that spread the tests over processes, unless the arguments have their own mind about it."""
    own_mind = any(each.startswith(("-n", "--numprocesses")) or "no:xdist" in each for each in arguments)
    return [] if own_mind else ["-n", WORKERS]


def chromium() -> str | None:
    """The path of a Chromium; None where Playwright has downloaded its own, which it finds by itself.

    Raises CannotStart where there is none to be had.
    """
    if found := _on_this_machine():
        return found
    say("Fetching Chromium for the tests that use a browser …")
    if os.geteuid() == 0 and shutil.which("apt-get"):
        _try("apt-get", "update", "-qq")
        _try("apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium")
    if found := _on_this_machine():
        return found
    if not _try(sys.executable, "-m", "playwright", "install", "chromium"):
        raise CannotStart("The tests need Chromium. Install it, or set CHROMIUM to the path of one.")
    return None


def _on_this_machine() -> str | None:
    found = [os.environ.get("CHROMIUM"), *map(shutil.which, BROWSERS)]
    return next(filter(None, found), None)


def _try(*command: str) -> bool:
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL).returncode == 0
