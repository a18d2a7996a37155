"""The boot run under a real systemd: what waits is carried out by the next boot, and by nothing else."""

from __future__ import annotations

import json
import time

import pytest

from tests.support.boot_unit import PROFILE, BootHost
from tests.support.booted import AS_SERVICE, BootedContainer, BootError
from tests.support.gate import WAITING
from tests.support.rpms import Rpm
from tests.support.world import World

LIB, LIB2 = Rpm("lib", "1-1"), Rpm("lib", "2-1")
APP, APP2 = Rpm("app", "1-1"), Rpm("app", "2-1", requires=("lib >= 2",))
BEFORE, AFTER = {LIB.nevra, APP.nevra}, {LIB2.nevra, APP2.nevra}
PATIENCE_S = 30.0

# It takes its time, as an upgrade of everything does.
OTHER_UPDATE = """\
[Unit]
DefaultDependencies=no
Requires=sysinit.target
After=sysinit.target system-update-pre.target
Before=system-update.target shutdown.target
SuccessAction=reboot
FailureAction=reboot

[Service]
Type=oneshot
ExecStart=rm /system-update
ExecStart=sleep 3
ExecStart=sh -c 'rpm --query lib >/root/other'

[Install]
WantedBy=system-update.target
"""


@pytest.fixture
def host(booted: BootedContainer, world: World) -> BootHost:
    """Return a host with the old builds, whose repository has the new ones, and lib held until boot."""
    host = BootHost(booted, world)
    install_old(host)
    host.want(["lib", "app"], world.repository("base", LIB2, APP2))
    return host


def install_old(host: BootHost) -> None:
    host.configure()
    host.want(["lib", "app"], host.world.repository("base", LIB, APP))
    host.apply("-y")
    host.configure({"packages": ["lib"], "why": "reboots only"})


def test_the_next_boot_carries_it_out_before_services_start(host: BootHost) -> None:
    report = host.apply()
    assert (report["outcome"], len(report["deferred"])) == ("nothing-to-do", 2)
    assert host.record()["state"] == "armed"
    assert host.installed() == BEFORE

    host.host.reboot()

    assert host.host.state == "running", host.host.run("systemctl", "--failed")
    assert host.found_by_services() == AFTER
    assert (host.record()["state"], host.record()["tries"]) == ("done", 1)
    journal = host.host.run("journalctl", "--unit=yumbridge-boot.service", "--boot", "--output=cat")
    assert "Done: the host is as planned." in journal


@pytest.mark.parametrize("prefix", [(), AS_SERVICE], ids=["person", "service"])
def test_a_running_host_is_no_boot(host: BootHost, prefix: tuple[str, ...]) -> None:
    host.apply()

    outcome = host.host.attempt(*prefix, "yumbridge", "boot", "run", "--json")

    assert outcome.code == 1
    assert json.loads(outcome.stdout)["kind"] == "not-boot"
    assert host.installed() == BEFORE
    assert host.record()["state"] == "armed"


def test_a_unit_that_is_started_by_hand_does_nothing(host: BootHost) -> None:
    host.apply()

    started = host.host.attempt("systemctl", "start", "yumbridge-boot.service")

    assert started.code != 0
    assert host.installed() == BEFORE


def test_a_marker_that_somebody_makes_is_no_boot(host: BootHost) -> None:
    """A marker with the id of this boot, and a plan of an earlier one: systemd has ended its start-up all the same."""
    host.host.run("systemctl", "disable", "yumbridge-boot.service")
    host.apply()
    host.host.reboot()
    assert host.host.run("cat", "/run/yumbridge/booting") == host.host.boot_id.replace("-", "")

    outcome = host.host.attempt("yumbridge", "boot", "run")

    assert outcome.code == 1
    assert "systemd has ended its start-up" in outcome.stderr
    assert host.installed() == BEFORE


def test_a_boot_without_a_plan_is_a_boot_like_any_other(host: BootHost) -> None:
    host.host.reboot()

    assert host.host.state == "running"
    assert host.found_by_services() == BEFORE
    assert host.host.attempt("test", "-e", "/run/yumbridge/booting").code == 1


def test_a_cancelled_plan_is_not_carried_out(host: BootHost) -> None:
    host.apply()
    host.host.run("yumbridge", "boot", "cancel")

    host.host.reboot()

    assert host.found_by_services() == BEFORE
    assert host.record()["state"] == "cancelled"


def test_a_power_cut_in_the_boot_run_is_made_up_for_by_the_next_boot(booted: BootedContainer, world: World) -> None:
    host = BootHost(booted, world)
    install_old(host)
    host.want(["lib", "app"], world.repository("base", Rpm("lib", "2-1", scriptlets=WAITING), APP2))
    host.apply()
    booted.run("mkfifo", "/gate")
    booted.cut_power()
    booted.start()
    wait_for_the_gate(booted)
    assert (host.record()["state"], host.record()["tries"]) == ("running", 1)
    booted.cut_power()
    booted.boot()

    assert booted.state == "running"
    assert host.found_by_services() == AFTER
    assert (host.record()["state"], host.record()["tries"]) == ("done", 2)
    journal = booted.run("journalctl", "--unit=yumbridge-boot.service", "--boot", "--output=cat")
    assert "a boot run was interrupted: try 1" in journal


def wait_for_the_gate(booted: BootedContainer) -> None:
    """Wait until a scriptlet waits for the gate, in the middle of a transaction. Source: proc(5), wchan."""
    deadline = time.monotonic() + PATIENCE_S
    while booted.attempt("sh", "-c", "grep -qs wait_for_partner /proc/[0-9]*/wchan").code != 0:
        assert time.monotonic() < deadline, "the boot run has not come to its gate"
        time.sleep(0.1)


