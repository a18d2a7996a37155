"""Servers that stop in the middle, lie about lengths, or never end: told as the repository's fault, in bounded time."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from tests.support.server import Fault
from tests.support.tool import Outcome
from tests.support.trials import ready
from tests.support.world import World

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="rpm changes its root directory")

HALF: Final = 300
LIES: Final[Mapping[str, Fault]] = {
    "stops": Fault(cut_at=HALF),
    "stops-without-a-length": Fault(cut_at=HALF, is_unmeasured=True),
    "says-too-much": Fault(announced_bytes=10_000_000),
    "says-too-little": Fault(announced_bytes=HALF),
    "says-nothing-and-never-ends": Fault(is_unmeasured=True, is_endless=True),
    "says-enough-for-ever": Fault(announced_bytes=1 << 62, is_endless=True),
}
# Metadata, what it names, and packages.
FILES: Final = ("*/repomd.xml", "*/*primary.xml*", "*.rpm")
# More than any of these repositories has, and far less than a server can send that never ends.
MOST_BYTES: Final = 64 << 20


# The server may be healed in the midst of a retry: mirror takes up again where a file ended, and comes to its end.
HEALS: Final = frozenset({("mirror", "*.rpm"), ("mirror", "*/*primary.xml*")})
# Those retries take seconds, and tests/unit/snapshots/intake/test_fetch.py has each of them; this one takes a gigabyte.
ELSEWHERE: Final = frozenset(
    {
        *(("mirror", file, lie) for file in FILES for lie in ("stops", "stops-without-a-length", "says-too-much")),
        *(("apply", "*/*primary.xml*", lie) for lie in LIES if LIES[lie].is_endless),
    }
)


def is_the_repositorys_fault(outcome: Outcome) -> None:
    assert outcome.code == 15, outcome
    assert "Traceback" not in outcome.stderr


def used_bytes(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("name", ["apply", "mirror"])
def test_a_server_that_fails_or_lies_harms_nothing(world: World, name: str, file: str) -> None:
    with world.serving() as server:
        tries = ready(name, world, server.url)
        for lie in LIES:
            if (name, file, lie) in ELSEWHERE:
                continue
            tries.put_back()
            server.fail(file, LIES[lie])
            outcome = tries.run()
            server.heal()
            assert used_bytes(tries.trial.folder) < MOST_BYTES, lie
            if outcome.code == 0:
                assert (name, file) in HEALS, lie
            else:
                is_the_repositorys_fault(outcome)
            tries.survives()


@pytest.mark.parametrize("file", ["*/*primary.xml*", "*.rpm"])
def test_a_server_that_falls_silent_is_given_up(world: World, file: str) -> None:
    with world.serving() as server:
        tries = ready("apply", world, server.url)
        server.fail(file, Fault(cut_at=HALF, stays_open=True))
        outcome = tries.run()
        is_the_repositorys_fault(outcome)
        server.heal()
        tries.survives()


def test_metadata_that_never_ends_does_not_fill_the_disk(world: World) -> None:
    """librepo has no limit: the engine has one of a gigabyte."""
    with world.serving() as server:
        tries = ready("apply", world, server.url)
        server.fail("*/*primary.xml*", LIES["says-nothing-and-never-ends"])
        outcome = tries.run()
        is_the_repositorys_fault(outcome)
        assert used_bytes(world.path / "root") < 3 << 30
