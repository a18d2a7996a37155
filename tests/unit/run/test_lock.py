"""One writer per root."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from yumbridge.errors import HostError, LockHeldError
from yumbridge.run.lock import Holder, held

HOLDER = Holder(os.getpid(), "yumbridge apply", "2026-01-01T00:00:00Z")


def test_a_second_holder_learns_who_the_first_one_is(tmp_path: Path) -> None:
    with held(tmp_path / "lock", HOLDER), pytest.raises(LockHeldError) as caught, held(tmp_path / "lock", HOLDER):
        pass
    assert f"yumbridge apply (pid {os.getpid()}) since 2026-01-01T00:00:00Z" in caught.value.message


def test_a_lock_is_free_again_afterwards(tmp_path: Path) -> None:
    for _ in range(2):
        with held(tmp_path / "lock", HOLDER):
            assert (tmp_path / "lock").read_bytes()
    assert (tmp_path / "lock").read_bytes() == b""


def test_a_lock_names_nobody_after_a_failure(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), held(tmp_path / "lock", HOLDER):
        raise KeyboardInterrupt
    assert (tmp_path / "lock").read_bytes() == b""


def test_a_child_that_inherits_the_lock_holds_it(tmp_path: Path) -> None:
    with held(tmp_path / "lock", HOLDER) as descriptor:
        inherited = os.dup(descriptor)
    with pytest.raises(LockHeldError), held(tmp_path / "lock", HOLDER):
        pass
    os.close(inherited)
    with held(tmp_path / "lock", HOLDER):
        pass


def test_a_link_in_place_of_the_lock_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(HostError), held(tmp_path / "lock", HOLDER):
        pass
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.skipif(os.getuid() != 0, reason="only root mounts a small disk")
def test_a_lock_is_held_on_a_full_disk(tmp_path: Path) -> None:
    """What frees space has to get the lock first."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", tmp_path], check=True)
    try:
        (tmp_path / "lock").touch()
        with suppress(OSError):
            (tmp_path / "full").write_bytes(bytes(1 << 20))
        with held(tmp_path / "lock", HOLDER), pytest.raises(LockHeldError), held(tmp_path / "lock", HOLDER):
            pass
    finally:
        subprocess.run(["umount", tmp_path], check=True)
