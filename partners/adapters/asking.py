"""Asking an organisation's server: nowhere but where it was asked, for so many seconds, and for so many bytes.

allauth does the asking in part, with what `session()` gives it. A page waits for the answer, and what the server sends
is read into memory.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from socket import SHUT_RDWR, socket
from threading import Timer
from typing import Any

import requests
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection

MOST_SECONDS = 10  # for one answer, however slowly it drips
MOST_BYTES = 256 * 1024  # unpacked; the keys of the largest organisations are some 20 kB
AT_ONCE = 8 * 1024


class Untrusted(OAuth2Error):
    """An organisation's server said something that cannot be believed. Its words are ours, so they may be logged."""


class _Session(requests.Session):
    def request(self, method: str, url: str, **how: Any) -> requests.Response:
        """Raises Untrusted where it is sent elsewhere, or is told too much."""
        how |= {"allow_redirects": False, "stream": True, "timeout": settings.SOCIALACCOUNT_REQUESTS_TIMEOUT}
        until = time.monotonic() + MOST_SECONDS
        with super().request(method, url, **how) as answer:
            if 300 <= answer.status_code < 400:
                raise Untrusted("an answer that leads elsewhere")
            answer._content = _all_of(answer, until)
        return answer


def session() -> requests.Session:
    """For questions to organisations' servers."""
    made = _Session()
    for scheme in ("https://", "http://"):
        made.mount(scheme, _Hurried())
    return made


def _all_of(answer: requests.Response, until: float) -> bytes:
    parts, size = [], 0
    for part in answer.iter_content(AT_ONCE):
        parts.append(part)
        size += len(part)
        if size > MOST_BYTES or time.monotonic() > until:
            raise Untrusted("an answer without end")
    return b"".join(parts)


# Time-outs of requests are for each piece of an answer. One whose pieces drip would hold up a page for ever, before
# anybody here sees a byte of it: so the line is cut.


class _Hurried(HTTPAdapter):
    """Cuts each of its lines some seconds after it was opened, unless it was closed itself before."""

    def __init__(self) -> None:
        super().__init__()
        self._timers: list[Timer] = []

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        pool = super().get_connection_with_tls_context(*args, **kwargs)
        pool.ConnectionCls = partial(_HTTPS if pool.scheme == "https" else _HTTP, opened=self._cut_in_time)
        return pool

    def _cut_in_time(self, line: socket) -> None:
        timer = Timer(MOST_SECONDS, _cut, [line])
        timer.daemon = True
        timer.start()
        self._timers.append(timer)

    def close(self) -> None:
        for timer in self._timers:
            timer.cancel()
        super().close()


class _Told:
    """A connection that tells when it is open."""

    def __init__(self, *args: Any, opened: Callable[[socket], None], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._opened = opened

    def connect(self) -> None:
        super().connect()
        self._opened(self.sock)


class _HTTP(_Told, HTTPConnection):
    pass


class _HTTPS(_Told, HTTPSConnection):
    pass


def _cut(line: socket) -> None:
    with suppress(OSError):
        line.shutdown(SHUT_RDWR)
