"""The months in which the use cases of these tests write their events."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture(scope="session")
def months(django_db_setup: None, django_db_blocker: Any) -> None:
    """Made once and committed: partitions are slow to make, and no test takes them away."""
    from tests import factories  # needs Django, which is set up by now

    with django_db_blocker.unblock():
        factories.make_partitions()
