"""The host that boots is one: systemd runs it, a start of it is a boot, and the command works on it."""

from __future__ import annotations

import pytest

from tests.support.booted import AS_SERVICE, BootedContainer, BootError
from tests.support.rpms import Rpm
from tests.support.world import World

REPOSITORIES = "file:///srv/repositories"

OFFLINE_UPDATE = """\
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
ExecStart=cp /proc/sys/kernel/random/boot_id /root/updated-in

[Install]
WantedBy=system-update.target
"""

BROKEN = """\
[Service]
Type=oneshot
ExecStart=false

[Install]
WantedBy=sysinit.target
"""


def test_it_boots(booted: BootedContainer) -> None:
    assert booted.run("cat", "/proc/1/comm") == "systemd\n"
    assert booted.state == "running", booted.run("systemctl", "--failed")
    assert booted.run("systemctl", "is-active", "multi-user.target") == "active\n"
    assert booted.run("stat", "--file-system", "--format=%T", "/sys/fs/cgroup") == "cgroup2fs\n"


def test_a_reboot_is_another_boot_and_keeps_files(booted: BootedContainer) -> None:
    first = booted.boot_id
    booted.write("/root/kept", "kept")
    booted.write("/run/gone", "gone")
    booted.reboot()
    assert booted.boot_id != first
    assert booted.run("cat", "/root/kept") == "kept"
    assert booted.attempt("test", "-e", "/run/gone").code == 1
    assert "Reached target reboot.target" in booted.run("journalctl", f"_BOOT_ID={first.replace('-', '')}")


def test_a_power_cut_is_no_shutdown_and_the_next_start_is_a_boot(booted: BootedContainer) -> None:
    first = booted.boot_id
    booted.write("/root/kept", "kept")
    booted.cut_power()
    booted.boot()
    assert booted.boot_id != first
    assert booted.run("cat", "/root/kept") == "kept"
    assert "shutdown.target" not in booted.run("journalctl", f"_BOOT_ID={first.replace('-', '')}")


def test_what_is_made_once_per_boot_is_made_once_per_boot(booted: BootedContainer) -> None:
    booted.write("/etc/tmpfiles.d/marker.conf", "f! /run/marker - - - - %b\n")
    for _ in range(2):
        booted.reboot()
        assert booted.run("cat", "/run/marker") == booted.boot_id.replace("-", "")
        booted.run("rm", "/run/marker")
        booted.run("systemd-tmpfiles", "--create")
        assert booted.attempt("test", "-e", "/run/marker").code == 1


def test_an_offline_update_is_a_boot_of_its_own_before_the_next(booted: BootedContainer) -> None:
    first = booted.boot_id
    booted.write("/etc/systemd/system/update.service", OFFLINE_UPDATE)
    booted.run("systemctl", "enable", "update.service")
    booted.run("ln", "-s", "/var/lib/update", "/system-update")
    booted.cut_power()
    booted.start()
    booted.wait_until_stopped()
    booted.boot()
    assert booted.state == "running"
    updated_in = booted.run("cat", "/root/updated-in").strip()
    assert len({first, updated_in, booted.boot_id}) == 3


def test_a_boot_that_goes_nowhere_says_where_it_stands(booted: BootedContainer) -> None:
    booted.run("ln", "-s", "/lib/systemd/system/rescue.target", "/etc/systemd/system/default.target")
    booted.write("/etc/systemd/system/broken.service", BROKEN)
    booted.run("systemctl", "enable", "broken.service")
    with pytest.raises(BootError, match=r"(?s)'maintenance'.*broken\.service.*journalctl"):
        booted.reboot()


@pytest.mark.parametrize("prefix", [(), AS_SERVICE], ids=["person", "service"])
def test_the_command_runs_and_rpm_has_one_database(booted: BootedContainer, prefix: tuple[str, ...]) -> None:
    assert booted.run(*prefix, "yumbridge", "--version").startswith("yumbridge ")
    assert booted.run(*prefix, "rpm", "--eval", "%{_dbpath}") == "/var/lib/rpm\n"
    expanded = booted.run(*prefix, "python3", "-Ic", "import rpm; print(rpm.expandMacro('%{_dbpath}'))")
    assert expanded == "/var/lib/rpm\n"


@pytest.mark.parametrize("prefix", [(), AS_SERVICE], ids=["person", "service"])
def test_a_profile_is_applied_to_the_host_itself(
    booted: BootedContainer, world: World, prefix: tuple[str, ...]
) -> None:
    base = world.repository("base", Rpm("app", requires=("lib",), files={"/usr/share/app": "1"}), Rpm("lib"))
    profile = world.profile(["app"], [base.at(REPOSITORIES)])
    booted.write("/etc/profile.json", profile.read_text(encoding="utf-8"))
    booted.run(*prefix, "yumbridge", "apply", "/etc/profile.json", "-y")
    booted.reboot()
    assert booted.run("rpm", "--query", "app", "lib").split() == ["app-1-1.noarch", "lib-1-1.noarch"]
    assert booted.run("cat", "/usr/share/app") == "1"
    assert booted.run(*prefix, "yumbridge", "plan", "/etc/profile.json", "--check")
