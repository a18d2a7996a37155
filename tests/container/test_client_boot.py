"""What waits for a boot, on a client whose command and units came with the rpm."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.boot_unit import BootHost
from tests.support.booted import booting_bare
from tests.support.cache import Cache
from tests.support.clients import PACKAGES, offered_packages, prepared
from tests.support.containers import Containers, Place
from tests.support.rpms import Rpm
from tests.support.world import World


@pytest.fixture
def host(containers: Containers, world: World, rpm_cache: Cache) -> Iterator[BootHost]:
    """Yield a booted host on which dnf has installed the bridge."""
    world.repositories.mkdir(parents=True)
    with offered_packages() as folder:
        place = Place(mounts={"/srv/repositories": world.repositories, PACKAGES: folder})
        with booting_bare(containers, place) as booted:
            booted.boot()
            prepared(booted, folder, rpm_cache).install_bridge()
            yield BootHost(booted, world, has_units=True)


def test_what_is_held_is_changed_by_the_next_boot(host: BootHost) -> None:
    old, new, tool = Rpm("lib", "1-1"), Rpm("lib", "2-1"), Rpm("tool", "1-1")
    host.configure()
    host.want(["lib"], host.world.repository("base", old))
    host.apply("-y")
    host.configure({"packages": ["lib"], "why": "reboots only"})
    host.want(["lib", "tool"], host.world.repository("base", new, tool))
    host.apply("-y")
    bridge = {package for package in host.installed() if package.startswith(("yumbridge-", "platform-"))}
    assert len(bridge) == 2
    assert host.installed() == {old.nevra, tool.nevra} | bridge
    assert host.record()["state"] == "armed"

    host.host.reboot()

    assert host.host.state == "running", host.host.run("systemctl", "--failed")
    assert host.found_by_services() == {new.nevra, tool.nevra} | bridge
    assert host.record()["state"] == "done"


def test_the_units_go_with_the_package(host: BootHost) -> None:
    host.host.run("rpm", "--erase", "yumbridge")

    assert host.host.attempt("find", "/etc/systemd/system", "-name", "yumbridge-*").stdout == ""
    host.host.reboot()
    assert host.host.state == "running"
