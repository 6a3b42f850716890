"""The supervisor keeps processes running, and ends them all when it ends."""

import os
import signal
import subprocess
import sys
import time

import pytest

from academy.embedded import place
from academy.embedded.supervisor import Service, Supervisor

PROGRAM = """
import sys
from pathlib import Path
from academy.embedded.supervisor import Service, Supervisor, say, until_told_to_stop
supervisor = Supervisor(Path("."))
with until_told_to_stop():
    for name in ("first", "second"):
        supervisor.add(Service(name, [sys.executable, "-c", "import time; time.sleep(60)"]))
        say(str(supervisor.services[-1].pid))
    supervisor.run()
supervisor.stop()
say("Stopped.")
"""
STUBBORN = "import signal, time; signal.signal(15, signal.SIG_IGN); print(flush=True); time.sleep(60)"


@pytest.fixture
def supervisor(tmp_path):
    supervisor = Supervisor(tmp_path)
    yield supervisor
    supervisor.stop()


@pytest.fixture
def program():
    """A supervisor in a process of its own, and the process ids of its two services."""
    with subprocess.Popen([sys.executable, "-c", PROGRAM], cwd=place.ROOT, stdout=subprocess.PIPE, text=True) as it:
        yield it, [int(it.stdout.readline()) for _ in range(2)]
        it.kill()


def is_alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def gone(pids: list[int], seconds: float = 5) -> bool:
    deadline = time.monotonic() + seconds
    while any(map(is_alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not any(map(is_alive, pids))


def test_a_killed_service_is_started_again_and_that_is_said_in_a_line(supervisor, capsys):
    service = Service("worker", ["sleep", "60"])
    supervisor.add(service)
    killed = service.pid
    os.kill(killed, signal.SIGKILL)
    assert supervisor.wait_for(lambda: service.pid not in (None, killed), seconds=5)
    assert capsys.readouterr().out == "The worker was ended by SIGKILL; starting it again in 1 s.\n"


def test_a_service_that_keeps_failing_is_tried_less_and_less_often(supervisor, capsys):
    supervisor.add(Service("worker", ["false"]))
    supervisor.wait_for(lambda: False, seconds=1.6)
    said = capsys.readouterr().out
    assert "stopped with exit status 1; starting it again in 1 s." in said
    assert "again in 2 s." in said


def test_a_service_that_will_not_stop_is_killed(supervisor, tmp_path):
    service = Service("stubborn", [sys.executable, "-c", STUBBORN], patience=0.3)
    supervisor.add(service)
    pid = service.pid
    time.sleep(0.3)
    supervisor.stop()
    assert gone([pid])


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_everything_stops_cleanly_when_asked(program, how):
    process, services = program
    process.send_signal(how)
    assert process.wait(10) == 0
    assert process.stdout.read() == "Stopped.\n"
    assert gone(services)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process of its parent's death")
def test_services_end_when_the_supervisor_is_killed(program):
    process, services = program
    process.kill()
    assert gone(services)
