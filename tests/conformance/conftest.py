"""The engines that every test of this folder runs on, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.cache import Cache
from tests.support.containers import Containers
from tests.support.engine import Engine
from tests.support.engines import EVERY_ENGINE, LOCAL, Bindings, RunningEngine, engines
from tests.support.world import World
from yumbridge.engine.client import EngineClient


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "running" in metafunc.fixturenames:
        wanted = (LOCAL,) if metafunc.config.getoption("--no-containers") else EVERY_ENGINE
        metafunc.parametrize("running", wanted, ids=str, indirect=True, scope="session")


@pytest.fixture(scope="session")
def running_engines(request: pytest.FixtureRequest) -> Iterator[Callable[[Bindings], RunningEngine]]:
    """Yield what starts each engine once for all tests of this process."""

    def containers() -> Containers:
        found: Containers = request.getfixturevalue("containers")
        return found

    with engines(containers) as found:
        yield found


@pytest.fixture(scope="session")
def running(request: pytest.FixtureRequest, running_engines: Callable[[Bindings], RunningEngine]) -> RunningEngine:
    """Return each engine: it answers every test's requests, as it would those of one long run."""
    bindings: Bindings = request.param
    found = running_engines(bindings)
    if found.client.hello.name != bindings.name:
        pytest.skip(f"this platform's engine is {found.client.hello.name}")
    return found


@pytest.fixture
def client(running: RunningEngine) -> EngineClient:
    """Return the client of each engine."""
    return running.client


@pytest.fixture
def world(tmp_path: Path, rpm_cache: Cache, request: pytest.FixtureRequest) -> World:
    """Return an empty world of rpms, whose servers the engine can reach."""
    if "running" not in request.fixturenames:
        return World(tmp_path, rpm_cache)
    running: RunningEngine = request.getfixturevalue("running")
    return World(tmp_path, rpm_cache, running.network)


@pytest.fixture
def engine(running: RunningEngine, world: World) -> Engine:
    """Return the engine, with folders of its own for this test."""
    return Engine(running.client, world.path)
