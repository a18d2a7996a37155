"""What is staged is all that a later run needs, without any network."""

from __future__ import annotations

import os

import pytest

from tests.support import damage
from tests.support.engine import Engine, change, nevras, offer, wanted
from tests.support.rpms import Rpm
from tests.support.signing import SigningKey
from tests.support.world import World
from yumbridge.desired.repository import Repository
from yumbridge.engine.protocol import Stage, Staged
from yumbridge.errors import RepositoryError
from yumbridge.plan.transaction import WantedPackage

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="rpm changes its root directory")

APP, LIB = Rpm("app", requires=("lib",)), Rpm("lib")


@pytest.mark.parametrize("scheme", ["http", "file"])
def test_a_later_run_needs_nothing_but_what_was_staged(
    engine: Engine, world: World, signing_key: SigningKey, scheme: str
) -> None:
    base = world.repository("base", APP, LIB, Rpm("other"), key=signing_key)
    root, folder = world.root(), world.path / "staged"
    folder.mkdir()
    install = (wanted(base, APP), wanted(base, LIB))
    with world.serving() as server:
        there = base.at(server.url) if scheme == "http" else base
        engine.open(root, offer(there, gpgcheck=True, gpgkeys=(signing_key.url,)))
        staged = engine.client.ask(Stage(install=install, folder=str(folder)), Staged)

    (repository,) = staged.repositories
    local = Repository(
        repo_id="base",
        urls=((folder / repository.folder).as_uri(),),
        gpgcheck=True,
        gpgkeys=tuple((folder / key).as_uri() for key in repository.keys),
        origin="staged",
    )
    assert [(package.nevra, package.repo_id) for package in staged.packages] == [(p.nevra, "base") for p in (APP, LIB)]
    assert all((folder / package.path).stat().st_size == package.size_bytes for package in staged.packages)
    engine.open(root, local)
    assert nevras(engine.closure("app")) == [APP.nevra, LIB.nevra]
    assert engine.carry_out(change(install), keys=(signing_key.fingerprint,)).return_code == 0
    assert {APP.nevra, LIB.nevra} <= root.installed()


def test_a_damaged_package_is_not_staged(engine: Engine, world: World) -> None:
    base = world.repository("base", LIB)
    folder = world.path / "staged"
    folder.mkdir()
    engine.open(world.root(), base)
    install: tuple[WantedPackage, ...] = (wanted(base, LIB),)
    damage.corrupt_rpm(base, LIB)

    with pytest.raises(RepositoryError, match="lib-1-1"):
        engine.client.ask(Stage(install=install, folder=str(folder)), Staged)
