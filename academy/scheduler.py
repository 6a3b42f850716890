"""The scheduler: `python -m academy.scheduler`.

All it does is to put one task's name into the queue every few seconds, so it does without Django, the academy's own
code, and Celery's command line, which would treble its memory. Any number may run: a tick does what is due, once.
"""

from celery import Celery

app = Celery("academy", fixups=[])
app.config_from_object("academy.settings", namespace="CELERY")

if __name__ == "__main__":
    app.Beat(loglevel="WARNING", quiet=True).run()
