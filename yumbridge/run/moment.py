"""The moment, as far as conditions ask about it: clock, load, users, files, and the commands that decide."""

from __future__ import annotations

import io
import os
import signal
import struct
import subprocess
from collections.abc import Iterable
from contextlib import suppress
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
_PATIENCE_S: Final = 5
_NO_ZONE: Final = "of an unknown zone"
_LOCALTIME: Final = Path("etc/localtime")
_ZONES: Final = "/zoneinfo/"
_MAX_ZONE_BYTES: Final = 1 << 20
# What zoneinfo raises for a file that is no zone.
_DAMAGED: Final = (OSError, ValueError, LookupError, ArithmeticError, AssertionError, struct.error)
_UTMP: Final = Path("/run/utmp")
_SESSIONS: Final = Path("/run/systemd/sessions")
# Source: utmp(5): type, pid, line, id, user; then host, times and addresses, in the byte order of the machine.
_UTMP_RECORD: Final = struct.Struct("=hxxi32s4s32s")
UTMP_BYTES: Final = 384
# Source: glibc, __WORDSIZE_TIME64_COMPAT32: here the times of a record have 64 bits.
_LONG_TIMES: Final = frozenset({"aarch64", "loongarch64", "s390x"})
_LONG_UTMP_BYTES: Final = 400
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
    paths = {part.file_exists for part in parts if part.file_exists is not None}
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
        files={path: there for path in sorted(paths) if (there := _exists(root, path)) is not None},
        commands=_ends(parts) if run_commands and is_running else {},
    )


def _ends(parts: Iterable[Condition]) -> dict[tuple[str, ...], CommandEnd]:
    """Run each command once, whoever asks about it, for as long as the most patient one waits."""
    limits: dict[tuple[str, ...], int] = {}
    for part in parts:
        if part.command is not None:
            limits[part.command] = max(timeout_of(part), limits.get(part.command, 0))
    return {argv: run_command(argv, timeout_s) for argv, timeout_s in limits.items()}


def local_zone(root: Path) -> tuple[tzinfo | None, str]:
    """Return the zone of the host at `root`, and its name; UTC where nothing says. Source: localtime(5).

    None for what names or holds no zone: which time it is there is not known.
    """
    path = root / _LOCALTIME
    if path.is_symlink():
        # The name alone: the link of another root points into that root.
        name = os.fspath(path.readlink()).partition(_ZONES)[2]
        try:
            return zone_of(name), name
        except ValueError:
            return None, _NO_ZONE
    if not path.exists():
        return UTC, "UTC"
    if not path.is_file() or leads_out(root, path):
        return None, _NO_ZONE
    try:
        with path.open("rb") as handle:
            return ZoneInfo.from_file(_Whole(handle.read(_MAX_ZONE_BYTES))), "local time"
    except _DAMAGED:
        return None, _NO_ZONE


class _Whole(io.BytesIO):
    """What a file holds. The end of it is an error: zoneinfo would look there for the rest for ever."""

    def read(self, size: int | None = -1, /) -> bytes:
        content = super().read(size)
        if size is not None and len(content) < size:
            raise ValueError("ends early")
        return content


def believed(now: datetime) -> datetime | None:
    """Return what a clock says, None when nobody can have set it."""
    return now if now.year >= _FIRST_YEAR else None


def _load(*, is_running: bool) -> float | None:
    """Return the load of the last minute, None when it is not known."""
    try:
        return os.getloadavg()[0] if is_running else 0.0
    except OSError:
        return None


def _exists(root: Path, path: str) -> bool | None:
    """Tell whether a file is there, seen from inside the root: what links lead out of it is not.

    None when that is not known: its folder may not be read, or no file can have such a name.
    """
    place = root / path.lstrip("/")
    try:
        return not leads_out(root, place) and place.exists()
    except OSError:
        return None


def _users(*, is_running: bool) -> tuple[str, ...] | None:
    """Return who is logged in, sorted; None when nothing tells."""
    if not is_running:
        return ()
    if not (_UTMP.exists() or _SESSIONS.is_dir()):
        return None
    users: set[str] = set()
    try:
        # Either may know of somebody whom the other does not: utmp is there on hosts where nothing writes it any more.
        if _UTMP.exists():
            record_bytes = _LONG_UTMP_BYTES if os.uname().machine in _LONG_TIMES else UTMP_BYTES
            users |= users_in(_UTMP.read_bytes(), record_bytes)
        if _SESSIONS.is_dir():
            users |= session_users(_SESSIONS)
    except OSError:
        return None
    return tuple(sorted(users))


def users_in(utmp: bytes, record_bytes: int = UTMP_BYTES) -> set[str]:
    """Return the users of the sessions in a utmp file whose processes still live. Source: utmp(5)."""
    found: set[str] = set()
    for at in range(0, len(utmp) - record_bytes + 1, record_bytes):
        kind, pid, _, _, user = _UTMP_RECORD.unpack_from(utmp, at)
        if kind == _USER_PROCESS and Path(f"/proc/{pid}").exists():
            found.add(user.partition(b"\0")[0].decode(errors="replace"))
    return found


def session_users(folder: Path) -> set[str]:
    """Return the users of logind's sessions, which a folder has a file of each. Source: systemd, logind-session.c."""
    found: set[str] = set()
    for path in folder.glob("[!.]*"):
        if path.suffix or not path.is_file():
            continue
        try:
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            # The session has just ended.
            continue
        fields = dict(line.partition("=")[::2] for line in lines)
        # Since systemd 256 root's are "user-early". Source: pam_systemd(8), class.
        if fields.get("CLASS", "").startswith("user") and fields.get("STATE") != "closing":
            found.add(fields.get("USER", path.name))
    return found


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
    try:
        code = process.wait(timeout_s)
    except subprocess.TimeoutExpired:
        return CommandEnd(why=f"took longer than {timeout_s} s")
    finally:
        # Also when we are interrupted: nothing in its session hears of that by itself.
        if process.returncode is None:
            _kill_session(process.pid)
            with suppress(subprocess.TimeoutExpired):
                # What hangs in the kernel does not even die.
                process.wait(_PATIENCE_S)
    return CommandEnd(code=code) if code >= 0 else CommandEnd(why=f"was killed by signal {-code}")


def _kill_session(leader: int) -> None:
    """Kill every process of a session, whatever groups it has made. Source: proc(5), stat: the sixth field."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError, IndexError):
            # The name before may have blanks and brackets in it.
            fields = path.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
            if int(fields[3]) == leader:
                os.kill(int(path.parent.name), signal.SIGKILL)
