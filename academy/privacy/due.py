"""What privacy adds to the tick, after everything else has been done and sent."""

from academy.lib import registry
from academy.privacy import retention

registry.due(order=95, what="Erase what has been kept long enough", catches_up=True)(retention.due)
