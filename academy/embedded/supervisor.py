"""Keeps a few processes running until it is told to stop, then stops them in reverse order."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

LONGEST_PAUSE_SECONDS = 30
STEADY_SECONDS = 60  # after this long a service is forgiven its earlier failures
LOOK_SECONDS = 0.1
PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass
class Service:
    """A command to keep running, and how many seconds it is given to stop."""

    name: str
    command: list[str]
    patience: float = 5
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _started: float = field(default=0, init=False)
    _failures: int = field(default=0, init=False)
    _due: float = field(default=0, init=False)

    @property
    def pid(self) -> int | None:
        """The process that runs it now, if any."""
        return self._process and self._process.pid

    def tend(self, folder: Path) -> None:
        """Start it if it is due, and notice if it has ended."""
        if self._process is None and time.monotonic() >= self._due:
            self._start(folder)
        elif self._process and self._process.poll() is not None:
            self._plan_restart(self._process)

    def stop(self) -> None:
        """Ask it to end, wait as long as its patience lasts, then kill what is left of its group."""
        if process := self._process:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(self.patience)
            _kill_group(process)
            process.wait()
            self._process = None

    def _start(self, folder: Path) -> None:
        # A session of its own, so that Ctrl-C in the terminal reaches the supervisor alone.
        self._process = subprocess.Popen(
            self.command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_end_with_the_supervisor(os.getpid()),
        )
        self._started = time.monotonic()

    def _plan_restart(self, ended: subprocess.Popen[bytes]) -> None:
        _kill_group(ended)  # what it leaves behind may hold its port
        steady = time.monotonic() - self._started >= STEADY_SECONDS
        self._failures = 1 if steady else self._failures + 1
        pause = min(2 ** (self._failures - 1), LONGEST_PAUSE_SECONDS)
        self._process, self._due = None, time.monotonic() + pause
        say(f"The {self.name} {_how_it_ended(ended.returncode)}; starting it again in {pause} s.")


class Supervisor:
    """Runs services in the order in which they are added."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.services: list[Service] = []

    def add(self, service: Service) -> None:
        """Start the service, and keep it running from now on."""
        self.services.append(service)
        service.tend(self.folder)

    def wait_for(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Tend the services until the condition holds; False if it did not within so many seconds."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                return False
            self._look()
        return True

    def run(self) -> None:
        """Tend the services for ever; an exception, such as KeyboardInterrupt, is the way out."""
        while True:
            self._look()

    def stop(self) -> None:
        """Stop the services, the last one first."""
        while self.services:
            self.services.pop().stop()

    def _look(self) -> None:
        for service in self.services:
            service.tend(self.folder)
        time.sleep(LOOK_SECONDS)


@contextmanager
def until_told_to_stop() -> Iterator[None]:
    """Run the block until it ends, or until Ctrl-C, SIGTERM or a closed terminal ends it.

    Nobody can hurry the clean-up that follows: it has its own time limits.
    """
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    for number in signals:
        signal.signal(number, _interrupt)
    with suppress(KeyboardInterrupt):
        yield


def say(line: str) -> None:
    """A line for the person who started this, at once."""
    print(line, flush=True)


def _interrupt(number: int, frame: object) -> None:
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, lambda *_: None)  # not SIG_IGN, which children would inherit
    raise KeyboardInterrupt


def _end_with_the_supervisor(supervisor: int) -> Callable[[], None] | None:
    """What a child does first, on Linux: ask to be stopped when the supervisor dies, even by kill -9."""
    if _libc is None:
        return None

    def ask() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != supervisor:  # it died before the child could ask
            os._exit(1)

    return ask


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError, PermissionError):  # nobody is left in it
        os.killpg(process.pid, signal.SIGKILL)


def _how_it_ended(status: int) -> str:
    return f"was ended by {signal.Signals(-status).name}" if status < 0 else f"stopped with exit status {status}"
