"""Fixtures and options shared by every test."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from containers.daemon import SYSTEM_ADDRESS, answers, connected
from containers.image import CannotBuildError, build_missing, images
from containers.owner import sweep
from tests.support.cache import Cache, shared_cache
from tests.support.containers import Containers
from tests.support.signing import SigningKey
from tests.support.signing import signing_key as new_signing_key
from tests.support.world import World

Check = Callable[[Path, object], None]

# How long an example takes says nothing about the code on a machine that is busy. Where nobody looks for new examples,
# the same ones are tried each time.
settings.register_profile(
    "yumbridge",
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "nightly", parent=settings.get_profile("yumbridge"), max_examples=1_000, derandomize=True, print_blob=True
)
settings.load_profile("yumbridge")

# What is started in the tests hears it, whatever these were started by: nohup lets all below it ignore it.
signal.signal(signal.SIGHUP, signal.SIG_DFL)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite expected.* files")
    parser.addoption("--no-containers", action="store_true", help="leave out what runs in containers")
    parser.addoption("--every-step", action="store_true", help="tests/faults: stop at each step, not at some of them")
    parser.addoption("--nightly", action="store_true", help="try many more examples: it takes an hour and more")


@pytest.fixture(scope="session")
def every_step(request: pytest.FixtureRequest) -> bool:
    """Tell whether faults happen at each step of an operation; as a rule a fixed choice of them is looked at."""
    return bool(request.config.getoption("--every-step"))


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--nightly"):
        settings.load_profile("nightly")


@pytest.fixture
def matches_golden(request: pytest.FixtureRequest) -> Check:
    """Compare a value with a case's golden file, or rewrite that file.

    Text is compared with expected.txt, anything else as JSON with expected.json.
    """

    def check(case: Path, actual: object) -> None:
        if isinstance(actual, str):
            expected, text = case / "expected.txt", actual
        else:
            expected = case / "expected.json"
            text = json.dumps(actual, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
        if request.config.getoption("--update-golden"):
            case.mkdir(parents=True, exist_ok=True)
            expected.write_text(text, encoding="utf-8")
        assert text == expected.read_text(encoding="utf-8")

    return check


@pytest.fixture(scope="session")
def rpm_cache() -> Cache:
    """Return the cache of built rpms that all tests, and all runs, share."""
    return shared_cache()


@pytest.fixture(scope="session")
def containers(pytestconfig: pytest.Config) -> Iterator[Containers]:
    """Yield what runs containers for this process; skip the test where nothing does."""
    if pytestconfig.getoption("--no-containers"):
        pytest.skip("containers are left out")
    address = os.environ.get("DOCKER_HOST") or SYSTEM_ADDRESS
    if not answers(address):
        pytest.skip(f"no docker daemon answers at {address}: ./dev test starts one, as root")
    with connected(address) as client:
        sweep(client)
        try:
            build_missing(client, images(), lambda _: None)
        except CannotBuildError as error:
            pytest.skip(str(error))
        yield Containers(client)


@pytest.fixture(scope="session")
def signing_key() -> Iterator[SigningKey]:
    """Yield a key for the whole run; making one takes a moment."""
    with new_signing_key() as key:
        yield key


@pytest.fixture
def world(tmp_path: Path, rpm_cache: Cache) -> World:
    """Return an empty world of rpms."""
    return World(tmp_path, rpm_cache)
