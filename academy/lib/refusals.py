"""What is said of a file that nobody can read."""


class FileRefused(ValueError):
    """A file that cannot be read at all, with a reason fit to show."""
