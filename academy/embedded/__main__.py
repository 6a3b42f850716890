"""The commands of `run.py`, as `python -m academy.embedded COMMAND …` inside `.venv`."""

import os
import sys
from collections.abc import Callable

from academy.embedded import CannotStart, assets, checks, explained, place, postgres, suite, tryout, valkey
from academy.embedded.supervisor import say


def start(arguments: list[str]) -> None:
    """Serve the try-out."""
    tryout.start()


def setup(arguments: list[str]) -> None:
    """Fetch everything that the try-out needs, and start nothing."""
    place.make_sure_of_room()
    postgres.binaries()
    valkey.binary()
    assets.bring_up_to_date()
    say("Everything is here. `python3 run.py` starts the try-out.")


def test(arguments: list[str]) -> None:
    """Run the tests."""
    sys.exit(suite.run(arguments))


def check(arguments: list[str]) -> None:
    """Judge the code without changing it."""
    sys.exit(checks.run())


def fix(arguments: list[str]) -> None:
    """Put right what a program can put right."""
    sys.exit(checks.fix())


def bench(arguments: list[str]) -> None:
    """Measure."""
    if not (place.ROOT / "bench" / "__main__.py").exists():
        raise CannotStart("There is nothing to measure with yet: the folder bench has no __main__.py.")
    _become("-m", "bench", *arguments)


def demo(arguments: list[str]) -> None:
    """Load invented people, runs and answers."""
    _become("manage.py", "demo", *arguments)


def shell(arguments: list[str]) -> None:
    """A Python shell with the academy loaded."""
    _become("manage.py", "shell", *arguments)


COMMANDS: dict[str, Callable[[list[str]], None]] = {
    command.__name__: command for command in (start, setup, test, check, fix, bench, demo, shell)
}


def main() -> None:
    """Run one command; a service that cannot start, or a full disk, is one sentence."""
    os.chdir(place.ROOT)
    try:
        COMMANDS[sys.argv[1]](sys.argv[2:])
    except (CannotStart, OSError) as error:
        sys.exit(explained(error))
    except KeyboardInterrupt:
        sys.exit("Stopped.")


def _become(*arguments: str) -> None:
    """Go on as another Python program, in this process."""
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, *arguments])


if __name__ == "__main__":
    main()
