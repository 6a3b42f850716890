"""Servers in a folder of their own, so that no test meets the try-out's or the suite's."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from academy.embedded import place, postgres


@pytest.fixture
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty `var` for this test and for the processes that it starts."""
    return _use(tmp_path, monkeypatch)


@pytest.fixture
def cluster(databases: Path, monkeypatch: pytest.MonkeyPatch) -> postgres.Cluster:
    """A database server that nobody has started yet; its data folder is made by the first test that starts it."""
    _use(databases, monkeypatch)
    return postgres.durable()


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("databases")
    yield folder
    if place.is_root():
        shutil.rmtree(place.OF_ROOT / place.digest(str(folder)), ignore_errors=True)


def _use(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ACADEMY_VAR", str(folder))
    for name in ("DATABASE_URL", "REDIS_URL", "TRY_OUT", "PORT"):
        monkeypatch.delenv(name, raising=False)
    return folder
