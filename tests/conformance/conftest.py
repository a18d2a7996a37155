"""The engines that every test of this folder runs on, one after the other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.engine import Engine
from tests.support.world import World
from yumbridge.engine.child import Starter
from yumbridge.engine.client import EngineClient

ENGINES = ("dnf4",)


@pytest.fixture(scope="session", params=ENGINES)
def client(request: pytest.FixtureRequest) -> Iterator[EngineClient]:
    """Yield one child that answers every test's requests, as it would those of one long run."""
    with EngineClient(Starter()) as running:
        if running.hello.name != request.param:
            pytest.skip(f"this platform's engine is {running.hello.name}")
        yield running


@pytest.fixture
def engine(client: EngineClient, world: World) -> Engine:
    """Return the engine, with folders of its own for this test."""
    return Engine(client, world.path)
