"""Every test of signing in begins without tries."""

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def _fresh_limits(db):
    cache.clear()
