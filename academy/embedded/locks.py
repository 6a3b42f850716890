"""File locks that end with the process that holds them, however it ends.

Every file is opened close-on-exec (Python's default), so that no server started under a lock inherits it.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the file alone for as long as the block lasts; waits until nobody else holds it."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def shared(path: Path) -> IO[str]:
    """The open file, held together with others until it is closed."""
    file = path.open("a")
    fcntl.flock(file, fcntl.LOCK_SH)
    return file


def taken(path: Path) -> IO[str] | None:
    """The open file, held alone until it is closed; None if anybody else holds it."""
    file = path.open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def is_free(path: Path) -> bool:
    """Whether nobody holds the file at this moment."""
    file = taken(path)
    if file:
        file.close()
    return file is not None


def wait_until_free(path: Path) -> None:
    """Return once nobody holds the file, not even together with others."""
    with exclusive(path):
        pass
