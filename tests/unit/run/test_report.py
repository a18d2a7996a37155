"""Reports, and the status read from them."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import msgspec
import pytest

from yumbridge.errors import DocumentError, HostError
from yumbridge.plan.document import Reboot
from yumbridge.run.report import (
    Drift,
    Intent,
    Inventory,
    InventoryEntry,
    Outcome,
    Report,
    accumulated_reboot,
    read_report,
    store_report,
)
from yumbridge.run.standing import status_of
from yumbridge.run.state import StateFolder, write_durably

REPORT = Report(plan="sha256:00", started="s", finished="f", outcome=Outcome.AS_PLANNED, boot_id="this-boot")
KERNEL = Reboot(needed_after=True, because=("kernel-2-1.x86_64",))


@pytest.fixture
def folder(tmp_path: Path) -> StateFolder:
    found = StateFolder(tmp_path)
    found.create()
    return found


def test_a_stored_report_is_read_back_equal(folder: StateFolder) -> None:
    store_report(folder, REPORT, None)
    assert read_report(folder) == REPORT


def test_no_run_is_no_report(folder: StateFolder) -> None:
    assert read_report(folder) is None


def test_a_damaged_report_is_said_to_be_one(folder: StateFolder) -> None:
    folder.report.write_bytes(b'{"document": 3}')
    with pytest.raises(DocumentError, match=r"report\.json"):
        read_report(folder)


def test_a_file_is_replaced_and_never_half_written(folder: StateFolder) -> None:
    write_durably(folder.report, b"old")
    before = folder.report.stat().st_ino
    write_durably(folder.report, b"new")
    assert folder.report.read_bytes() == b"new"
    assert folder.report.stat().st_ino != before
    assert sorted(path.name for path in folder.path.iterdir()) == ["report.json"]


def test_a_folder_that_cannot_be_written_is_said_to_be_one(tmp_path: Path) -> None:
    with pytest.raises(HostError, match="cannot write"):
        write_durably(tmp_path / "none/file", b"")


def test_a_link_in_place_of_the_state_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "var/lib").mkdir(parents=True)
    (tmp_path / "var/lib/yumbridge").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(HostError, match="is no folder: it is not used"):
        StateFolder(tmp_path).create()


@pytest.mark.parametrize(
    ("boot_id", "because"),
    [
        pytest.param("this-boot", ("glibc-2-1.x86_64", "kernel-2-1.x86_64"), id="of-this-boot"),
        pytest.param("next-boot", ("glibc-2-1.x86_64",), id="of-an-earlier-boot"),
    ],
)
def test_what_calls_for_a_reboot_adds_up_until_the_next_boot(boot_id: str, because: tuple[str, ...]) -> None:
    earlier = msgspec.structs.replace(REPORT, reboot=KERNEL)
    now = Reboot(needed_after=True, because=("glibc-2-1.x86_64",))
    assert accumulated_reboot(earlier, now, boot_id).because == because


def test_a_reboot_is_needed_until_it_happened(folder: StateFolder) -> None:
    store_report(folder, msgspec.structs.replace(REPORT, reboot=KERNEL), None)
    assert status_of(folder, None, "this-boot").reboot_needed
    assert not status_of(folder, None, "next-boot").reboot_needed


def test_drift_is_what_others_installed_and_removed(folder: StateFolder) -> None:
    entries = tuple(InventoryEntry(nevra=nevra, reason="user") for nevra in ("a-1-1.noarch", "b-1-1.noarch"))
    store_report(folder, REPORT, Inventory(rpmdb_cookie="c", packages=entries))
    status = status_of(folder, ("b-1-1.noarch", "c-1-1.noarch"), None)
    assert status.drift == Drift(added=("c-1-1.noarch",), removed=("a-1-1.noarch",))


@pytest.mark.parametrize(
    "content", [b"{", b'{"version": "2.0", "new": 1}', b"[" * 100_000], ids=["cut", "newer", "deep"]
)
def test_an_intent_that_cannot_be_read_is_that_of_an_unknown_plan(folder: StateFolder, content: bytes) -> None:
    folder.intent.write_bytes(content)
    os.utime(folder.intent, (1_700_000_000, 1_700_000_000))
    found = status_of(folder, None, None).interrupted
    assert found == Intent(plan="unknown", started="2023-11-14T22:13:20Z", boot_id="", pid=0)


def test_a_file_of_ours_is_as_the_umask_leaves_it(folder: StateFolder) -> None:
    before = os.umask(0o027)
    try:
        write_durably(folder.report, b"")
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder.report.stat().st_mode) == 0o640


def test_a_file_that_cannot_be_written_leaves_nothing_behind(folder: StateFolder) -> None:
    folder.report.mkdir()
    with pytest.raises(HostError, match="cannot write"):
        write_durably(folder.report, b"")
    assert [path.name for path in folder.path.iterdir()] == ["report.json"]
