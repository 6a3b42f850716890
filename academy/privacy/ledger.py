"""Who was erased, in a file outside the database: one line each, appended and never changed.

A line names the person's record by its uuid, which is drawn by chance and stands nowhere else: it says nothing of who
it was, and a newcomer who is given the same id after an older backup was restored has another one.
"""

import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from django.conf import settings


class CannotWrite(Exception):
    """The file cannot be written, so nobody was erased. Fit to show."""


@dataclass(frozen=True)
class Line:
    """One erasure."""

    record: UUID
    person: int
    at: datetime
    rule: str

    def __str__(self) -> str:
        said = {"record": str(self.record), "person": self.person, "at": self.at.isoformat(), "rule": self.rule}
        return json.dumps(said) + "\n"


def write(lines: Iterable[Line]) -> None:
    """Append lines, and come back once they are on the disk. Raises CannotWrite."""
    text = "".join(map(str, lines)).encode()
    if not text:
        return
    path = settings.ERASURES_FILE
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        is_new = not path.exists()
        _append(path, text)
        if is_new:
            _sync(path.parent)
    except OSError as problem:
        raise CannotWrite(
            f"Nobody was erased, since the file of erasures cannot be written ({problem.strerror}). "
            "Without it, a restored backup would bring the name back."
        ) from problem


def _append(path: Path, text: bytes) -> None:
    """Under a lock, so that two processes never mix their lines; a line that a crash tore stays by itself."""
    file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        size = os.fstat(file).st_size
        if size and os.pread(file, 1, size - 1) != b"\n":
            text = b"\n" + text
        while text:
            text = text[os.write(file, text) :]
        os.fsync(file)
    finally:
        os.close(file)


def _sync(folder: Path) -> None:
    """So that the new file's name outlives a crash too."""
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def read() -> dict[UUID, Line]:
    """Every erasure by its record; empty where there is no file. Read again only when the file has changed."""
    try:
        stat = settings.ERASURES_FILE.stat()
    except FileNotFoundError:
        return {}
    return _read(settings.ERASURES_FILE, stat.st_ino, stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=1)
def _read(path: Path, *version: int) -> dict[UUID, Line]:
    return {line.record: line for line in _lines(path.read_text("utf-8", errors="replace"))}


def _lines(text: str) -> Iterator[Line]:
    """Whole lines; one that a crash tore was never promised to anybody."""
    for said in text.splitlines():
        try:
            found = json.loads(said)
            at = datetime.fromisoformat(found["at"])
            yield Line(UUID(found["record"]), int(found["person"]), at, str(found["rule"]))
        except (ValueError, KeyError, TypeError):
            continue
