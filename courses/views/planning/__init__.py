"""The pages on which courses and runs are planned."""
