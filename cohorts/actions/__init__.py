"""The verbs of ASYE."""
