"""The scheduler: `celery -A academy.scheduler beat`.

All it does is to put one task's name into the queue every few seconds, so it does without Django and the academy's
own code, which would treble its memory. Any number may run: a tick does what is due, once.
"""

from celery import Celery

app = Celery("academy", fixups=[])
app.config_from_object("academy.settings", namespace="CELERY")
