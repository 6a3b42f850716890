"""Mail goes over SMTP to a sink here, so that what a server does can be shown."""

from collections.abc import Callable

import pytest

from tests.outbox.sink import Sink, listening


@pytest.fixture
def smtp(settings) -> Callable[..., Sink]:
    """`smtp(on_rcpt=…)` is a running mail server that Django sends to."""
    running = []

    def start(**how) -> Sink:
        running.append(listening(**how))
        sink = running[-1].__enter__()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        return sink

    yield start
    for server in running:
        server.__exit__(None, None, None)
