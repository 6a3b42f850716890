"""The verbs of WHO: every write that touches more than one row."""
