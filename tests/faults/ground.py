"""A whole academy to break: its own database server, broker and mail server, and the real processes over them."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import environ
import pytest
import redis
from django.conf import settings
from django.db import Error, connection, connections

from academy.embedded import place, postgres, tryout, valkey
from academy.embedded.supervisor import Service, Supervisor
from tests.faults.messages import Post
from tests.outbox.sink import Sink, listening

SEED = int(os.environ.get("FAULT_SEED", "20261122"))
PATIENCE = 0.2  # seconds to stop in; then they are killed, which these tests hold that they survive
SECONDS = 60  # the most that anything may take; far more than it does
# What was committed is still there when the server is killed; only a power cut would be another matter.
DATABASE_SETTINGS = (*postgres.THROW_AWAY, "synchronous_commit=on")


@contextmanager
def connected_to(cluster: postgres.Cluster) -> Iterator[None]:
    """Within it, Django's database is that server's."""
    ours = connections.settings["default"]
    there = environ.Env.db_url_config(cluster.url)
    before = {name: ours.get(name) for name in there}
    connections.close_all()
    ours.update(there)
    try:
        yield
    finally:
        connections.close_all()
        ours.update(before)


@contextmanager
def environment(**values: str) -> Iterator[None]:
    """What processes started within it find in their environment, besides ours."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"TRY_OUT": "0", "SECRET_KEY": settings.SECRET_KEY, **values, **_compiled_once()}.items():
            patch.setenv(name, value)
        yield


def _compiled_once() -> dict[str, str]:
    """Where Python may not keep compiled files beside the sources, each process would compile everything again."""
    if not sys.dont_write_bytecode:
        return {}
    return {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(place.var() / "pycache")}


def free_port() -> int:
    """A port that nobody has at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port: int) -> bool:
    """Whether there is a web server with a database; it need have no broker."""
    with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/health/", timeout=5) as page:
        return page.status == 200
    return False


def children(pid: int) -> list[int]:
    """The processes that this one has started. Linux only."""
    found: list[str] = []
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += (task / "children").read_text().split()
    return [int(child) for child in found]


@dataclass
class Academy:
    """Everything that can be killed. Killed services come back while the test waits, the database too."""

    cluster: postgres.Cluster
    port: int
    broker: str
    sink: Sink
    supervisor: Supervisor
    stack: ExitStack
    killed: list[str] = field(default_factory=list)

    def service(self, name: str) -> Service:
        return next(service for service in self.supervisor.services if service.name == name)

    def kill(self, name: str) -> None:
        """kill -9. 'pool process' is the worker's child that does the work."""
        if name == "PostgreSQL":
            pids = [self.cluster.postmaster(), *children(self.cluster.postmaster())]
        elif name == "pool process":
            pids = children(self.service("worker").pid)
        else:
            pids = [self.service(name).pid]
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.killed.append(name)  # not before, or the database would be started while it still runs

    def add(self, like: str, name: str, *options: str) -> None:
        """One more process of a kind that runs already."""
        self.supervisor.add(Service(name, [*self.service(like).command, *options], PATIENCE))

    def remove(self, *names: str) -> None:
        """Stop those again."""
        for name in names:
            self.service(name).stop()
        self.supervisor.services = [each for each in self.supervisor.services if each.name not in names]

    def workers_ready(self) -> int:
        """How many workers wait for a job at this moment; one that has a job asks for no other."""
        with suppress(redis.ConnectionError):
            return sum("b" in client["flags"] for client in self.redis().client_list())
        return 0

    def has_sent(self, post: Post) -> bool:
        """Whether nothing waits any more and the worker is at rest: what it holds now it will hold for ever."""
        return not post.waits() and self.workers_ready() == 1

    def redis(self) -> redis.Redis:
        return redis.Redis(unix_socket_path=self.broker.removeprefix("redis+socket://"))

    def wait_for(self, condition: Callable[[], bool], seconds: float = SECONDS) -> bool:
        """Keep everything running until the condition holds; False if it did not within so many seconds."""
        return self.supervisor.wait_for(lambda: self._holds(condition), seconds)

    def _holds(self, condition: Callable[[], bool]) -> bool:
        try:
            if "PostgreSQL" in self.killed:
                self.killed.remove("PostgreSQL")
                connection.close()
                self.stack.enter_context(self.cluster.joined())  # which starts it
            return condition()
        except Error:
            connection.close()
            return False


@contextmanager
def opened(cluster: postgres.Cluster, folder: Path) -> Iterator[Academy]:
    """A running academy that ticks every second."""
    port, supervisor = free_port(), Supervisor(place.ROOT)
    with listening() as sink, ExitStack() as stack:
        mail = f"smtp://127.0.0.1:{sink.port}"
        where = {"DATABASE_URL": cluster.url, "REDIS_URL": valkey.url(folder), "EMAIL_URL": mail, "TICK_SECONDS": "1"}
        stack.enter_context(environment(**where))
        stack.callback(supervisor.stop)
        for service in [Service("broker", valkey.command(folder)), *tryout.processes(port, ["127.0.0.1"])]:
            service.patience = PATIENCE
            supervisor.add(service)
        academy = Academy(cluster, port, where["REDIS_URL"], sink, supervisor, stack)
        assert academy.wait_for(lambda: answers(port) and academy.workers_ready() == 1)
        yield academy


@contextmanager
def web_server(application: str = "academy.wsgi:application") -> Iterator[int]:
    """The real web server over the tests' own database, with what they have committed. Gives its port."""
    port, supervisor = free_port(), Supervisor(place.ROOT)
    database = os.environ["DATABASE_URL"].rpartition("/")[0] + "/" + connection.settings_dict["NAME"]
    service = tryout.processes(port, ["127.0.0.1"])[0]
    service.command[service.command.index("academy.wsgi:application")] = application
    with environment(DATABASE_URL=database, REDIS_URL="redis://127.0.0.1:1/0"), ExitStack() as stack:
        stack.callback(supervisor.stop)
        supervisor.add(service)
        assert supervisor.wait_for(lambda: answers(port), SECONDS)
        yield port


def run_due(at: datetime) -> dict[str, int]:
    """The command, in a process of its own, with the environment as it is."""
    command = [sys.executable, "manage.py", "run_due", "--at", at.isoformat()]
    return json.loads(subprocess.check_output(command, cwd=place.ROOT, text=True))
