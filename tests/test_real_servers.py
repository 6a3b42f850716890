"""The processes that docker-compose.yml starts, without Docker: in production settings, against real servers.

The servers are those that DATABASE_URL and REDIS_URL name, else the embedded ones.
"""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg2
from django.conf import settings
from environ import Env

from tests.outbox.sink import listening
from tests.test_compose import services

ROOT = settings.BASE_DIR
START_SECONDS = 30
STOP_SECONDS = 15
MESSAGE = """
from datetime import timedelta
from academy.lib import clock
from courses.emails import place_booked
from tests.factories import booked, planned_run
now = clock.now()
place_booked(booked(planned_run(starts_at=now + timedelta(days=30), title="Thresholds")), now)
"""


def server() -> dict[str, str]:
    """How the tests' database server is reached, in psycopg2's words."""
    named = Env.db_url_config(os.environ["DATABASE_URL"])
    return {key.lower(): str(named[key]) for key in ("HOST", "PORT", "USER", "PASSWORD") if named[key]}


@contextmanager
def fresh_database() -> Iterator[str]:
    """The name of an empty database on that server, until the block ends."""
    name = f"test_academy_{uuid.uuid4().hex[:8]}"
    on_the_server(f"CREATE DATABASE {name}")
    try:
        yield name
    finally:
        on_the_server(f"DROP DATABASE {name} WITH (FORCE)")


def on_the_server(statement: str) -> None:
    connection = psycopg2.connect(**server(), dbname="postgres")
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()


def as_in_production(database: str, broker: str, mail_port: int) -> dict[str, str]:
    """The environment that a council would give, but for ticks that come sooner."""
    return {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "ACADEMY_VAR": str(settings.VAR_DIR),
        "ALLOWED_HOSTS": "localhost,academy.example",
        "SITE_URL": "https://academy.example",
        "BEHIND_PROXY": "1",
        "SECRET_KEY": "only-for-this-test-" + "0123456789" * 4,
        "DATABASE_URL": f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{database}",
        "REDIS_URL": broker,
        "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
        "HOSTNAME": socket.gethostname(),
        "TICK_SECONDS": "1",
    }


class Processes:
    """The compose file's commands and health checks, on a port of their own."""

    def __init__(self, environment: dict[str, str], logs: Path) -> None:
        self.environment, self.logs, self.port = environment, logs, free_port()
        self.running: dict[str, subprocess.Popen] = {}
        self.said = ""

    def here(self, command: list[str]) -> list[str]:
        return [part.replace("0.0.0.0", "127.0.0.1").replace(":8000", f":{self.port}") for part in command]

    def start(self, name: str) -> None:
        """In a session of its own, so that nothing but our signal reaches it."""
        with (self.logs / name).open("wb") as log:
            self.running[name] = subprocess.Popen(
                self.here(services()[name]["command"]),
                env=self.environment,
                cwd=ROOT,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def run(self, command: list[str]) -> bool:
        """Run a command to its end; whether it went well. What it said is in `said`."""
        done = subprocess.run(command, env=self.environment, cwd=ROOT, capture_output=True, text=True)
        self.said = done.stdout + done.stderr
        return done.returncode == 0

    def is_healthy(self, name: str) -> bool:
        """What its health check says."""
        kind, *check = self.here(services()[name]["healthcheck"]["test"])
        return self.run(check if kind == "CMD" else ["sh", "-c", check[0].replace("$$", "$")])

    def stop(self) -> dict[str, int]:
        """Ask all to end, and wait; their exit statuses."""
        for process in self.running.values():
            process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        return {name: each.wait(max(0.1, deadline - time.monotonic())) for name, each in self.running.items()}

    def kill(self) -> None:
        for process in self.running.values():
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def log(self, name: str) -> str:
        return (self.logs / name).read_text()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def soon(condition: Callable[[], object]) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + START_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def status(port: int, path: str, **headers: str) -> int:
    """What the web server answers a visitor of the public address."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request("GET", path, headers={"Host": "academy.example"} | named)
    answer = connection.getresponse().status
    connection.close()
    return answer


def test_what_compose_starts_gets_well_sends_what_is_due_and_stops_when_told(broker, tmp_path):
    with fresh_database() as database, listening() as sink:
        academy = Processes(as_in_production(database, broker, sink.port), tmp_path)
        assert academy.run(services()["migrate"]["command"]), academy.said
        try:
            for name in ("web", "worker", "scheduler"):
                academy.start(name)
            assert academy.run(["python", "manage.py", "shell", "-v0", "-c", MESSAGE]), academy.said
            for name in academy.running:
                assert soon(lambda name=name: academy.is_healthy(name)), academy.said + academy.log(name)

            assert soon(lambda: sink.mail), academy.log("worker")
            assert [mail["Subject"] for mail in sink.mail] == ["Booked: Thresholds"]
            assert "https://academy.example/" in sink.mail[0].get_body(("plain",)).get_content()
            assert status(academy.port, "/sign-in/") == 301, "in the open, everyone is sent to https"
            assert status(academy.port, "/sign-in/", X_Forwarded_Proto="https") in (200, 302)

            assert academy.stop() == {"web": 0, "worker": 0, "scheduler": 0}
        finally:
            academy.kill()
        assert not [name for name in academy.running if "Traceback" in academy.log(name)]
