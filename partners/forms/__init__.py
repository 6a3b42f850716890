"""Input validation, a module for each part of WHO."""
