"""A child of the component that misbehaves: ncm-ncd is told, goes on in time, and no transaction is cut short."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from tests.support.gate import WAITING, Gate, children, wait_for_end
from tests.support.ncd import Ncd, Reported, command_on, reported, script
from tests.support.plans import applied
from tests.support.rpms import Rpm
from tests.support.world import World

GOOD = '{"level": "info", "kind": "outcome", "msg": "all is well"}'
BAD = '{"level": "error", "kind": "error", "msg": "it went wrong"}'
END = '{"level": "verbose", "kind": "end", "msg": "exit code 0", "exit": 0}'
LINES = 100_000


def said(tmp_path: Path, text: str, *, limit_s: float = 60, grace_s: float = 60) -> Reported:
    """Return what is reported of a child that runs lines of a shell."""
    profile = tmp_path / "profile.json"
    profile.write_text('{"software": {"components": {"spma": {"ncm-module": "yumbridge"}}}}', encoding="utf-8")
    command = script(tmp_path / "child", text)
    return Ncd(command=(command,), limit_s=limit_s, grace_s=grace_s).configure(profile)


def echo(*lines: str) -> str:
    return "\n".join(f"printf '%s\\n' '{line}'" for line in lines)


def test_a_child_that_ends_well_is_no_error(tmp_path: Path) -> None:
    found = said(tmp_path, echo(GOOD, END))

    assert (found.errors, found.warnings) == (0, 0)
    assert found.at("info") == ["all is well"]


def test_an_error_is_counted_once(tmp_path: Path) -> None:
    found = said(tmp_path, f"{echo(BAD, END)}; exit 12")

    assert (found.errors, found.at("error")) == (1, ["it went wrong"])


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("exit 1", "yumbridge ended with exit code 1 and without an error"),
        (f"{echo(GOOD, END)}; exit 17", "yumbridge ended with exit code 17 and without an error"),
        ("exit 0", "yumbridge ended without its last message"),
        (echo(GOOD), "yumbridge ended without its last message"),
        (f"{echo(GOOD)}; kill -9 $$", "yumbridge was ended by signal 9"),
        (f"{echo(GOOD, END)}; kill -11 $$", "yumbridge was ended by signal 11"),
    ],
)
def test_an_end_without_an_error_is_one(tmp_path: Path, text: str, error: str) -> None:
    found = said(tmp_path, text)

    assert (found.errors, found.at("error")) == (1, [error])


def test_a_command_that_is_missing_is_an_error(tmp_path: Path) -> None:
    profile = tmp_path / "profile.json"
    profile.write_text("{}", encoding="utf-8")

    found = Ncd(command=(tmp_path / "nowhere",)).configure(profile)

    assert found.at("error") == ["yumbridge ended with exit code 127 and without an error"]
    assert found.at("warn") == [f"yumbridge: {tmp_path}/nowhere cannot be started: No such file or directory"]


@pytest.mark.parametrize(
    "odd",
    [
        "Traceback (most recent call last):",
        '{"level": "info", "kind": "outc',
        '{"level": "shout", "msg": "x"}',
        '{"level": "DESTROY", "msg": "x"}',
        '{"level": "info"}',
        '{"level": "info", "msg": ["x"]}',
        '["info", "x"]',
        "null",
    ],
)
def test_what_is_no_message_is_a_warning(tmp_path: Path, odd: str) -> None:
    found = said(tmp_path, echo(odd, GOOD, END))

    assert (found.errors, found.warnings) == (0, 1)
    assert found.at("warn") == [f"yumbridge said what is no message: {odd}"]
    assert found.at("info") == ["all is well"]


def test_half_a_line_at_the_end_is_told(tmp_path: Path) -> None:
    """A child that dies in the middle of a line has said what is no message, and has not ended well."""
    found = said(tmp_path, f"{echo(GOOD)}; printf '%s' '{BAD[:20]}'; kill -9 $$")

    assert found.at("warn") == [f"yumbridge said what is no message: {BAD[:20]}"]
    assert found.at("error") == ["yumbridge was ended by signal 9"]


def test_a_last_line_without_its_end_is_a_message(tmp_path: Path) -> None:
    found = said(tmp_path, f"{echo(GOOD)}; printf '%s' '{END}'")

    assert (found.errors, found.warnings) == (0, 0)


def test_garbage_is_told_in_few_lines(tmp_path: Path) -> None:
    """Bytes that are no UTF-8, and lines without an end, neither stop ncm-ncd nor fill its log."""
    text = "head -c 3000000 /dev/zero; printf '\\n\\377\\376\\n'; yes garbage | head -n 1000"

    found = said(tmp_path, f"{text}; {echo(GOOD, END)}")

    assert found.errors == 0
    assert found.at("info") == ["all is well"]
    assert found.warnings == 6
    assert "yumbridge said what is no message: \\x{ff}\\x{fe}" in found.at("warn")
    assert found.at("warn")[-1] == "yumbridge said 997 more lines that are no messages"
    assert max(map(len, found.at("warn"))) < 50_000


def test_text_that_is_no_ascii_is_written_out(tmp_path: Path) -> None:
    """The logs of ncm-ncd are ASCII, and nothing reaches a terminal that it would act on."""
    found = said(tmp_path, echo('{"level": "info", "msg": "h\u00f4te \\u001b[2J \\u2026"}', END))

    assert found.at("info") == ["h\\x{f4}te \\x{1b}[2J \\x{2026}"]


def test_many_lines_are_all_forwarded(tmp_path: Path) -> None:
    found = said(tmp_path, f"yes '{GOOD}' | head -n {LINES}; {echo(END)}")

    assert (found.errors, len(found.at("info"))) == (0, LINES)


def test_lines_are_forwarded_as_they_come(tmp_path: Path) -> None:
    profile = tmp_path / "profile.json"
    profile.write_text("{}", encoding="utf-8")
    command = script(tmp_path / "child", f"{echo(GOOD)}; sleep 60; {echo(END)}")

    with Ncd(command=(command,)).configuring(profile) as process:
        assert process.stdout is not None
        started = time.monotonic()
        lines = [process.stdout.readline() for _ in range(2)]
        assert time.monotonic() - started < 30
        process.terminate()
        process.communicate()

    assert lines[1] == '["info","all is well"]\n'


def test_stderr_is_told_louder_when_it_went_wrong(tmp_path: Path) -> None:
    good = said(tmp_path, f"echo 'a remark' >&2; {echo(END)}")
    bad = said(tmp_path, "echo 'a remark' >&2; exit 1")

    assert (good.warnings, bad.warnings) == (0, 1)
    assert "yumbridge: a remark" in good.at("verbose")
    assert "yumbridge: a remark" in bad.at("warn")


def test_a_child_that_hangs_is_ended_at_the_time_limit(tmp_path: Path) -> None:
    """At its time limit a child is asked to end, with all of its group, and that is an error."""
    started = time.monotonic()

    found = said(tmp_path, f"{echo(GOOD)}; sleep 1000 & echo $! > {tmp_path}/pid; sleep 1000", limit_s=1)

    assert time.monotonic() - started < 30
    assert found.at("warn") == ["the time limit of 1 s: yumbridge is asked to end"]
    assert found.at("error") == ["yumbridge was ended: the time limit of 1 s"]
    wait_for_end(int((tmp_path / "pid").read_text(encoding="ascii")))


def test_a_child_that_does_not_listen_is_killed(tmp_path: Path) -> None:
    started = time.monotonic()

    text = f"trap '' TERM; echo $$ > {tmp_path}/pid; {echo(GOOD)}; while :; do sleep 1; done"

    found = said(tmp_path, text, limit_s=1, grace_s=1)

    assert time.monotonic() - started < 30
    assert found.at("warn")[-1].startswith("yumbridge does not end within 1 s: it is killed")
    assert found.at("error") == ["yumbridge was ended: the time limit of 1 s"]
    assert not Path(f"/proc/{(tmp_path / 'pid').read_text(encoding='ascii').strip()}").exists()


def test_a_child_that_never_reads_does_not_hang_ncm_ncd(tmp_path: Path) -> None:
    """A request of megabytes does not wait for a reader."""
    profile = tmp_path / "profile.json"
    packages = ", ".join(f'"p{number}": {{}}' for number in range(200_000))
    profile.write_text(f'{{"software": {{"packages": {{{packages}}}}}}}', encoding="utf-8")
    command = script(tmp_path / "child", echo(GOOD, END))

    found = Ncd(command=(command,)).configure(profile)

    assert (found.errors, found.at("info")) == (0, ["all is well"])


def test_what_outlives_the_child_is_not_waited_for(tmp_path: Path) -> None:
    """A process that keeps the pipe open does not keep ncm-ncd."""
    started = time.monotonic()

    found = said(tmp_path, f"{echo(GOOD, END)}; setsid sleep 20 &")

    assert time.monotonic() - started < 15
    assert (found.errors, found.at("info")) == (0, ["all is well"])


def half_way(world: World) -> tuple[Path, Path, Gate, Path]:
    """Return the root that is to be upgraded, the profile, the gate that the transaction waits at, and the command."""
    names = ("alpha", "beta", "gamma")
    root = world.root(*(Rpm(name, "1-1") for name in names))
    base = world.repository("base", *(Rpm(name, "2-1", scriptlets=WAITING) for name in names))
    profile = world.profile([*names], [base], spma={"ncm-module": "yumbridge"})
    return root.path, profile, Gate(root), command_on(world, root.path)


@pytest.mark.skipif(os.geteuid() != 0, reason="rpm changes an install root only as root")
def test_a_transaction_is_carried_to_its_end_past_the_time_limit(world: World) -> None:
    """The child is killed at the end of the grace; the engine goes on, holds the lock, and the next run converges."""
    root, profile, gate, command = half_way(world)

    with Ncd(command=(command,), limit_s=3, grace_s=1).configuring(profile) as process:
        gate.wait()
        stdout, _ = process.communicate(timeout=60)
    found = reported(stdout)
    locked = world.run("apply", profile, "--root", root)
    gate.remove()

    assert found.at("error") == ["yumbridge was ended: the time limit of 3 s"]
    assert "it is killed; a transaction goes on without it" in found.at("warn")[-1]
    assert locked.code == 14, locked
    healed = Ncd(command=(command,)).configure(profile)
    assert healed.errors == 0, healed
    assert any("a run was interrupted" in text for text in healed.at("warn"))
    assert world.root().installed() == {"alpha-2-1.noarch", "beta-2-1.noarch", "gamma-2-1.noarch"}


@pytest.mark.skipif(os.geteuid() != 0, reason="rpm changes an install root only as root")
def test_a_transaction_that_ends_in_the_grace_is_reported(world: World) -> None:
    """Asked to end while packages change, the child ends once they have; its report is stored, and all is told."""
    root, profile, gate, command = half_way(world)

    with Ncd(command=(command,), limit_s=3).configuring(profile) as process:
        gate.wait()
        time.sleep(4)
        gate.remove()
        stdout, _ = process.communicate(timeout=60)
    found = reported(stdout)

    assert found.at("error") == ["interrupted", "yumbridge was ended: the time limit of 3 s"]
    assert world.root().installed() == {"alpha-2-1.noarch", "beta-2-1.noarch", "gamma-2-1.noarch"}
    assert '"outcome": "as-planned"' in (root / "var/lib/yumbridge/report.json").read_text(encoding="utf-8")


@pytest.mark.skipif(os.geteuid() != 0, reason="rpm changes an install root only as root")
def test_a_run_goes_on_when_ncm_ncd_is_killed(world: World) -> None:
    """Who listens may end: the transaction does not, and its report is stored."""
    root, profile, gate, command = half_way(world)

    with Ncd(command=(command,)).configuring(profile) as process:
        gate.wait()
        (child,) = children(process.pid)
        process.kill()
        process.communicate()
        gate.remove()
        wait_for_end(child)

    assert world.root().installed() == {"alpha-2-1.noarch", "beta-2-1.noarch", "gamma-2-1.noarch"}
    assert '"outcome": "as-planned"' in (root / "var/lib/yumbridge/report.json").read_text(encoding="utf-8")
    assert applied(world, profile, world.root())["outcome"] == "nothing-to-do"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_ncm_ncd_that_is_told_to_end_takes_the_child_along(tmp_path: Path, number: signal.Signals) -> None:
    profile = tmp_path / "profile.json"
    profile.write_text("{}", encoding="utf-8")
    command = script(tmp_path / "child", f"{echo(GOOD)}; echo $$ > {tmp_path}/pid; exec sleep 1000")

    with Ncd(command=(command,)).configuring(profile) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(2)]
        time.sleep(0.5)
        process.send_signal(number)
        stdout, _ = process.communicate(timeout=60)

    assert "all is well" in lines[1]
    assert f"ncm-ncd was told to end ({number.name}): yumbridge is asked to end" in stdout
    assert process.returncode == -number
    wait_for_end(int((tmp_path / "pid").read_text(encoding="ascii")))
