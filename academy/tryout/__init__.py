"""The try-out: choose who to be, read everyone's mail, move the clock on. Refused in production (settings)."""
