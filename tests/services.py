"""The tests' database and broker: a pytest plugin that is there before Django reads its settings.

Where DATABASE_URL or REDIS_URL is set, that is used. Else a throw-away database is started, or joined where
another run has it already, and a broker for the tests that ask for one.
"""

import atexit
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from academy.embedded import CannotStart, explained, postgres, valkey

STOP = pytest.StashKey()
BROKER_SECONDS = 10


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """Runs around pytest-django's hook of this name, which is where settings are read."""
    os.environ.setdefault("TRY_OUT", "1")
    os.environ.setdefault("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1],testserver")
    os.environ["ERASURES_FILE"] = str(_folder_of_its_own() / "erasures.jsonl")
    if not os.environ.get("DATABASE_URL"):
        _join(early_config)
    return (yield)


def _folder_of_its_own() -> Path:
    """For files that the academy writes; gone with the tests."""
    folder = tempfile.mkdtemp(prefix="academy-tests-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def _join(config: pytest.Config) -> None:
    """Join the database until pytest ends; processes of pytest-xdist find it in the environment."""
    try:
        database = postgres.throw_away().joined()
        os.environ["DATABASE_URL"] = database.__enter__()
    except (CannotStart, OSError) as error:
        raise pytest.UsageError(explained(error)) from error
    config.add_cleanup(lambda: database.__exit__(None, None, None))


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a broker, started for the first test that asks."""
    if url := os.environ.get("REDIS_URL"):
        yield url
        return
    folder = tmp_path_factory.mktemp("valkey")
    with subprocess.Popen(valkey.command(folder)) as server:
        deadline = time.monotonic() + BROKER_SECONDS
        while not valkey.answers(folder) and time.monotonic() < deadline:
            time.sleep(0.02)
        yield valkey.url(folder)
        server.terminate()
