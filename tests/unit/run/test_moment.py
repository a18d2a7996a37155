"""What conditions ask about, looked up on a real host or root."""

from __future__ import annotations

import os
import signal
import struct
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.gate import wait_for_end
from yumbridge.condition.condition import Condition
from yumbridge.condition.evaluation import CommandEnd
from yumbridge.run.moment import believed, local_zone, read_facts, run_command, session_users, users_in

HERE = Path("/")
# A test may run where interrupts are ignored, and so would its children.
WAITER = """
import signal, sys
from yumbridge.run.moment import run_command
signal.signal(signal.SIGINT, signal.default_int_handler)
run_command(("/bin/sh", "-c", f"echo $$ >{sys.argv[1]}; exec sleep 100"), 90)
"""


def test_a_command_ends_with_its_exit_code() -> None:
    assert run_command(("/bin/true",), 5) == CommandEnd(code=0)
    assert run_command(("/bin/sh", "-c", "exit 3"), 5) == CommandEnd(code=3)
    assert run_command(("/bin/sh", "-c", "kill -9 $$"), 5) == CommandEnd(why="was killed by signal 9")


@pytest.mark.parametrize(
    ("program", "why"),
    [
        ("/nonexistent", "cannot be run: No such file or directory"),
        ("/etc/passwd", "cannot be run: Permission denied"),
    ],
)
def test_a_program_that_cannot_be_run_is_no_error_of_ours(program: str, why: str) -> None:
    assert run_command((program,), 5) == CommandEnd(why=why)


def test_a_command_that_hangs_is_killed_with_all_it_has_started(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    started = time.monotonic()

    end = run_command(("/bin/sh", "-c", f"set -m; sleep 100 & echo $! >{pid}; sleep 100"), 1)

    assert end == CommandEnd(why="took longer than 1 s")
    assert time.monotonic() - started < 30
    wait_for_end(int(pid.read_text(encoding="ascii")))


def wait_until_waiting(pid: int) -> None:
    """Return when a process has started its child to the end: until then it has a pipe to it open, above 2."""
    deadline = time.monotonic() + 30
    while any("pipe:" in str(fd.readlink()) for fd in Path(f"/proc/{pid}/fd").iterdir() if int(fd.name) > 2):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_command_dies_with_whoever_waits_for_it(tmp_path: Path) -> None:
    fifo = tmp_path / "pid"
    os.mkfifo(fifo)
    with subprocess.Popen([sys.executable, "-c", WAITER, fifo], stderr=subprocess.DEVNULL) as waiter:
        pid = int(fifo.read_text(encoding="ascii"))
        wait_until_waiting(waiter.pid)
        waiter.send_signal(signal.SIGINT)

    wait_for_end(pid)


def test_a_command_inherits_nothing_and_prints_to_nobody(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    os.environ["A_WORD_OF_OURS"] = "x"
    try:
        end = run_command(("/bin/sh", "-c", f"env >{out}; pwd >>{out}; echo heard; cat"), 5)
    finally:
        del os.environ["A_WORD_OF_OURS"]

    text = out.read_text(encoding="utf-8")
    assert end == CommandEnd(code=0)
    assert "A_WORD_OF_OURS" not in text
    assert text.endswith("/\n")
    assert capfd.readouterr().out == ""


def test_commands_are_run_when_they_may_be_and_only_on_the_machine_itself(tmp_path: Path) -> None:
    condition = Condition(command=("/bin/true",))

    ran, previewed, elsewhere = (
        read_facts([condition], root, boot=False, run_commands=run).commands
        for root, run in ((HERE, True), (HERE, False), (tmp_path, True))
    )

    assert ran == {("/bin/true",): CommandEnd(code=0)}
    assert (previewed, elsewhere) == ({}, {})


def test_a_command_that_two_ask_about_is_run_once_with_the_longer_limit(tmp_path: Path) -> None:
    out = tmp_path / "out"
    argv = ("/bin/sh", "-c", f"echo run >>{out}; sleep 1.5")
    conditions = [Condition(command=argv, timeout_s=limit) for limit in (30, 1)]

    assert read_facts(conditions, HERE, boot=False, run_commands=True).commands == {argv: CommandEnd(code=0)}
    assert out.read_text(encoding="ascii") == "run\n"


def test_only_what_is_asked_is_looked_up() -> None:
    nothing = read_facts([Condition(boot=True)], HERE, boot=True, run_commands=True)
    load = read_facts([Condition(all_of=(Condition(max_load=1.0),))], HERE, boot=False, run_commands=True)

    assert (nothing.load, nothing.logged_in, nothing.files, nothing.boot) == (None, None, {}, True)
    assert load.load is not None


def test_in_an_image_nothing_runs(tmp_path: Path) -> None:
    found = read_facts([Condition(max_load=0.0, logged_in=False)], tmp_path, boot=False, run_commands=False)

    assert (found.load, found.logged_in) == (0.0, ())


def test_files_are_those_of_the_root_and_none_outside_of_it(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "there").touch()
    (tmp_path / "outside").touch()
    (root / "out").symlink_to(tmp_path / "outside")
    conditions = [Condition(file_exists=path) for path in ("/there", "/missing", "/out")]

    found = read_facts(conditions, root, boot=False, run_commands=False)

    assert found.files == {"/there": True, "/missing": False, "/out": False}


def test_a_file_that_cannot_be_looked_for_is_not_known(tmp_path: Path) -> None:
    condition = Condition(file_exists=f"/{'a' * 300}")

    assert read_facts([condition], tmp_path, boot=False, run_commands=False).files == {}


def test_a_clock_that_was_never_set_is_not_believed() -> None:
    set_clock = datetime(2026, 11, 28, tzinfo=UTC)

    assert believed(datetime(1970, 1, 1, 0, 3, tzinfo=UTC)) is None
    assert believed(set_clock) == set_clock
    assert read_facts([], HERE, boot=False, run_commands=False).now is not None


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("/usr/share/zoneinfo/Europe/Zurich", "Europe/Zurich"),
        ("../usr/share/zoneinfo/Asia/Tokyo", "Asia/Tokyo"),
        ("/usr/share/zoneinfo/Mars/Olympus", "of an unknown zone"),
        ("/elsewhere", "of an unknown zone"),
    ],
)
def test_the_zone_of_a_root_is_what_its_link_names(tmp_path: Path, target: str, name: str) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/localtime").symlink_to(target)

    assert local_zone(tmp_path)[1] == name


