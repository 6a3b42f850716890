"""What `check` says of an academy's own colours."""

import pytest
from django.core.checks import run_checks


def said() -> list[str]:
    return [message.id for message in run_checks() if message.id.startswith("academy.")]


@pytest.mark.parametrize(
    ("colour", "faults"),
    [("#0b4f5c", []), ("#f2a900", ["academy.E002"]), ("teal-ish", ["academy.E001"])],
)
def test_a_brand_colour_on_which_white_cannot_be_read_is_refused(settings, colour, faults):
    settings.BRAND_COLOUR = colour
    assert said() == faults
