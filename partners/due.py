"""What WHO adds to the tick: sending, after every app has queued, and forgetting who has signed out."""

from academy.lib import registry
from partners import outbox
from partners.actions import sign_ins

registry.due(order=90, what="Send messages")(outbox.send_due)

registry.due(order=95, what="Forget sign-ins that have ended")(sign_ins.forget_ended)
