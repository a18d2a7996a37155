"""What a store publishes is read by every generation of dnf, as nginx serves it and as it lies on a disk."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from docker.models.networks import Network

from tests.support import comps
from tests.support.advisories import Advisory
from tests.support.cache import Cache
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

HOST = "repos.example.org"
GZIP_HOST = "gzip.example.org"


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
    return store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, rpm_cache: Cache) -> Store:
    return filled_store(World(tmp_path_factory.mktemp("world"), rpm_cache), "zstd")


@pytest.fixture(scope="module")
def gzip_store(tmp_path_factory: pytest.TempPathFactory, rpm_cache: Cache) -> Store:
    return filled_store(World(tmp_path_factory.mktemp("world"), rpm_cache), "gzip")


@pytest.fixture(scope="module")
def network(containers: Containers, store: Store, gzip_store: Store) -> Iterator[Network]:
    """Return a network on which nginx, configured as the page says, serves both stores, each below its own name."""
    page = (ROOT / "docs/how-to/serve-a-store.md").read_text(encoding="utf-8")
    block = re.findall(r"```nginx\n(.*?)```", page, re.DOTALL)[0]
    assert f"server_name {HOST};" in block
    assert "root /srv/yumbridge;" in block
    gzip_block = block.replace(HOST, GZIP_HOST).replace("/srv/yumbridge", "/srv/gzip")
    mounts = {"/srv/yumbridge": store.path, "/srv/gzip": gzip_store.path}
    with containers.network() as network:
        place = Place(network=network, names=(HOST, GZIP_HOST), mounts=mounts)
        with containers.started("debian-12", place) as server:
            server.write("/etc/nginx/conf.d/store.conf", block + gzip_block)
            server.run("nginx")
            yield network


@pytest.fixture(params=EVERY_DNF, ids=name_of)
def reader(request: pytest.FixtureRequest, containers: Containers, network: Network, store: Store) -> Iterator[Reader]:
    dnf: Dnf = request.param
    with containers.started(dnf.distribution, Place(network=network, mounts={"/srv/yumbridge": store.path})) as started:
        yield Reader(started, dnf)


@pytest.mark.parametrize(
    "baseurl",
    [
        f"http://{HOST}/snapshots/second/base",
        f"http://{HOST}/refs/production/base",
        "file:///srv/yumbridge/refs/production/base",
        f"http://{GZIP_HOST}/snapshots/second/base",
    ],
    ids=["snapshot", "ref", "disk", "gzip"],
)
def test_a_package_and_what_it_needs_are_installed(reader: Reader, baseurl: str) -> None:
    """A package is installed with what it needs, from a snapshot and from a ref, over HTTP and from a disk."""
    reader.read(baseurl)
    reader.run("install", "tool")
    assert reader.installed == {"tool-2-1", "library-1-1"}


def test_a_file_leads_to_its_package(reader: Reader) -> None:
    """A file that only the filelists name leads to its package, in the newest build and in an older one."""
    reader.read(f"http://{HOST}/refs/production/base")
    assert "tool-0:1-1." in reader.run("repoquery", "--file", "/opt/tool/old")
    reader.run("install", "/opt/tool/new")
    assert "tool-2-1" in reader.installed


def test_an_advisory_is_listed_and_followed(reader: Reader) -> None:
    """Advisories are listed with their packages, and an upgrade may be limited to them."""
    reader.read(f"http://{HOST}/refs/production/base")
    reader.run("install", "tool-1-1")
    listed = reader.run("advisory" if reader.dnf.is_5 else "updateinfo", "list")
    assert any("EXA-2026:1" in line and "tool-2-1" in line for line in listed.splitlines())
    reader.run("upgrade", "--security")
    assert reader.installed == {"tool-2-1", "library-1-1"}


def test_a_module_stream_limits_its_packages(reader: Reader) -> None:
    """Streams of modules are seen: with an older one enabled, the package is that of the stream."""
    reader.read(f"http://{HOST}/refs/production/base")
    listed = reader.run("module", "list", "app")
    assert len([line for line in listed.splitlines() if line.startswith("app ")]) == len(STREAMS)
    reader.run("module", "enable", "app:1")
    reader.run("install", "app")
    assert reader.installed == {"app-1-1"}


def test_a_group_brings_its_packages(reader: Reader) -> None:
    """Groups are seen, and installed."""
    if reader.dnf.distribution == "debian-13":
        pytest.skip("the dnf of Debian 13 crashes in libcomps on any group, whoever wrote it")
    reader.read(f"http://{HOST}/refs/production/base")
    assert "tools" in reader.run("group", "list", "--hidden")
    reader.run("group", "install", "tools")
    assert "tool-2-1" in reader.installed


def test_a_ref_that_moves_is_followed_by_the_next_run(reader: Reader, store: Store) -> None:
    """A ref that moves is followed by the next run that refreshes, back and forth."""
    ref = name_of(reader.dnf)
    reader.read(f"http://{HOST}/refs/{ref}/base")
    for snapshot, newest in (("first", "tool-0:1-1."), ("second", "tool-0:2-1."), ("first", "tool-0:1-1.")):
        store.command("publish", ref, snapshot)
        found = reader.run("repoquery", "--refresh", "--latest-limit=1", "tool")
        assert newest in found, snapshot


def test_a_whole_snapshot_is_copied(reader: Reader) -> None:
    """`dnf reposync` copies a snapshot, its rpms from the pool included."""
    if reader.dnf.distribution == "debian-11":
        pytest.skip("Debian 11 has no reposync")
    reader.read(f"http://{HOST}/snapshots/second/base")
    reader.run("reposync", "--repoid=base", "--download-path=/copy")
    copied = reader.container.run("find", "/copy", "-name", "*.rpm", "-printf", "%f\n").split()
    assert sorted(copied) == sorted(rpm.filename for rpm in (LIBRARY, OLD, NEW, *STREAMS))
