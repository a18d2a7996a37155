"""Worlds in memory: a store is made again for every step at which something is killed, with an fsync for each file."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.cache import Cache
from tests.support.world import World

# What is asserted there is told as it is in a test.
pytest.register_assert_rewrite("tests.support.trial")

MEMORY = Path("/dev/shm")  # noqa: S108 - in memory on every Linux


@pytest.fixture
def world(rpm_cache: Cache) -> Iterator[World]:
    """Return an empty world, in memory where there is such a file system."""
    place = MEMORY if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="yumbridge-", dir=place) as folder:
        yield World(Path(folder), rpm_cache)
