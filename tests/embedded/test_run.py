"""`run.py` and the try-out answer what goes wrong with one sentence."""

import ast
import os
import re
import socket
import subprocess
import sys

import pytest

import run
from academy.embedded import CannotStart, place, suite, tryout, valkey
from academy.embedded.__main__ import main as embedded_main


@pytest.fixture
def taken_port():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_an_old_python_is_told_what_is_needed():
    assert run.why_not((3, 9, 2, "final", 0), "posix").startswith(
        "Python 3.11 or newer is needed; this is 3.9.2. Install one"
    )


def test_a_new_python_is_welcome():
    assert run.why_not((3, 13, 0), "posix") is None


def test_an_old_python_can_read_run_py():
    ast.parse((place.ROOT / "run.py").read_text(), feature_version=(3, 6))


def test_a_taken_port_is_one_sentence_with_a_remedy(taken_port, var):
    environment = {**os.environ, "PORT": str(taken_port)}
    command = [sys.executable, "-m", "academy.embedded", "start"]
    done = subprocess.run(command, cwd=place.ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert f"Port {taken_port} is taken" in done.stderr
    assert f"`PORT={taken_port + 1} python3 run.py`" in done.stderr


def test_a_full_disk_is_said_before_packages_are_fetched(monkeypatch):
    monkeypatch.setattr(run, "is_installed", lambda name: False)
    monkeypatch.setattr(run, "ROOM_MB", 10**12)
    with pytest.raises(SystemExit, match=r"^The disk is full: \d+ MB are free"):
        run.bring_up_to_date("app")


@pytest.mark.parametrize("command", ["start", "setup"])
def test_a_full_disk_is_one_sentence_before_anything_is_begun(command, var, monkeypatch, capsys):
    monkeypatch.setattr(place, "ROOM_MB", 10**12)
    monkeypatch.setattr(sys, "argv", ["academy.embedded", command])
    monkeypatch.chdir(place.ROOT)
    with pytest.raises(SystemExit) as stopped:
        embedded_main()
    assert re.fullmatch(
        r"The disk is full: \d+ MB are free for \S+, and the academy needs \d+ MB\. .+", stopped.value.code
    )
    assert capsys.readouterr().out == ""
    assert list(var.iterdir()) == []


@pytest.mark.parametrize("port", ["http", "0", "70000"])
def test_a_port_that_is_none_is_refused(port, monkeypatch):
    monkeypatch.setenv("PORT", port)
    with pytest.raises(CannotStart, match=f"PORT is {port}"):
        tryout.chosen_port()


def test_a_second_try_out_has_a_queue_of_its_own(var, monkeypatch):
    with tryout.own_broker(8000):
        first = os.environ.pop("REDIS_URL")
        with tryout.own_broker(8001):
            second = os.environ.pop("REDIS_URL")
    assert first == valkey.url(var / "valkey")
    assert second == valkey.url(var / "valkey-8001")


def test_a_named_broker_is_used_instead_of_our_own(var, monkeypatch):
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere/0")
    with tryout.own_broker(8000) as services:
        assert services == []


def test_the_broker_answers_on_its_socket(broker):
    path = broker.removeprefix("redis+socket://")
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        connection.sendall(b"PING\r\n")
        assert connection.recv(16) == b"+PONG\r\n"


def test_tests_run_in_parallel_unless_told_otherwise():
    assert suite.in_parallel(["-k", "queue"]) == ["-n", "2"]
    assert suite.in_parallel(["-n0"]) == []
    assert suite.in_parallel(["-p", "no:xdist"]) == []
