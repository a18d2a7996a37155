"""The machine itself, a disposable one: its own root directory, its own kernel."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.machine import Machine, machine
from tests.support.rpms import Rpm
from tests.support.world import World


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Machine]:
    with machine(tmp_path) as found:
        yield found


def running_kernel() -> Rpm:
    """Return a kernel whose `uname -r` is that of this machine."""
    release = os.uname().release
    if release.count("-") > 1:
        pytest.skip(f"no rpm can provide the kernel release {release}")
    provides = ("installonlypkg(kernel)", f"kernel-uname-r = {release}")
    return Rpm("kernel-core", "0-1", arch="x86_64", provides=provides)


def test_a_profile_is_applied_to_the_machine_itself(world: World, here: Machine) -> None:
    """Without --root the machine itself is planned and changed, and a second plan finds nothing to do."""
    base = world.repository("base", Rpm("app", requires=("lib",), files={"/usr/share/app": "1"}), Rpm("lib"))
    profile = world.profile(["app"], [base])

    applied = here.run("apply", profile, "-y")

    assert applied.code == 0, applied
    assert here.root.installed() == {"app-1-1.noarch", "lib-1-1.noarch"}
    assert (here.path / "usr/share/app").read_text(encoding="utf-8") == "1"
    assert here.run("plan", profile, "--check").code == 0


def test_the_running_kernel_of_the_machine_stays(world: World, here: Machine) -> None:
    """The kernel that the machine runs stays, without anybody naming it."""
    kernel = running_kernel()
    world.install(here.root, kernel)
    profile = world.profile(["app"], [world.repository("base", Rpm("app"))])

    plan = here.run("plan", profile, "--json").json()

    assert plan["host"]["kernel_release"] == os.uname().release
    assert [(entry["nevra"], entry["reason"]) for entry in plan["kept"]] == [(kernel.nevra, "running-kernel")]


def test_a_new_glibc_on_the_machine_calls_for_a_reboot(world: World, here: Machine) -> None:
    """After a change to glibc the report and the status say that the machine has to be booted again."""
    world.install(here.root, Rpm("glibc", "1-1"))
    profile = world.profile(["glibc"], [world.repository("base", Rpm("glibc", "2-1"))])

    report = here.run("apply", profile, "-y", "--json").json()
    status = here.run("status", "--json").json()

    assert report["reboot"] == {"needed_after": True, "because": ["glibc-2-1.noarch"]}
    assert (status["reboot_needed"], status["reboot_because"]) == (True, ["glibc-2-1.noarch"])


def test_a_reboot_is_called_for_though_the_run_was_killed(world: World, here: Machine) -> None:
    """When a run is killed after its transaction the next one, which has nothing to change, calls for the reboot."""
    keep = """local from = io.open("/var/lib/yumbridge/intent.json") local to = io.open("/kept.json", "w")
        to:write(from:read("*a")) from:close() to:close()"""
    world.install(here.root, Rpm("glibc", "1-1"))
    base = world.repository("base", Rpm("glibc", "2-1", scriptlets={"post": keep}))
    profile = world.profile(["glibc"], [base])
    assert here.run("apply", profile, "-y").code == 0
    # As it is when the run dies before its report.
    state = here.path / "var/lib/yumbridge"
    (state / "report.json").unlink()
    (here.path / "kept.json").rename(state / "intent.json")

    report = here.run("apply", profile, "-y", "--json").json()

    assert (report["changes"], report["resumed_after"] is not None) == (0, True)
    assert report["reboot"] == {"needed_after": True, "because": ["glibc-2-1.noarch"]}