def test_a_zone_that_was_copied_has_no_name_and_a_damaged_one_is_none(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    zone = tmp_path / "etc/localtime"
    zone.write_bytes(Path("/usr/share/zoneinfo/Asia/Tokyo").read_bytes())

    found, name = local_zone(tmp_path)
    assert (name, datetime(2026, 1, 1, tzinfo=found).utcoffset()) == (
        "local time",
        datetime(2026, 1, 1, tzinfo=found).utcoffset(),
    )
    assert datetime(2026, 1, 1, 12, tzinfo=UTC).astimezone(found).hour == 21

    content = zone.read_bytes()
    for size in range(len(content)):
        zone.write_bytes(content[:size])
        assert local_zone(tmp_path) == (None, "of an unknown zone")


def record(kind: int, pid: int, user: str) -> bytes:
    """Return one record of utmp(5)."""
    return struct.pack("<hxxi32s4s32s", kind, pid, b"pts/0", b"0", user.encode()).ljust(384, b"\0")


def test_users_are_those_of_living_sessions() -> None:
    here = os.getpid()
    utmp = record(7, here, "ada") + record(7, 2**22 + 1, "gone") + record(8, here, "out") + record(2, 0, "reboot")

    assert users_in(utmp) == {"ada"}
    assert users_in(utmp[:-100]) == {"ada"}
    assert users_in(b"") == set()


def test_a_record_is_longer_where_its_times_have_64_bits() -> None:
    here = os.getpid()
    utmp = b"".join(record(7, here, user).ljust(400, b"\0") for user in ("ada", "bob"))

    assert users_in(utmp, 400) == {"ada", "bob"}


def test_users_are_those_of_the_sessions_of_logind_that_are_not_closing(tmp_path: Path) -> None:
    sessions = {
        "1": "USER=ada\nCLASS=user\nSTATE=active\n",
        "2": "USER=root\nCLASS=user-early\nSTATE=online\n",
        "3": "USER=gone\nCLASS=user\nSTATE=closing\n",
        "4": "USER=gdm\nCLASS=greeter\nSTATE=active\n",
        "5": "USER=ada\nCLASS=manager\nSTATE=active\n",
        "1.ref": "",
        ".hidden": "USER=bob\nCLASS=user\nSTATE=active\n",
    }
    for name, content in sessions.items():
        (tmp_path / name).write_text(content, encoding="utf-8")

    assert session_users(tmp_path) == {"ada", "root"}
