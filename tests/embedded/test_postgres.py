"""The embedded database runs while somebody uses it, keeps its data, and is nobody else's business."""

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing, contextmanager

import environ
import psycopg2
import pytest

from academy.embedded import CannotStart, place, postgres

USER = """
from academy.embedded import postgres
with postgres.durable().joined() as url:
    print(url, flush=True)
    input()
"""


@contextmanager
def another_user():
    """Another process that uses the database until the block ends, or until it is killed."""
    command = [sys.executable, "-c", USER]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=place.ROOT, **pipes) as process:
        assert process.stdout.readline().startswith("postgres://")
        yield process
        if process.poll() is None:
            process.communicate("\n", timeout=20)


def ask(cluster: postgres.Cluster, statement: str) -> list[tuple]:
    where = {"host": str(cluster.sockets), "user": postgres.OWNER, "dbname": postgres.DATABASE}
    with closing(psycopg2.connect(**where)) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def soon(condition: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


def test_the_last_user_out_stops_the_database(cluster):
    with cluster.joined():
        assert cluster.is_ready()
    assert not cluster.is_running()


def test_who_joins_and_leaves_does_not_stop_the_database(cluster):
    with cluster.joined():
        with another_user():
            pass
        assert cluster.is_ready()


def test_who_started_the_database_leaves_it_to_those_who_joined(cluster):
    with cluster.joined():
        other = another_user()
        other.__enter__()
    assert cluster.is_ready()
    other.__exit__(None, None, None)
    assert not cluster.is_running()


def test_the_database_stops_after_its_only_user_was_killed(cluster):
    with another_user() as user:
        user.kill()
        user.wait()
    assert soon(lambda: not cluster.is_running())


def test_data_survive_a_killed_server(cluster):
    with cluster.joined():
        ask(cluster, "CREATE TABLE note AS SELECT 'still here' AS text")
        os.kill(cluster.postmaster(), signal.SIGKILL)
        assert soon(lambda: not cluster.is_running())
    with cluster.joined():
        assert ask(cluster, "SELECT text FROM note") == [("still here",)]


def test_a_server_that_is_killed_while_the_try_out_runs_is_started_again_with_its_data(cluster):
    with cluster.joined():
        ask(cluster, "CREATE TABLE kept (); INSERT INTO kept DEFAULT VALUES")
        with subprocess.Popen(postgres.watcher(), cwd=place.ROOT) as watcher:
            os.kill(cluster.postmaster(), signal.SIGKILL)
            assert soon(lambda: not cluster.is_running())
            assert soon(cluster.is_ready, seconds=60)
            assert ask(cluster, "SELECT count(*) FROM kept") == [(1,)]
            watcher.kill()
    assert not cluster.is_running()


def test_whoever_watches_the_server_goes_once_nobody_uses_it(cluster):
    with cluster.joined():
        watcher = subprocess.Popen(postgres.watcher(), cwd=place.ROOT)
    assert watcher.wait(timeout=10) == 0
    assert not cluster.is_running()


def test_a_killed_servers_number_that_another_program_has_now_is_no_obstacle(cluster):
    with cluster.joined():
        os.kill(cluster.postmaster(), signal.SIGKILL)
        assert soon(lambda: not cluster.is_running())
    note = cluster.data / "postmaster.pid"
    note.write_text(note.read_text().replace(str(cluster.postmaster()), str(os.getpid()), 1))
    with cluster.joined():
        assert cluster.is_ready()


def test_only_its_owner_reaches_the_database_and_it_has_no_port(cluster):
    with cluster.joined():
        assert stat.S_IMODE(cluster.sockets.stat().st_mode) == 0o700
        assert ask(cluster, "SHOW listen_addresses") == [("",)]


def test_settings_read_the_socket_from_the_address(cluster):
    read = environ.Env.db_url_config(cluster.url)
    assert (read["HOST"], read["NAME"], read["USER"]) == (str(cluster.sockets), "academy", "academy")


def test_a_long_path_gets_a_short_private_folder_for_its_socket(tmp_path):
    folder = place.for_sockets(tmp_path / ("long" * 30), "s")
    try:
        assert len(str(folder)) < 50
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    finally:
        folder.rmdir()


def test_a_server_that_cannot_start_says_why_in_a_sentence(cluster):
    broken = postgres.Cluster(cluster.home, ("shared_buffers=none",))
    with (
        pytest.raises(CannotStart, match=r"The database did not start: .*shared_buffers.*\."),
        broken.joined(),
    ):
        pass


def test_a_machine_without_postgresql_is_told_what_to_install(monkeypatch):
    monkeypatch.setattr(postgres.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(postgres, "_on_this_machine", list)
    with pytest.raises(CannotStart, match="Install postgresql"):
        postgres.binaries.__wrapped__()


def test_manage_py_has_a_database_while_it_runs(cluster):
    program = (
        "import os; from academy.embedded import services\n"
        "with services.for_this_process(): print(os.environ['DATABASE_URL'], os.environ['TRY_OUT'])"
    )
    said = subprocess.check_output([sys.executable, "-c", program], cwd=place.ROOT, text=True)
    assert said.startswith("postgres://academy@")
    assert said.endswith(" 1\n")
    assert not cluster.is_running()
