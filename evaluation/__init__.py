"""DID IT WORK: follow-ups, answers, and who stays."""
