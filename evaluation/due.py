"""What evaluation adds to the tick: follow-ups, before the outbox sends."""

from datetime import datetime

from academy.lib import registry
from evaluation.actions import follow_ups, papers


@registry.due(order=50, what="Plan, send, remind and close follow-ups")
def follow_ups_due(at: datetime) -> dict[str, int]:
    """Plan, skip, send, remind and close whatever that moment calls for."""
    return {
        "follow_ups_planned": follow_ups.plan(at),
        "follow_ups_skipped": follow_ups.skip_unwanted(at),
        "follow_ups_sent": follow_ups.send_due(at),
        "follow_ups_reminded": follow_ups.remind(at),
        "follow_ups_closed": follow_ups.close_expired(at),
    }


@registry.due(order=60, what="Make the monthly paper on who stays")
def papers_made(at: datetime) -> dict[str, int]:
    """Once a month, from its first day on."""
    return {"papers_made": papers.make_due(at)}
