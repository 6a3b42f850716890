"""`run.py check` judges the code and changes nothing; `run.py fix` puts right what it can."""

import os
import subprocess
import sys

from academy.embedded import place, services
from academy.embedded.supervisor import say

RUFF = [sys.executable, "-m", "ruff"]
MANAGE = [sys.executable, "manage.py"]
IMPORTS = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as lint; lint()"]
# What an old worker could not live with during an upgrade; first migrations have no old worker.
UPGRADES = ["--no-cache", "--ignore-initial-migrations", "--quiet", "ok", "ignore", "warning"]
# Judged by a person: a unique constraint that is only made wider, by a state that an old worker does not know.
UPGRADES += ["--ignore-name", "0005_offers_are_live"]
UPGRADES += ["--include-apps", "partners", "courses", "cohorts", "evaluation"]

CHECKS = {
    "lint": [*RUFF, "check"],
    "format": [*RUFF, "format", "--check"],
    "imports": IMPORTS,
    "migrations": [*MANAGE, "makemigrations", "--check", "--dry-run"],
    "upgrades": [*MANAGE, "lintmigrations", "--settings", "academy.embedded.upgrades", *UPGRADES],
    "deployment": [*MANAGE, "check", "--deploy", "--fail-level", "WARNING"],
    "templates": [sys.executable, "-m", "academy.embedded.templates"],
}
# The settings that a council's server would have; nothing is served with them.
AS_IN_PRODUCTION = {
    "ALLOWED_HOSTS": "academy.example.org",
    "SECRET_KEY": "only-for-checking-" + "0123456789abcdefghijklmnopqrstuvwxyz" * 2,
    "TRY_OUT": "0",
}


def run() -> int:
    """Run every check, then name those that failed; the exit status."""
    failed = []
    with services.for_this_process():
        for name, command in CHECKS.items():
            say(f"— {name}")
            if _status(command, **AS_IN_PRODUCTION):
                failed.append(name)
    say(f"Failed: {', '.join(failed)}." if failed else "All is well.")
    return 1 if failed else 0


def fix() -> int:
    """Let ruff mend and format; the exit status."""
    return max(_status([*RUFF, "check", "--fix"]), _status([*RUFF, "format"]))


def _status(command: list[str], **environment: str) -> int:
    return subprocess.run(command, cwd=place.ROOT, env={**os.environ, **environment}).returncode
