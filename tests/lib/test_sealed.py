"""What is sealed can be read with the key alone, also once it is a former one."""

import pytest

from academy.lib import sealed


def test_what_is_sealed_comes_back_and_does_not_show():
    closed = sealed.seal("a secret with é")
    assert "secret" not in closed
    assert sealed.seal("a secret with é") != closed
    assert sealed.unseal(closed) == "a secret with é"


def test_a_former_key_still_opens_and_a_strange_one_does_not(settings):
    closed = sealed.seal("text")
    former, settings.SECRET_KEY = settings.SECRET_KEY, "another"
    with pytest.raises(sealed.Unreadable):
        sealed.unseal(closed)
    settings.SECRET_KEY_FALLBACKS = [former]
    assert sealed.unseal(closed) == "text"
