"""Migrates, loads the demo academy into an empty database, and prints who can sign in: all in one process.

`python -m academy.embedded.prepare`; progress goes to stderr, so that stdout holds the names alone.
"""

import contextlib
import os
import signal
import sys

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command, get_commands


def main() -> None:
    """Safe to repeat. Exits with a sentence where the settings are at odds with each other."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C needs no traceback here
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "academy.settings")
    try:
        django.setup()
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    with contextlib.redirect_stdout(sys.stderr):
        call_command("migrate", verbosity=0)
        _demo(if_empty=True)
    _demo(who=True)


def _demo(**options: bool) -> None:
    if "demo" in get_commands():
        call_command("demo", **options)


if __name__ == "__main__":
    main()
