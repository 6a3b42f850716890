"""Secrets that we must be able to read again and that a copy of the database must not give away.

They are sealed with a key made from SECRET_KEY; what was sealed with one of SECRET_KEY_FALLBACKS still opens.
"""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


def seal(text: str) -> str:
    """Unreadable without the key; different each time."""
    return _keys().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """What was sealed. Raises Unreadable where the key is another one by now."""
    try:
        return _keys().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Unreadable("SECRET_KEY is not the one with which this was sealed.") from None


class Unreadable(Exception):
    """The key has changed since; name the old one in SECRET_KEY_FALLBACKS."""


def _keys() -> MultiFernet:
    known = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [hashlib.sha256(b"academy.lib.sealed" + key.encode()).digest() for key in known]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
