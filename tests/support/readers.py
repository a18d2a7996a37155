"""Those who read a store: one host for each generation of dnf, and the nginx that serves it to them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from docker.models.networks import Network

from tests.support import comps
from tests.support.advisories import Advisory
from tests.support.containers import Container, Containers, Place
from tests.support.project import ROOT
from tests.support.repositories import Contents
from tests.support.rpms import Rpm
from tests.support.world import World

LIBRARY = Rpm("library")
# Neither path is one that primary lists.
OLD = Rpm("tool", "1-1", requires=("library",), files={"/opt/tool/old": "1"})
NEW = Rpm("tool", "2-1", requires=("library",), files={"/opt/tool/new": "2"})
STREAMS = (Rpm("app", "1-1"), Rpm("app", "2-1"))

# Where nginx serves the stores of either compression, and where a host has the first of them on its disk.
HOST = "repos.example.org"
GZIP_HOST = "gzip.example.org"
ON_DISK = "/srv/yumbridge"


@dataclass(frozen=True, slots=True)
class Dnf:
    """One generation of dnf: the distribution that has it, and its command."""

    distribution: str
    command: str = "dnf"

    @property
    def is_5(self) -> bool:
        return self.command == "dnf5"


EVERY_DNF = (
    Dnf("debian-11"),
    Dnf("debian-12"),
    Dnf("debian-13"),
    Dnf("debian-unstable"),
    Dnf("debian-unstable", "dnf5"),
)


def name_of(dnf: Dnf) -> str:
    """Return what a test with it is called."""
    return f"{dnf.distribution}-{dnf.command}"


@dataclass(frozen=True, slots=True)
class Reader:
    """A host, and the dnf that it has."""

    container: Container
    dnf: Dnf

    def read(self, baseurl: str) -> None:
        """Configure the one repository, as an administrator would."""
        lines = ("[base]", "name=base", f"baseurl={baseurl}", "gpgcheck=0", "")
        self.container.write("/etc/yum.repos.d/base.repo", "\n".join(lines))

    def run(self, *args: str) -> str:
        """Return what dnf prints; it must succeed."""
        # The plugin makes a repository of its own from whatever is installed.
        options = ("--assumeyes", "--releasever=9", "--disableplugin=local")
        return self.container.run(self.dnf.command, *options, *args)

    @property
    def installed(self) -> set[str]:
        return set(self.container.run("rpm", "--query", "--all", "--queryformat", "%{nvr} ").split())


@dataclass(frozen=True, slots=True)
class Store:
    """A store with the snapshots "first" and "second", and the ref "production" on the second."""

    world: World
    path: Path

    def command(self, *args: str | Path) -> None:
        outcome = self.world.run("snapshot", *args, "--store", self.path)
        assert outcome.code == 0, outcome.stderr


def filled_store(world: World, compression: str) -> Store:
    """Return a store with a tool that has a newer build, an advisory for it, a group and a module."""
    store = Store(world, world.path / "store")
    # For no platform: the dnf 5 of Debian knows none, whatever os-release says and it is configured with.
    modules = "".join(comps.module("app", rpm.version, [f"app-0:{rpm.evr}.noarch"], platform="") for rpm in STREAMS)
    tools = comps.comps(comps.group("tools", mandatory=("tool",)))
    repaired = (Advisory("EXA-2026:1", (NEW,), cves=("CVE-2026-1",)),)
    for snapshot, newer, advisories in (("first", (), ()), ("second", (NEW,), repaired)):
        rpms = (LIBRARY, OLD, *newer, *STREAMS)
        base = world.publish("base", Contents(rpms=rpms, advisories=advisories, comps=tools, modules=modules))
        store.command("mirror", "base", base.url, "--compression", compression)
        store.command("cut", snapshot, "--compression", compression)
    store.command("publish", "production", "second")
    suffix = {"zstd": "zst", "gzip": "gz"}[compression]
    assert list(store.path.glob(f"snapshots/second/base/repodata/*-primary.xml.{suffix}")), "else it tests nothing"
    return store


@contextmanager
def served(containers: Containers, stores: Mapping[str, Store]) -> Iterator[Network]:
    """Yield a network on which nginx, configured as the page says, serves each store below its host's name."""
    page = (ROOT / "docs/how-to/serve-a-store.md").read_text(encoding="utf-8")
    block = re.findall(r"```nginx\n(.*?)```", page, re.DOTALL)[0]
    assert f"server_name {HOST};" in block
    assert "root /srv/yumbridge;" in block
    blocks = (block.replace(HOST, host).replace("/srv/yumbridge", f"/srv/{host}") for host in stores)
    mounts = {f"/srv/{host}": store.path for host, store in stores.items()}
    with containers.network() as network:
        place = Place(network=network, names=tuple(stores), mounts=mounts)
        with containers.started("debian-12", place) as server:
            server.write("/etc/nginx/conf.d/stores.conf", "".join(blocks))
            server.run("nginx")
            yield network
