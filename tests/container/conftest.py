"""What every test in a container needs: a store that is served, and hosts that read it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from docker.models.networks import Network

from tests.support.booted import BootedContainer, booting
from tests.support.cache import Cache
from tests.support.containers import Containers, Place
from tests.support.readers import EVERY_DNF, GZIP_HOST, HOST, ON_DISK, Dnf, Reader, Store, filled_store, name_of, served
from tests.support.world import World


@pytest.fixture(scope="session")
def store(containers: Containers, tmp_path_factory: pytest.TempPathFactory, rpm_cache: Cache) -> Store:
    """Return the store that is served from HOST. Whoever moves a ref takes one of a name of its own."""
    del containers  # Without any there is nobody to read it.
    return filled_store(World(tmp_path_factory.mktemp("zstd"), rpm_cache), "zstd")


@pytest.fixture(scope="session")
def network(
    containers: Containers, store: Store, tmp_path_factory: pytest.TempPathFactory, rpm_cache: Cache
) -> Iterator[Network]:
    """Yield the network on which stores are served."""
    gzip_store = filled_store(World(tmp_path_factory.mktemp("gzip"), rpm_cache), "gzip")
    with served(containers, {HOST: store, GZIP_HOST: gzip_store}) as network:
        yield network


@pytest.fixture(params=EVERY_DNF, ids=name_of)
def reader(request: pytest.FixtureRequest, containers: Containers, network: Network, store: Store) -> Iterator[Reader]:
    """Yield a host of each generation of dnf, new for every test."""
    dnf: Dnf = request.param
    with containers.started(dnf.distribution, Place(network=network, mounts={ON_DISK: store.path})) as container:
        yield Reader(container, dnf)


@pytest.fixture
def booted(containers: Containers, world: World) -> Iterator[BootedContainer]:
    """Yield a host that systemd has booted, new for every test, with the world's repositories in /srv/repositories."""
    world.repositories.mkdir(parents=True, exist_ok=True)
    with booting(containers, Place(mounts={"/srv/repositories": world.repositories})) as host:
        host.boot()
        yield host
