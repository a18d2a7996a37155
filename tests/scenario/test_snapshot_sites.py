"""Snapshots that travel between sites, each with a mirror of its own."""

from __future__ import annotations

from pathlib import Path

from tests.support.advisories import Advisory
from tests.support.comps import comps, group, module
from tests.support.mirrors import write_otherwise
from tests.support.repositories import Contents
from tests.support.rpms import Rpm
from tests.support.world import World

APP = Rpm("app", "2-1", arch="x86_64", files={"/usr/bin/app": "2"})
LIB = Rpm("lib", "1:1-1", requires=("app",))
LATER = Rpm("lib", "1:2-1")
FIX = Advisory("EX-2026:1", (APP,), severity="Critical", cves=("CVE-2026-1",))


def contents(*more: Rpm) -> Contents:
    return Contents(
        rpms=(APP, LIB, *more),
        advisories=(FIX,),
        comps=comps(group("core", mandatory=("app", "lib"))),
        modules=module("app", "2", ["app-0:2-1.x86_64"]),
    )


def first_site(world: World) -> None:
    """Mirror a repository over HTTP, compressed by gzip, and cut a snapshot of it."""
    base = world.publish("base", contents())
    with world.serving() as server:
        assert world.snapshot("mirror", "base", base.at(server.url).url).code == 0
    assert world.snapshot("cut", "november").code == 0


def second_site(world: World, *more: Rpm) -> World:
    """Mirror the same packages, and perhaps more, from another mirror, which writes everything otherwise."""
    other = World(world.path / "elsewhere", world.cache)
    other.path.mkdir()
    base = other.publish("base", contents(*more))
    with other.serving() as server:
        write_otherwise(base, f"{server.url}/base/")
        outcome = other.snapshot("mirror", "base", base.at(server.url).url)
        assert outcome.code == 0, outcome
    return other


def tree(snapshot: Path) -> dict[str, bytes]:
    """Return the files and links that are a snapshot, but not how it came to be."""
    return {
        path.relative_to(snapshot).as_posix(): bytes(path.readlink()) if path.is_symlink() else path.read_bytes()
        for path in snapshot.rglob("*")
        if (path.is_symlink() or path.is_file()) and not path.name.startswith("snapshot.json")
    }


def test_a_lock_gives_the_same_bytes_on_another_site(world: World) -> None:
    """A lock is realised where another mirror has moved on, and writes its metadata otherwise: the same bytes."""
    first_site(world)
    other = second_site(world, LATER)
    lock = world.path / "november.lock.json"
    locked = world.snapshot("lock", "november", "--out", lock, "--json").json()

    made = other.snapshot("realise", lock, "from-the-first-site", "--json").json()

    assert made["id"] == locked["id"]
    there, here = world.store / "snapshots/november", other.store / "snapshots/from-the-first-site"
    assert tree(there) == tree(here)
    assert len(tree(there)) > 5


def test_the_same_content_has_the_same_id_on_every_site(world: World) -> None:
    """Two sites cut what they hold from different mirrors at different times: the same id, the same bytes."""
    first_site(world)
    other = second_site(world)

    made = other.snapshot("cut", "our-own", "--json").json()

    assert made["id"] == world.snapshot("show", "november", "--json").json()["id"]
    assert tree(world.store / "snapshots/november") == tree(other.store / "snapshots/our-own")
