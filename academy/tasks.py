"""The one tick."""

from celery import shared_task

from academy.lib import clock
from partners.actions import work


@shared_task
def tick() -> None:
    """Do everything that is due. Safe to repeat, and to run twice at once: each row is claimed once."""
    work.run_all(clock.now())
