"""Files and folders get the modes that they need and no more, and no folder is used that somebody else fills."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from tests.support.holding import holding
from tests.support.plans import applied
from tests.support.profiles import repository_entry
from tests.support.rpms import Rpm
from tests.support.world import World

# What a path that matches may have at most, the first that does; what may be read by others is so with the usual umask.
STATE = (
    ("etc/yum.repos.d/secret.repo", 0o600),
    ("var/lib/yumbridge/boot*", 0o755),
    ("var/log/yumbridge.log", 0o640),
    ("var/cache/yumbridge", 0o700),
    ("*", 0o755),
)
STAGED = (
    ("var/lib/yumbridge/boot", 0o700),
    ("var/lib/yumbridge/boot/*/request.json", 0o600),
    ("var/lib/yumbridge/boot/*/plan.json", 0o600),
    ("var/lib/yumbridge/boot/*/cache", 0o700),
    ("var/lib/yumbridge/boot/????????????????", 0o700),
)
OPEN_STATE = (
    "var/lib/yumbridge",
    "var/lib/yumbridge/report.json",
    "var/lib/yumbridge/inventory.json",
    "var/lib/yumbridge/boot.json",
)


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def modes(path: Path) -> dict[str, int]:
    """Return the mode of every file and folder below a path, links aside."""
    return {
        found.relative_to(path).as_posix(): stat.S_IMODE(found.lstat().st_mode)
        for found in sorted(path.rglob("*"))
        if not found.is_symlink()
    }


def allowed(name: str, table: tuple[tuple[str, int], ...]) -> int:
    return next(mode for pattern, mode in table if fnmatchcase(name, pattern))


def too_open(path: Path, table: tuple[tuple[str, int], ...] = (("*", 0o755),)) -> dict[str, str]:
    """Return what has more than the table allows."""
    return {name: oct(mode) for name, mode in modes(path).items() if mode & ~allowed(name, table)}


MASKS = pytest.mark.parametrize("mask", [0, 0o022, 0o077], ids=oct)


@MASKS
def test_a_run_makes_nothing_that_others_may_write(world: World, mask: int) -> None:
    """A run, with a boot plan staged, in an empty root: also the folders above what it writes."""
    old, new = (Rpm("app", evr) for evr in ("1-1", "2-1"))
    base = world.repository("base", Rpm("more"), new)
    secret = repository_entry(("secret", f"file://{base.path}?token=s3cr3t"), enabled=False)
    profile = world.profile(["app", "more"], [base, secret])
    config = holding(world, {"packages": ["app"]})
    root = world.root(old)
    before = modes(root.path)

    with umask(mask):
        applied(world, profile, root, "--config", config)

    made = {name: mode for name, mode in modes(root.path).items() if before.get(name) != mode}
    table = (*STAGED, *STATE)
    assert {name: oct(mode) for name, mode in made.items() if mode & ~allowed(name, table)} == {}
    assert any(fnmatchcase(name, "var/lib/yumbridge/boot/*/request.json") for name in made)
    assert {name for name, mode in made.items() if mode == 0o600} >= {"etc/yum.repos.d/secret.repo"}
    if not mask & 0o044:
        assert all(made[name] & 0o044 == 0o044 for name in OPEN_STATE), "others read how the host stands"


@MASKS
def test_a_store_is_nothing_that_others_may_write(world: World, mask: int) -> None:
    """Every verb that writes to a store, and what publish writes elsewhere."""
    base = world.repository("base", Rpm("app"))
    with umask(mask):
        for words in (
            ["mirror", "base", base.url],
            ["cut", "one"],
            ["publish", "production", "one"],
            ["publish", "production", "one", "--materialise", world.path / "made"],
            ["lock", "one", "--out", world.path / "one.lock"],
            ["realise", world.path / "one.lock", "two"],
        ):
            outcome = world.snapshot(*map(str, words))
            assert outcome.code == 0, (words, outcome)
        assert world.snapshot("prune", "--keep-last", "1").code in {0, 2}

    assert too_open(world.store) == {}
    assert too_open(world.path / "made") == {}
    assert (world.path / "one.lock").stat().st_mode & 0o022 == 0
    if not mask & 0o044:
        assert all(mode & 0o044 == 0o044 for mode in modes(world.store / "snapshots").values()), "a web server reads it"


@MASKS
def test_files_that_a_user_names_are_nothing_that_others_may_write(world: World, mask: int) -> None:
    base = world.repository("base", Rpm("app"))
    out, page = world.path / "plan.json", world.path / "plan.html"

    with umask(mask):
        outcome = world.run(
            "plan", world.profile(["app"], [base]), "--root", world.root().path, "--out", out, "--html", page
        )

    assert outcome.code == 0
    assert [path.stat().st_mode & 0o133 for path in (out, page)] == [0, 0]


def foreign(folder: Path, how: str) -> None:
    """Give a folder to somebody else, wholly or in part."""
    folder.mkdir(parents=True, exist_ok=True)
    if how == "owner":
        os.chown(folder, 12345, 0)
    else:
        folder.chmod({"group": 0o775, "world": 0o1777}[how])


HOW = pytest.mark.parametrize(
    ("how", "words"),
    [("owner", "belongs to another user"), ("group", "others may write to"), ("world", "others may write to")],
)


@HOW
@pytest.mark.parametrize("name", ["var/lib/yumbridge", "var/lib/yumbridge/boot"])
@pytest.mark.parametrize("verb", ["apply", "boot"])
def test_state_that_somebody_else_fills_is_refused(world: World, name: str, how: str, words: str, verb: str) -> None:
    """The state folder, and that of what is staged: nothing is done, and the message names the folder."""
    base = world.repository("base", Rpm("app", "2-1"))
    root = world.root(Rpm("app", "1-1"))
    profile = world.profile(["app"], [base])
    if verb == "boot":
        applied(world, profile, root, "--config", holding(world, {"packages": ["app"]}))
    foreign(root.path / name, how)
    before = modes(root.path / "var/lib/yumbridge")

    if verb == "boot":
        outcome = world.run("boot", "run", "--assume-boot", "--root", root.path, "--json")
    else:
        outcome = world.run("apply", profile, "--root", root.path, "--json")

    assert outcome.code == 1, outcome
    assert outcome.json()["kind"] == "host"
    assert words in outcome.json()["message"]
    assert str(root.path / name) in outcome.json()["message"]
    assert root.installed() == {"app-1-1.noarch"}
    assert modes(root.path / "var/lib/yumbridge") == before, "nothing is written there"


@HOW
def test_root_does_not_write_to_a_store_of_somebody_else(world: World, how: str, words: str) -> None:
    base = world.repository("base", Rpm("app"))
    assert world.snapshot("mirror", "base", base.url).code == 0
    foreign(world.store, how)

    outcome = world.snapshot("cut", "one", "--json")

    assert outcome.code == 1, outcome
    assert words in outcome.json()["message"]
    assert world.snapshot("list").code == 0, "who reads needs no trust"


@HOW
def test_root_makes_no_store_in_a_folder_of_somebody_else(world: World, how: str, words: str) -> None:
    base = world.repository("base", Rpm("app"))
    foreign(world.store, how)

    outcome = world.snapshot("mirror", "base", base.url, "--json")

    assert outcome.code == 1, outcome
    assert words in outcome.json()["message"]
    assert list(world.store.iterdir()) == []
