"""The advisories that a transaction crosses."""

from __future__ import annotations

import os

import pytest

from tests.support.advisories import Advisory
from tests.support.engine import Engine, change, wanted
from tests.support.kernels import kernels
from tests.support.rpms import Rpm
from tests.support.world import World

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="rpm changes its root directory")

OLD, MIDDLE, NEW, NEWEST = (Rpm("lib", f"{number}-1") for number in range(1, 5))
ADVISORIES = (
    Advisory("A-1", (OLD,)),
    Advisory("A-2", (MIDDLE,)),
    Advisory("A-3", (NEW,)),
    Advisory("A-4", (NEWEST,)),
)


def test_an_upgrade_crosses_what_lies_between(engine: Engine, world: World) -> None:
    base = world.repository("base", MIDDLE, NEW, NEWEST, advisories=ADVISORIES)
    engine.open(world.root(OLD), base)

    assert engine.exact(change([wanted(base, NEW)])).advisories == ((NEW.nevra, ("A-2", "A-3")),)


def test_a_first_install_and_a_downgrade_cross_none(engine: Engine, world: World) -> None:
    base = world.repository("base", OLD, NEW, advisories=ADVISORIES)
    engine.open(world.root(), base)
    assert engine.exact(change([wanted(base, NEW)])).advisories == ()

    engine.open(world.root(NEW, name="newer"), base)
    assert engine.exact(change([wanted(base, OLD)])).advisories == ()


def test_a_kernel_beside_an_older_one_crosses_its_advisories(engine: Engine, world: World) -> None:
    before, after = kernels("5.14.0-1.el9"), kernels("5.14.0-2.el9")
    base = world.repository("base", *after, advisories=[Advisory("K-1", tuple(after))])
    engine.open(world.root(*before), base)

    found = engine.exact(change([wanted(base, rpm) for rpm in after]))

    assert dict(found.advisories) == {rpm.nevra: ("K-1",) for rpm in after}
