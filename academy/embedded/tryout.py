"""The whole academy on this machine: database, broker, web, worker and scheduler, until Ctrl-C."""

import errno
import http.client
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

from academy.embedded import CannotStart, assets, locks, place, postgres, services, valkey
from academy.embedded.supervisor import Service, Supervisor, say, until_told_to_stop

DEFAULT_PORT = 8000
READY_SECONDS = 60
PYTHON_MODULE = [sys.executable, "-m"]


def start() -> None:
    """Serve the try-out until told to stop; then stop everything in reverse order.

    Raises CannotStart before anything is served, and then nothing is left running.
    """
    port = chosen_port()
    addresses = free_addresses(port)
    place.make_sure_of_room()
    _tell_children(port)
    with until_told_to_stop(), ExitStack() as stack:
        assets.bring_up_to_date()
        database = own_database()
        broker = stack.enter_context(own_broker(port))
        stack.enter_context(services.for_this_process())
        who = prepare()
        supervisor = Supervisor(place.ROOT)
        stack.callback(supervisor.stop)
        web, *others = processes(port, addresses)
        for service in [*database, *broker, web]:
            supervisor.add(service)
        if not supervisor.wait_for(lambda: is_healthy(port), READY_SECONDS):
            raise CannotStart(f"The web server did not answer within {READY_SECONDS} s: see the lines above.")
        for service in others:  # not before: on a small machine they would make the first page wait
            supervisor.add(service)
        welcome(port, who)
        supervisor.run()
    say("Stopped.")


def _tell_children(port: int) -> None:
    os.environ.setdefault("TRY_OUT", "1")
    os.environ.setdefault("SITE_URL", f"http://localhost:{port}")
    # Celery warns root off in a box of ten lines; the try-out's worker runs only what this checkout queues.
    os.environ.setdefault("PYTHONWARNINGS", "ignore::UserWarning:celery.platforms")


def welcome(port: int, who: str) -> None:
    """Say where the academy is and who can sign in."""
    say(f"\nThe academy is at http://localhost:{port} – a try-out: everyone in it is invented.\n")
    if who:
        say(f"{who}\n")
    say("Press Ctrl-C to stop.")


def chosen_port() -> int:
    """PORT from the environment, else 8000."""
    text = os.environ.get("PORT") or str(DEFAULT_PORT)
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise CannotStart(f"PORT is {text}, which is no port: choose a number from 1024 to 65535.")
    return int(text)


def free_addresses(port: int) -> list[str]:
    """This machine's own addresses, in gunicorn's notation, IPv6 among them where there is any.

    `localhost` may mean either. Raises CannotStart where the port is taken.
    """
    candidates = [(socket.AF_INET, "127.0.0.1", "127.0.0.1"), (socket.AF_INET6, "::1", "[::1]")]
    return [written for family, address, written in candidates if _is_free(port, family, address)]


def _is_free(port: int, family: socket.AddressFamily, address: str) -> bool:
    """False where the machine has no such address; raises CannotStart where the port cannot be had."""
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((address, port))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CannotStart(
                f"Port {port} is taken, perhaps by a try-out that is running already: "
                f"`PORT={port + 1} python3 run.py` starts one beside it."
            ) from error
        if error.errno == errno.EACCES:
            raise CannotStart(f"Port {port} is for root alone: `PORT=8000 python3 run.py` will do.") from error
        return False
    return True


def prepare() -> str:
    """Migrate and load the demo academy; return what there is to say about who can sign in."""
    say("Preparing the database …")
    done = subprocess.run(
        [*PYTHON_MODULE, "academy.embedded.prepare"], cwd=place.ROOT, stdout=subprocess.PIPE, text=True
    )
    if done.returncode:
        raise CannotStart("The database could not be prepared: see the lines above.")
    return done.stdout.strip()


def own_database() -> list[Service]:
    """What starts our own server again should it be killed; nothing where DATABASE_URL names another."""
    return [] if os.environ.get("DATABASE_URL") else [Service("database", postgres.watcher())]


@contextmanager
def own_broker(port: int) -> Iterator[list[Service]]:
    """The broker to run, with its address in REDIS_URL; none where REDIS_URL names one already.

    Its queue is in the folder where manage.py looks for it, unless a try-out on another port has that one.
    """
    if os.environ.get("REDIS_URL"):
        yield []
        return
    usual = place.var() / "valkey"
    usual.mkdir(mode=0o700, parents=True, exist_ok=True)
    with ExitStack() as stack:
        if lock := locks.taken(usual / "lock"):
            stack.enter_context(lock)
        folder = usual if lock else place.var() / f"valkey-{port}"
        os.environ["REDIS_URL"] = valkey.url(folder)
        yield [Service("broker", valkey.command(folder))]


def processes(port: int, addresses: list[str]) -> list[Service]:
    """What serves the academy besides the database and the broker, the web server first."""
    web = ["gunicorn", "academy.wsgi:application", "--worker-class=gthread", "--workers=2", "--threads=4"]
    web += ["--log-level=warning", "--graceful-timeout=5", "--no-control-socket", "--preload"]
    web += [f"--bind={address}:{port}" for address in addresses]
    worker = ["celery", "--quiet", "-A", "academy.celery", "worker", "--loglevel=WARNING"]
    worker += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    return [
        Service("web server", PYTHON_MODULE + web, patience=8),
        Service("worker", PYTHON_MODULE + worker, patience=10),
        Service("scheduler", [*PYTHON_MODULE, "academy.scheduler"]),
    ]


def is_healthy(port: int) -> bool:
    """Whether the web server says that it is well."""
    try:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
            connection.request("GET", "/health/ready/")
            return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
