"""What WHO adds to the tick: sending, after every app has queued."""

from academy.lib import registry
from partners import outbox

registry.due(order=90, what="Send messages")(outbox.send_due)
