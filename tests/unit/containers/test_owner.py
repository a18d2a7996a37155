"""A container is its owner's for as long as that runs."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

from containers.owner import has_ended, owner


def test_a_process_that_runs_has_not_ended() -> None:
    assert not has_ended(owner())
    assert not has_ended(owner(os.getppid()))


def test_a_process_that_was_killed_has_ended_before_and_after_somebody_asks_for_its_exit_code() -> None:
    with subprocess.Popen(["sleep", "60"]) as process:
        name = owner(process.pid)
        process.kill()
        while " Z " not in Path(f"/proc/{process.pid}/stat").read_text(encoding="utf-8"):
            time.sleep(0.01)
        assert has_ended(name)
    assert has_ended(name)


def test_a_process_that_got_the_number_of_another_is_another() -> None:
    namespace, pid, since = owner().split("-")
    assert has_ended(f"{namespace}-{pid}-{int(since) + 1}")


def test_a_process_of_another_namespace_may_run() -> None:
    namespace, pid, since = owner().split("-")
    assert not has_ended(f"{int(namespace) + 1}-{pid}-{int(since) + 1}")
