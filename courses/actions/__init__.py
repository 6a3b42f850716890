"""The verbs of WHAT."""
