"""The page on the files of a store names every one of them, and what it lets go may go."""

from __future__ import annotations

import re
import shutil

import pytest

from tests.support.advisories import Advisory
from tests.support.project import ROOT
from tests.support.rpms import Rpm
from tests.support.world import World

PAGE = (ROOT / "docs/reference/store.md").read_text(encoding="utf-8")
BASH, ZSH = Rpm("bash"), Rpm("zsh")


@pytest.fixture
def used(world: World) -> World:
    """Return a world whose store has something of everything."""
    base = world.repository("base", BASH, ZSH, advisories=[Advisory("EXA-1", (BASH,))])
    for verb in (
        ("mirror", "base", base.url),
        ("cut", "one"),
        ("cut", "two", "--exclude", "zsh"),
        ("publish", "production", "two"),
        ("lock", "two", "--out", str(world.path / "lock.json")),
    ):
        assert world.snapshot(*verb).code == 0
    return world


def layout() -> dict[str, str]:
    """Return the rows of the layout: what is said of each path."""
    section = PAGE.partition("\n## Layout\n")[2].partition("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line[:1] == "|"]
    return {path.strip("`"): says for path, says, _ in rows[2:]}


def matcher(path: str) -> re.Pattern[str]:
    """Return what matches a path of the page: a word in capitals stands for one name."""
    return re.compile("".join("[^/]+" if part.isupper() else re.escape(part) for part in re.split(r"([A-Z_]+)", path)))


def test_every_file_of_a_store_is_in_the_layout_and_nothing_else(used: World) -> None:
    found = {
        path.relative_to(used.store).as_posix(): path.is_symlink()
        for path in used.store.rglob("*")
        if path.is_symlink() or path.is_file()
    }
    patterns = {matcher(path): says.startswith("->") for path, says in layout().items()}
    unnamed = [
        path
        for path, is_link in found.items()
        if is_link not in {link for pattern, link in patterns.items() if pattern.fullmatch(path)}
    ]
    assert unnamed == []
    assert [pattern.pattern for pattern in patterns if not any(map(pattern.fullmatch, found))] == []


def test_what_may_be_deleted_by_hand_leaves_a_whole_store(used: World) -> None:
    shutil.rmtree(used.store / "mirrors/base")
    (used.store / "snapshots/one").rename(used.store / "snapshots/.one")
    assert used.snapshot("verify", "--deep").code == 0
    assert used.snapshot("lock", "two", "--release").code == 0
    assert used.snapshot("prune", "-y").code == 0
    assert used.snapshot("verify", "--deep").code == 0
    assert [path.name for path in used.store.glob("snapshots/*")] == ["two"]
    assert [path.name for path in used.store.glob("pool/*/*/*")] == [f"{BASH.nevra}.rpm"]


def test_a_copy_of_a_store_works_where_it_lies(used: World) -> None:
    copy = used.path / "copy"
    shutil.copytree(used.store, copy, symlinks=True)
    shutil.rmtree(used.store)
    assert used.run("snapshot", "verify", "--deep", "--store", copy).code == 0
    assert used.run("snapshot", "show", "production", "--store", copy).code == 0
