"""The ground to measure on: a try-out of its own in `var/bench`, and the real processes over it."""

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from academy.embedded import CannotStart, assets, locks, place, services, tryout
from academy.embedded.supervisor import Supervisor, say

START_SECONDS = 60


@contextmanager
def prepared() -> Iterator[None]:
    """A database with the demo academy: our own, or the empty one that DATABASE_URL names. Sets up Django.

    The demo is kept for the next time. Raises CannotStart where somebody measures here already.
    """
    os.environ["ACADEMY_VAR"] = str(place.ROOT / "var" / "bench")
    os.environ["TRY_OUT"] = "1"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "academy.settings")
    assets.bring_up_to_date()
    lock = locks.taken(place.var() / "lock")
    if not lock:
        raise CannotStart("Somebody measures here already: two at once would measure each other.")
    with lock, services.for_this_process():
        _set_up()
        yield


def _set_up() -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    call_command("demo", if_empty=True)


@contextmanager
def served(*names: str) -> Iterator[tuple[int, dict[str, int]]]:
    """The try-out's own processes of these names, over the database that is prepared, and a broker.

    Gives the port and the process ids by name.
    """
    port = free_port()
    supervisor = Supervisor(place.ROOT)
    broker_before = os.environ.pop("REDIS_URL", None) if not _is_real("REDIS_URL") else None
    with ExitStack() as stack:
        broker = stack.enter_context(tryout.own_broker(port))
        stack.callback(supervisor.stop)
        for service in [*broker, *tryout.processes(port, ["127.0.0.1"])]:
            if service in broker or service.name in names:
                supervisor.add(service)
        if "web server" in names and not supervisor.wait_for(lambda: tryout.is_healthy(port), START_SECONDS):
            raise CannotStart("The web server did not answer.")
        yield port, {service.name: service.pid for service in supervisor.services}
    if broker_before:
        os.environ["REDIS_URL"] = broker_before


def _is_real(name: str) -> bool:
    return not os.environ.get(name, "").startswith("redis+socket://")


def free_port() -> int:
    """A port that nobody has at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def family_of(pid: int) -> list[int]:
    """The process and everything that descends from it. Linux only."""
    children: list[str] = []
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            children += (task / "children").read_text().split()
    return [pid, *(each for child in children for each in family_of(int(child)))]


def tell(text: str) -> None:
    """Progress, for whoever waits."""
    say(f"  {text} …")
