"""What every test in a container needs: a daemon."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from containers.daemon import SYSTEM_ADDRESS, answers, connected
from containers.image import CannotBuildError, build_missing, images
from containers.owner import sweep
from tests.support.containers import Containers


@pytest.fixture(scope="session")
def containers() -> Iterator[Containers]:
    """Yield what runs containers for this process; skip the test where nothing does."""
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
