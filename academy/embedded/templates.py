"""Compiles every template of the project, so that a typing error is found before a page is."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import django
from django.conf import settings
from django.template import TemplateSyntaxError
from django.template.loader import get_template


def main() -> None:
    """Exits with status 1 and a line for each template that does not compile."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "academy.settings")
    django.setup()
    faults = [fault for name in names() if (fault := fault_in(name))]
    sys.exit("\n".join(faults) if faults else 0)


def names() -> Iterator[str]:
    """The templates' names as views would write them."""
    base = Path(settings.BASE_DIR)
    for folder in [base / "templates", *base.glob("*/templates")]:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                yield str(path.relative_to(folder))


def fault_in(name: str) -> str | None:
    """What is wrong with the template, if anything."""
    try:
        get_template(name)
    except (TemplateSyntaxError, UnicodeDecodeError) as error:
        return f"{name}: {error}"
    return None


if __name__ == "__main__":
    main()
