"""How often one address of a network may try to sign anybody in.

allauth counts such tries too, under a lock that everyone behind the address waits for by polling: eight threads at nine
o'clock were enough for some to be turned away. Here it is one statement.
"""

from datetime import datetime, timedelta

from django.db import connection
from django.utils.crypto import salted_hmac

_COUNT = """
INSERT INTO partners_limit (cache_key, value, expires) VALUES (%s, '1', %s)
ON CONFLICT (cache_key) DO UPDATE SET value = (partners_limit.value::int + 1)::text RETURNING value::int
"""


def count_in_minute(what: str, at: datetime) -> int:
    """Count one more of `what` in this minute; how many there were. What it is cannot be read from what is kept."""
    minute = at.replace(second=0, microsecond=0)
    key = f"minute:{salted_hmac('partners.limits', what).hexdigest()}:{minute:%Y%m%d%H%M}"
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [key, minute + timedelta(minutes=2)])
        return cursor.fetchone()[0]
