"""The embedded services as seen by one process: addresses in its environment."""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from academy.embedded import CannotStart, explained, place, postgres, valkey


@contextmanager
def for_this_process() -> Iterator[None]:
    """Give this process and its children a database for as long as the block lasts.

    Where DATABASE_URL is set, that is the database and nothing happens here. Else the embedded server is
    started or joined, and the environment says so: DATABASE_URL, and by default TRY_OUT and REDIS_URL.
    Exits with one sentence where the server cannot be started.
    """
    if os.environ.get("DATABASE_URL"):
        yield
        return
    with ExitStack() as stack:
        try:
            os.environ["DATABASE_URL"] = stack.enter_context(postgres.durable().joined())
        except (CannotStart, OSError) as error:
            sys.exit(explained(error))
        os.environ.setdefault("TRY_OUT", "1")
        os.environ.setdefault("REDIS_URL", valkey.url(place.var() / "valkey"))
        try:
            yield
        finally:
            del os.environ["DATABASE_URL"]