def test_a_boot_run_that_fails_does_not_stop_the_boot(booted: BootedContainer, world: World) -> None:
    host = BootHost(booted, world)
    install_old(host)
    host.want(["lib", "app"], world.repository("base", Rpm("lib", "2-1", scriptlets={"pre": 'error("no luck")'}), APP2))
    host.apply()

    booted.reboot()

    assert booted.state == "degraded"
    assert booted.run("systemctl", "is-active", "multi-user.target") == "active\n"
    assert host.record()["state"] == "failed"
    booted.reboot()
    assert booted.state == "running"


def test_nothing_changes_where_a_file_system_is_missing(host: BootHost) -> None:
    """In emergency mode, with file systems not mounted, a kernel would be written into an empty mount point."""
    host.apply()
    host.host.write("/etc/fstab", "none /mnt no-such-file-system defaults 0 0\n")

    with pytest.raises(BootError, match="maintenance"):
        host.host.reboot()

    assert host.installed() == BEFORE
    assert host.record()["state"] == "armed"
    host.host.write("/etc/fstab", "")
    host.host.cut_power()
    host.host.boot()
    assert host.found_by_services() == AFTER


def test_a_boot_that_did_not_carry_it_out_is_told(host: BootHost) -> None:
    host.apply()
    host.host.run("systemctl", "disable", "yumbridge-boot.service")
    host.host.reboot()
    assert "nothing is set up to carry it out" in host.host.run("yumbridge", "boot", "status")

    host.host.run("systemctl", "enable", "yumbridge-boot.service")

    text = " ".join(host.host.run("yumbridge", "status").split())
    assert "this one did not: journalctl -b -u yumbridge-boot.service" in text


def test_an_offline_update_has_a_boot_of_its_own(host: BootHost) -> None:
    host.host.run("rm", "-f", "/root/found")
    host.configure({"packages": ["lib"]}, boot_method="offline")
    host.apply()
    assert host.record()["state"] == "armed"
    first = host.host.boot_id

    host.host.cut_power()
    host.host.start()
    host.host.wait_until_stopped()
    host.host.boot()

    assert host.host.state == "running"
    assert host.found_by_services() == AFTER
    assert host.host.attempt("test", "-L", "/system-update").code == 1
    assert host.record()["state"] == "done"
    assert len({first, host.record()["boot_id"], host.host.boot_id}) == 3


def test_an_offline_update_that_fails_ends_in_a_normal_boot(booted: BootedContainer, world: World) -> None:
    """Never a boot loop: the link goes first."""
    host = BootHost(booted, world)
    install_old(host)
    host.configure({"packages": ["lib"]}, boot_method="offline")
    host.want(["lib", "app"], world.repository("base", Rpm("lib", "2-1", scriptlets={"pre": 'error("no luck")'}), APP2))
    host.apply()
    booted.cut_power()
    booted.start()
    booted.wait_until_stopped()
    booted.boot()

    assert booted.attempt("test", "-L", "/system-update").code == 1
    assert host.record()["state"] == "failed"
    assert booted.state == "running"


def test_the_need_of_a_reboot_is_advertised_and_is_over_with_the_boot(booted: BootedContainer, world: World) -> None:
    host = BootHost(booted, world)
    host.configure()
    booted.write("/etc/dnf/plugins/needs-restarting.d/site.conf", "# ours\nour-agent\n")
    host.want(["systemd", "our-agent", "app"], world.repository("base", Rpm("systemd"), Rpm("our-agent"), Rpm("app")))

    host.apply("-y")

    assert booted.run("cat", "/run/reboot-required") == "*** System restart required ***\n"
    assert booted.run("cat", "/run/reboot-required.pkgs") == "our-agent\nsystemd\n"
    status = json.loads(booted.run("yumbridge", "status", "--json"))
    assert (status["reboot_needed"], status["boot_plan"]) == (True, None)
    assert status["reboot_because"] == ["our-agent-1-1.noarch", "systemd-1-1.noarch"]

    booted.reboot()

    assert booted.attempt("test", "-e", "/run/reboot-required").code == 1
    assert json.loads(booted.run("yumbridge", "status", "--json"))["reboot_needed"] is False
    assert booted.attempt("yumbridge", "plan", PROFILE, "--check").code == 0


def test_a_boot_plan_that_waits_and_a_reboot_that_is_needed_are_two_things(host: BootHost) -> None:
    host.apply()

    status = json.loads(host.host.run("yumbridge", "status", "--json"))

    assert (status["boot_plan"], status["reboot_needed"]) == ("armed", False)
    assert host.host.attempt("test", "-e", "/run/reboot-required").code == 1


def test_the_offline_update_of_another_tool_is_not_cut_short(host: BootHost) -> None:
    """Where the link is not ours nothing is done, and above all the machine is not rebooted under the other tool."""
    host.configure({"packages": ["lib"]}, boot_method="offline")
    host.apply()
    booted = host.host
    booted.write("/etc/systemd/system/other.service", OTHER_UPDATE)
    booted.run("systemctl", "enable", "other.service")
    booted.run("rm", "/system-update")
    booted.run("ln", "-s", "/var/lib/other", "/system-update")
    booted.cut_power()
    booted.start()
    booted.wait_until_stopped()
    booted.boot()

    assert booted.run("cat", "/root/other") == f"{LIB.nevra}\n"
