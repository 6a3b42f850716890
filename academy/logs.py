"""Logs: one JSON object a line, without names, addresses, or anything that a link carries.

A request is named by its route (`/follow-ups/<token>/`), never by its address. A fault is told by its kind and where
it arose; its own words may quote what somebody typed.
"""

import json
import logging
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse

requests = logging.getLogger("academy.requests")


class RequestLog:
    """One line for each request: method, route, status and milliseconds."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        begun = time.perf_counter()
        response = self.get_response(request)
        facts = {"status": response.status_code, "ms": round((time.perf_counter() - begun) * 1000)}
        requests.info("request", extra={"facts": {**_which(request), **facts}})
        return response


class JsonLines(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"at": at, "level": record.levelname, "from": record.name, **_facts(record)}
        return json.dumps(line, default=str)


def _facts(record: logging.LogRecord) -> dict[str, object]:
    """What a record says. Django's own records of requests quote addresses, so only their route is kept."""
    facts = dict(getattr(record, "facts", {}))
    if request := getattr(record, "request", None):
        facts |= {"event": "refused" if record.levelno < logging.ERROR else "fault", **_which(request)}
        facts["status"] = getattr(record, "status_code", None)
    else:
        facts["event"] = record.getMessage()
    if record.levelno >= logging.ERROR and record.exc_info and record.exc_info[0]:
        facts |= {"fault": record.exc_info[0].__name__, "where": _where(record.exc_info[2])}
    return facts


def _which(request: HttpRequest) -> dict[str, str]:
    match = getattr(request, "resolver_match", None)
    return {"method": getattr(request, "method", ""), "route": match.route if match else "no such page"}


def _where(trace) -> list[str]:
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)[-8:]]
