"""Files to statements to versions."""
