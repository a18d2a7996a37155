"""The moment, as far as conditions ask about it: clock, load, users, files, and the commands that decide."""

from __future__ import annotations

import os
import signal
import struct
import subprocess
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from yumbridge.condition.condition import Condition
from yumbridge.condition.evaluation import CommandEnd, Facts, timeout_of
from yumbridge.condition.window import zone_of
from yumbridge.root import leads_out
from yumbridge.run.host import host_name

# A machine whose clock was never set says 1970, or when its firmware was made.
_FIRST_YEAR: Final = 2025
_LOCALTIME: Final = Path("etc/localtime")
_ZONES: Final = "/zoneinfo/"
_UTMP: Final = Path("/run/utmp")
_SESSIONS: Final = Path("/run/systemd/sessions")
# Source: utmp(5): type, pid, line, id, user; then host, times and addresses.
_UTMP_RECORD: Final = struct.Struct("<hxxi32s4s32s")
_UTMP_BYTES: Final = 384
_USER_PROCESS: Final = 7
_ENVIRONMENT: Final = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}


def read_facts(
    conditions: Iterable[Condition], root: Path, *, boot: bool, run_commands: bool, at: datetime | None = None
) -> Facts:
    """Return the facts that conditions ask about, as they are now; `at` is a time in place of the clock's.

    Where no system runs, in any root but /, nobody is logged in and there is no load; commands are those of the machine
    that looks, and are not run for another root, nor without `run_commands`.
    """
    parts = [part for condition in conditions for part in condition.all_parts()]
    zone, zone_name = local_zone(root)
    is_running = root == Path("/")
    return Facts(
        now=believed(datetime.now(UTC)) if at is None else at,
        zone=zone,
        zone_name=zone_name,
        host=host_name(root),
        boot=boot,
        load=_load(is_running=is_running) if any(part.max_load is not None for part in parts) else None,
        logged_in=_users(is_running=is_running) if any(part.logged_in is not None for part in parts) else None,
        files={part.file_exists: _exists(root, part.file_exists) for part in parts if part.file_exists is not None},
        commands={
            part.command: run_command(part.command, timeout_of(part))
            for part in parts
            if part.command is not None and run_commands and is_running
        },
    )


def local_zone(root: Path) -> tuple[tzinfo, str]:
    """Return the zone of the host at `root`, and its name; UTC where nothing says. Source: localtime(5)."""
    path = root / _LOCALTIME
    if path.is_symlink():
        # The name alone: the link of another root points into that root.
        name = os.fspath(path.readlink()).partition(_ZONES)[2]
        try:
            return zone_of(name), name
        except ValueError:
            return UTC, "UTC"
    if not path.is_file() or leads_out(root, path):
        return UTC, "UTC"
    try:
        with path.open("rb") as handle:
            return ZoneInfo.from_file(handle), "local time"
    except (OSError, ValueError):
        return UTC, "UTC"


def believed(now: datetime) -> datetime | None:
    """Return what a clock says, None when nobody can have set it."""
    return now if now.year >= _FIRST_YEAR else None


def _load(*, is_running: bool) -> float | None:
    """Return the load of the last minute, None when it is not known."""
    try:
        return os.getloadavg()[0] if is_running else 0.0
    except OSError:
        return None


def _exists(root: Path, path: str) -> bool:
    """Tell whether a file is there, seen from inside the root: what links lead out of it is not."""
    place = root / path.lstrip("/")
    return not leads_out(root, place) and place.exists()


def _users(*, is_running: bool) -> tuple[str, ...] | None:
    """Return who is logged in, sorted; None when nothing tells."""
    if not is_running:
        return ()
    try:
        if _UTMP.exists():
            return tuple(sorted(users_in(_UTMP.read_bytes())))
        if _SESSIONS.is_dir():
            return tuple(sorted(_session_users()))
    except OSError:
        return None
    return None


def users_in(utmp: bytes) -> set[str]:
    """Return the users of the sessions in a utmp file whose processes still live. Source: utmp(5)."""
    found: set[str] = set()
    for at in range(0, len(utmp) - _UTMP_BYTES + 1, _UTMP_BYTES):
        kind, pid, _, _, user = _UTMP_RECORD.unpack_from(utmp, at)
        if kind == _USER_PROCESS and Path(f"/proc/{pid}").exists():
            found.add(user.partition(b"\0")[0].decode(errors="replace"))
    return found


def _session_users() -> Iterator[str]:
    """Yield the users of logind's sessions, where there is no utmp. Source: systemd, logind-session.c."""
    for path in _SESSIONS.glob("[!.]*"):
        if path.suffix or not path.is_file():
            continue
        fields = dict(line.partition("=")[::2] for line in path.read_text(errors="replace").splitlines())
        if fields.get("CLASS") == "user" and fields.get("STATE") != "closing":
            yield fields.get("USER", path.name)


def run_command(argv: tuple[str, ...], timeout_s: int) -> CommandEnd:
    """Run a command and return how it ended. At its time limit it is killed, with everything in its session.

    It gets no input, nobody hears its output, and it does not inherit our environment.
    """
    try:
        process = subprocess.Popen(  # noqa: S603 - named by the host's own configuration, no shell
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=_ENVIRONMENT,
            cwd="/",
            start_new_session=True,
        )
    except OSError as error:
        return CommandEnd(why=f"cannot be run: {error.strerror}")
    with process:
        try:
            code = process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return CommandEnd(why=f"took longer than {timeout_s} s")
    return CommandEnd(code=code) if code >= 0 else CommandEnd(why=f"was killed by signal {-code}")
