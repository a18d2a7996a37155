"""The table of operations: how a world gets ready for each, and the words that begin it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from tests.support.advisories import Advisory
from tests.support.comps import comps, group
from tests.support.repositories import Contents
from tests.support.rpms import Rpm
from tests.support.stores import Frozen, frozen, new_store
from tests.support.trial import FileTrial, HostTrial, Site, StoreTrial, Tries
from tests.support.world import World

Prepare = Callable[[World, str], "HostTrial | FileTrial | StoreTrial"]

_A, _B, _C, _D = Rpm("a", "1-1"), Rpm("b", "2-1"), Rpm("c", "3-1"), Rpm("d", "4-1")


def ready(name: str, world: World, url: str) -> Tries:
    """Return an operation that is about to happen; it did happen once, to learn where it leads."""
    trial = OPERATIONS[name](world, url)
    tries = Tries(world, trial)

    def once() -> None:
        outcome = tries.run()
        assert outcome.code == 0, outcome

    trial.learn(once)
    tries.put_back()
    return tries


def _apply(world: World, url: str) -> HostTrial:
    site = Site(world, url)
    return HostTrial(world, site.apply, site.root)


def _component_run(world: World, url: str) -> HostTrial:
    site = Site(world, url)
    return HostTrial(world, ("component", "run", *site.options), site.root, stdin=site.request)


def _boot_run(world: World, url: str) -> HostTrial:
    site = Site(world, url)
    site.stage()
    return HostTrial(world, ("boot", "run", "--assume-boot", *site.options), site.root, stages=site.apply)


def _boot_cancel(world: World, url: str) -> HostTrial:
    site = Site(world, url)
    site.stage()
    return HostTrial(world, ("boot", "cancel", *site.options), site.root)


def _plan_out(world: World, url: str) -> FileTrial:
    site = Site(world, url)
    place = world.path / "plans"
    place.mkdir()
    return FileTrial(world, ("plan", site.profile, *site.options, "--out", place / "plan.json"), place, "plan.json")


def _two_snapshots(world: World) -> StoreTrial:
    """Freeze two days, publish the older one, and lock it."""
    store = new_store(world.store)
    fix = Advisory("RHSA-2026:1", packages=(_A,))
    contents = Contents(rpms=(_A, _B), advisories=(fix,), comps=comps(group("core", mandatory=("a",))))
    frozen(store, "one", [world.publish("base", contents)], Frozen(cut_at="2026-11-01T00:00:00Z"))
    frozen(store, "two", [world.repository("base", _B, _C)], Frozen(cut_at="2026-11-02T00:00:00Z"))
    for words in (("publish", "production", "one"), ("lock", "one", "--out", world.path / "one.json")):
        outcome = world.snapshot(*map(str, words))
        assert outcome.code == 0, outcome
    return StoreTrial(world, (), store)


def _on_two_snapshots(*words: str, codes: tuple[int, ...] = (0,)) -> Prepare:
    def prepare(world: World, _url: str) -> StoreTrial:
        trial = _two_snapshots(world)
        trial.words = ("snapshot", *(word.format(world=world.path) for word in words), "--store", world.store)
        trial.codes = frozenset(codes)
        return trial

    return prepare


def _mirror(world: World, url: str) -> StoreTrial:
    store = new_store(world.store)
    world.repository("base", _A, _C)
    words = ("snapshot", "mirror", "base", f"{url}/base", "--store", world.store)
    outcome = world.run(*words)
    assert outcome.code == 0, outcome
    fix = Advisory("RHSA-2026:1", packages=(_A,))
    world.publish("base", Contents(rpms=(_A, _B, _D), advisories=(fix,)))
    return StoreTrial(world, words, store)


def _cut(world: World, url: str) -> StoreTrial:
    trial = _mirror(world, url)
    outcome = world.run(*trial.words)
    assert outcome.code == 0, outcome
    trial.words = ("snapshot", "cut", "day", "--store", world.store)
    return trial


def _adopt(world: World, _url: str) -> StoreTrial:
    store = new_store(world.store)
    world.repository("base", _A, _B)
    return StoreTrial(world, ("snapshot", "adopt", world.repositories, "--name", "day", "--store", world.store), store)


HOST_OPERATIONS: Final[Mapping[str, Prepare]] = {
    "apply": _apply,
    "component-run": _component_run,
    "boot-run": _boot_run,
    "boot-cancel": _boot_cancel,
    "plan-out": _plan_out,
}
STORE_OPERATIONS: Final[Mapping[str, Prepare]] = {
    "mirror": _mirror,
    "cut": _cut,
    "adopt": _adopt,
    "publish": _on_two_snapshots("publish", "production", "two"),
    "retire": _on_two_snapshots("publish", "production", "--remove", codes=(0, 20)),  # 20: it is gone
    "lock": _on_two_snapshots("lock", "two", "--out", "{world}/two.json"),
    "realise": _on_two_snapshots("realise", "{world}/one.json", "again"),
    "prune": _on_two_snapshots("prune", "-y", "--keep-last", "0"),
}
OPERATIONS: Final[Mapping[str, Prepare]] = {**HOST_OPERATIONS, **STORE_OPERATIONS}
