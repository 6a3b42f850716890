"""Organisations' servers that lead elsewhere, talk without end or never come to a point."""

import gzip
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler

import pytest

from partners.adapters import asking
from tests.factories import employed
from tests.signing.provider import go, organisation, provider_at
from tests.signing.test_work_accounts import known_as, refused, says, there  # noqa: F401

pytestmark = pytest.mark.django_db
PATHS = ["/.well-known/openid-configuration", "/token", "/keys", "/userinfo"]
Odd = Callable[[BaseHTTPRequestHandler], None]


def leads(to: str, status: int) -> Odd:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Location", to)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


def talks(handler: BaseHTTPRequestHandler) -> None:
    """White space is good JSON, as much of it as there is."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.end_headers()
    for _ in range(50_000):
        handler.wfile.write(b" " * 1024)


def talks_in_little_space(handler: BaseHTTPRequestHandler) -> None:
    body = gzip.compress(b" " * 50_000_000 + b"{}")
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Encoding", "gzip")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def drips(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.end_headers()
    for _ in range(200):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.05)


def drips_before_it_begins(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    for _ in range(200):
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.05)


def tries(there, client, path: str):  # noqa: F811
    """Ann's attempt, wherever it ends; her address is kept where `path` needs it."""
    known_as("ann@larkshire.example", employed())
    says(there)
    if path == "/userinfo":
        there.claims = {"sub": "s-1"}
        there.userinfo = {"sub": "s-1", "email": "ann@larkshire.example", "email_verified": True}
    provider_at(there.issuer)
    if path == PATHS[0]:
        return client.get("/sign-in/with/larkshire/")
    return go(client, there)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("status", [302, 307])
def test_nobody_is_asked_but_who_was_named(there, client, caplog, path, status):  # noqa: F811
    with organisation() as elsewhere:
        elsewhere.asked_at = []
        elsewhere.answer = lambda path, sent: elsewhere.asked_at.append(path) or {}
        there.instead[path] = leads(f"{elsewhere.issuer}{path}", status)
        refused(tries(there, client, path), client)
        assert elsewhere.asked_at == []
    assert "an answer that leads elsewhere" in caplog.text


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("odd", [talks, talks_in_little_space])
def test_no_more_is_read_than_any_answer_needs(there, client, caplog, path, odd):  # noqa: F811
    there.instead[path] = odd
    refused(tries(there, client, path), client)
    assert "an answer without end" in caplog.text


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("odd", [drips, drips_before_it_begins])
def test_nobody_waits_for_longer_than_a_page_may_take(there, client, monkeypatch, path, odd):  # noqa: F811
    monkeypatch.setattr(asking, "MOST_SECONDS", 0.3)
    there.instead[path] = odd
    began = time.monotonic()
    refused(tries(there, client, path), client)
    assert time.monotonic() - began < 5
    assert not [one for one in threading.enumerate() if isinstance(one, threading.Timer) and not one.finished.is_set()]
