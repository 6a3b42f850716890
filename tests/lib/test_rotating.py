"""Codes that change every half minute."""

from datetime import timedelta

import pytest
from django.test import override_settings

from academy.lib import rotating
from tests.factories import NOW

SECOND = timedelta(seconds=1)


def test_a_code_stays_for_half_a_minute_and_changes_then():
    shown = rotating.code("session 1", NOW)
    assert len(shown) == 6
    assert rotating.code("session 1", NOW + 29 * SECOND) == shown
    assert rotating.code("session 1", NOW + 30 * SECOND) != shown
    assert [rotating.seconds_left(NOW + n * SECOND) for n in (0, 29, 30)] == [30, 1, 30]


@pytest.mark.parametrize(("seconds", "taken"), [(-1, False), (0, True), (29, True), (59, True), (60, False)])
def test_a_code_is_taken_for_a_minute_at_most(seconds, taken):
    shown = rotating.code("session 1", NOW)
    assert rotating.is_current(shown, "session 1", NOW + seconds * SECOND) is taken


def test_a_code_is_taken_for_nothing_else():
    assert not rotating.is_current(rotating.code("session 1", NOW), "session 2", NOW)


def test_nobody_works_a_code_out_without_the_academys_secret():
    shown = rotating.code("session 1", NOW)
    with override_settings(SECRET_KEY="another"):
        assert rotating.code("session 1", NOW) != shown


def test_a_code_is_read_as_people_type_it():
    assert rotating.as_typed(" k7f-2q x") == "K7F2QX"
