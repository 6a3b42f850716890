#!/usr/bin/env python3
"""Django's command line. Uses DATABASE_URL if set; else starts or joins the embedded database."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "academy.settings")
    from academy.embedded import services

    with services.for_this_process():
        from django.core.management import execute_from_command_line

        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
