"""What the platform's own dnf sees of snapshots, over file:// and http://."""

from __future__ import annotations

import pytest

from tests.support.advisories import Advisory
from tests.support.dnf import dnf
from tests.support.repositories import Contents, Repository
from tests.support.rpms import Rpm
from tests.support.server import serving
from tests.support.world import World

APP_1 = Rpm("app", "1-1", requires=("lib",))
APP_2 = Rpm("app", "2-1", requires=("lib",))
LIB = Rpm("lib", files={"/usr/share/lib/file": "content"})
ADVISORY = Advisory("EX-2026:1", (APP_2,), severity="Critical", cves=("CVE-2026-1",))


def published(world: World) -> Repository:
    """Make the snapshots "one" and "two", publish the latter as "testing", and return the repository in them."""
    world.freeze("one", world.repository("base", APP_1, LIB))
    base = world.publish("base", Contents(rpms=(APP_1, APP_2, LIB), advisories=(ADVISORY,)))
    world.freeze("two", base)
    assert world.snapshot("publish", "testing", "two").code == 0
    return base


@pytest.mark.parametrize("scheme", ["file", "http"])
@pytest.mark.parametrize("place", ["refs/testing", "snapshots/two"])
def test_dnf_installs_from_a_store(world: World, scheme: str, place: str) -> None:
    """The platform's dnf installs packages from a ref and from a snapshot, from files and from a web server."""
    base = published(world)
    root = world.root()

    with serving(world.store) as server:
        url = server.url if scheme == "http" else world.store.as_uri()
        outcome = dnf(root.path, "install", "app", repositories=[base.at(f"{url}/{place}")])

    assert outcome.code == 0, outcome
    assert root.installed() == {APP_2.nevra, LIB.nevra}


def test_dnf_sees_the_advisories_of_a_snapshot(world: World) -> None:
    """The platform's dnf lists the advisories that concern a host, with their severity and CVEs."""
    testing = published(world).at((world.store / "refs/testing").as_uri())
    root = world.root(APP_1, LIB)

    listed = dnf(root.path, "updateinfo", "list", "--quiet", repositories=[testing])
    cves = dnf(root.path, "updateinfo", "list", "--quiet", "cves", repositories=[testing])
    upgraded = dnf(root.path, "upgrade", "--security", repositories=[testing])

    assert listed.stdout.split() == ["EX-2026:1", "Critical/Sec.", APP_2.nevra]
    assert cves.stdout.split()[0] == "CVE-2026-1"
    assert upgraded.code == 0, upgraded
    assert root.installed() == {APP_2.nevra, LIB.nevra}


def test_dnf_follows_a_ref(world: World) -> None:
    """Once a ref has moved the platform's dnf takes packages from the snapshot that it points to now."""
    testing = published(world).at((world.store / "refs/testing").as_uri())
    first, second = world.root(name="first"), world.root(name="second")

    dnf(first.path, "install", "app", repositories=[testing])
    assert world.snapshot("publish", "testing", "one").code == 0
    dnf(second.path, "install", "app", repositories=[testing])

    assert APP_2.nevra in first.installed()
    assert APP_1.nevra in second.installed()


def test_dnf_finds_files_in_a_snapshot(world: World) -> None:
    """The file lists of a snapshot are whole: dnf finds the package of a path."""
    testing = published(world).at((world.store / "refs/testing").as_uri())

    outcome = dnf(world.root().path, "repoquery", "--quiet", "--file", "/usr/share/lib/file", repositories=[testing])

    assert outcome.stdout.split() == ["lib-0:1-1.noarch"]


def test_a_materialised_tree_needs_no_store(world: World) -> None:
    """A tree that was materialised is installed from after the store is gone."""
    base = published(world)
    folder = world.path / "www"
    assert world.snapshot("publish", "testing", "two", "--materialise", folder).code == 0
    world.store.rename(world.path / "gone")
    root = world.root()

    outcome = dnf(root.path, "install", "app", repositories=[base.at((folder / "testing").as_uri())])

    assert outcome.code == 0, outcome
    assert root.installed() == {APP_2.nevra, LIB.nevra}
