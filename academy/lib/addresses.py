"""Which addresses of other organisations' servers may be talked to."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings


def is_safe_address(address: Any) -> bool:
    """https with a host and nothing hidden in it; plain http only to this machine, and never in production."""
    if not isinstance(address, str) or not address.isprintable():
        return False
    try:
        parts = urlsplit(address)
        host = parts.hostname
        parts.port  # noqa: B018  (raises where it is none)
    except ValueError:
        return False
    if not host or parts.username or parts.password or parts.fragment:
        return False
    to_itself = host in ("localhost", "127.0.0.1", "::1") and not settings.PRODUCTION
    return parts.scheme == "https" or (parts.scheme == "http" and to_itself)
