"""What a state machine says when a step cannot be taken."""


class WrongState(Exception):
    """Someone else was first, or the step is not one of the table's. Fit to show."""
