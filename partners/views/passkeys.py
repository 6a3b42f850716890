"""What a page tells the browser about the passkey that it wants."""

import json
from collections.abc import Mapping
from typing import Any


def as_text(options: Mapping[str, Any]) -> str:
    """As JSON, for a hidden field: the content policy allows no script in a page, not even one that is data."""
    return json.dumps(options, default=lambda value: dict(value))
