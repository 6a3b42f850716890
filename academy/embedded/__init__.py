"""The try-out's own database and broker, and the commands behind `run.py`.

Nothing here needs Django to be importable, and nothing here is used in production, where DATABASE_URL and
REDIS_URL name the real services.
"""


class CannotStart(Exception):
    """A service could not be started; the message is a sentence fit to show."""


def explained(error: CannotStart | OSError) -> str:
    """One sentence about why something did not start; a full disk and a missing permission are among them."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename or 'no file named'}."
    return str(error)
