"""A command whose every step is looked at before it happens: the command, its engine, and whatever these start.

A step is a system call that changes something below a folder: opening to write, a write, a rename, a link, a removal,
an fsync. They are counted by the kernel's own account, so that what libraries do without Python counts too. At each
step the tree of processes stands still, and a test decides what becomes of it.
"""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import struct
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path
from typing import Final, NoReturn

import pytest

from tests.support.command import environment
from tests.support.tool import Outcome

_LIBC: Final = ctypes.CDLL(None, use_errno=True)
_LIBC.ptrace.argtypes = (ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p)
_LIBC.ptrace.restype = ctypes.c_long

# Source: linux/ptrace.h.
_CONT: Final = 7
_GETEVENTMSG: Final = 0x4201
_SEIZE: Final = 0x4206
_GET_SYSCALL_INFO: Final = 0x420E
_EVENT_STOP: Final = 128
_EVENT_EXEC: Final = 4
_EVENT_SECCOMP: Final = 7
_NEW_TASK: Final = frozenset({1, 2, 3})
# Fork, vfork, clone, exec, seccomp; and whoever is traced dies with us.
_OPTIONS: Final = 0x2 | 0x4 | 0x8 | 0x10 | 0x80 | 0x100000
_WALL: Final = 0x40000000
_WNOTHREAD: Final = 0x20000000
# Source: linux/seccomp.h, linux/filter.h, linux/prctl.h.
_SET_NO_NEW_PRIVS: Final = 38
_SET_SECCOMP: Final = 22
_FILTER: Final = 2
_ALLOW: Final = 0x7FFF0000
_TRACE: Final = 0x7FF00000
_LOAD, _AND, _IS, _RETURN = 0x20, 0x54, 0x15, 0x06
_WRITING: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_AT_FDCWD: Final = 0xFFFFFFFF
_PATH_BYTES: Final = 4096

# What a call names what it changes by: a descriptor, a path, or a path seen from the folder of a descriptor; and where
# among its arguments that stands. Of a call that names two, the one that comes to be.
_BY_FD, _BY_PATH, _BY_PLACE = "fd", "path", "place"
_NAMED: Final[Mapping[str, tuple[str, int]]] = {
    "write": (_BY_FD, 0), "pwrite64": (_BY_FD, 0), "writev": (_BY_FD, 0), "pwritev": (_BY_FD, 0),
    "pwritev2": (_BY_FD, 0), "sendfile": (_BY_FD, 0), "copy_file_range": (_BY_FD, 2), "fsync": (_BY_FD, 0),
    "fdatasync": (_BY_FD, 0), "ftruncate": (_BY_FD, 0), "fallocate": (_BY_FD, 0), "fchmod": (_BY_FD, 0),
    "fchown": (_BY_FD, 0), "sync_file_range": (_BY_FD, 0), "open": (_BY_PATH, 0), "creat": (_BY_PATH, 0),
    "truncate": (_BY_PATH, 0), "rename": (_BY_PATH, 1), "mkdir": (_BY_PATH, 0), "rmdir": (_BY_PATH, 0),
    "link": (_BY_PATH, 1), "unlink": (_BY_PATH, 0), "symlink": (_BY_PATH, 1), "chmod": (_BY_PATH, 0),
    "chown": (_BY_PATH, 0), "lchown": (_BY_PATH, 0), "mknod": (_BY_PATH, 0), "utime": (_BY_PATH, 0),
    "utimes": (_BY_PATH, 0), "openat": (_BY_PLACE, 0), "mkdirat": (_BY_PLACE, 0), "mknodat": (_BY_PLACE, 0),
    "fchownat": (_BY_PLACE, 0), "unlinkat": (_BY_PLACE, 0), "renameat": (_BY_PLACE, 2), "renameat2": (_BY_PLACE, 2),
    "linkat": (_BY_PLACE, 2), "symlinkat": (_BY_PLACE, 1), "fchmodat": (_BY_PLACE, 0), "utimensat": (_BY_PLACE, 0),
}  # fmt: skip
# Source: asm/unistd.h of each.
_NUMBERS: Final[Mapping[str, Mapping[str, int]]] = {
    "x86_64": {
        "write": 1, "open": 2, "pwrite64": 18, "writev": 20, "sendfile": 40, "fsync": 74, "fdatasync": 75,
        "truncate": 76, "ftruncate": 77, "rename": 82, "mkdir": 83, "rmdir": 84, "creat": 85, "link": 86,
        "unlink": 87, "symlink": 88, "chmod": 90, "fchmod": 91, "chown": 92, "fchown": 93, "lchown": 94,
        "utime": 132, "mknod": 133, "utimes": 235, "openat": 257, "mkdirat": 258, "mknodat": 259, "fchownat": 260,
        "unlinkat": 263, "renameat": 264, "linkat": 265, "symlinkat": 266, "fchmodat": 268, "sync_file_range": 277,
        "utimensat": 280, "fallocate": 285, "pwritev": 296, "renameat2": 316, "copy_file_range": 326, "pwritev2": 328,
    },
    "aarch64": {
        "mknodat": 33, "mkdirat": 34, "unlinkat": 35, "symlinkat": 36, "linkat": 37, "renameat": 38, "truncate": 45,
        "ftruncate": 46, "fallocate": 47, "fchmod": 52, "fchmodat": 53, "fchownat": 54, "fchown": 55, "openat": 56,
        "write": 64, "writev": 66, "pwrite64": 68, "pwritev": 70, "sendfile": 71, "fsync": 82, "fdatasync": 83,
        "sync_file_range": 84, "utimensat": 88, "renameat2": 276, "copy_file_range": 285, "pwritev2": 287,
    },
}  # fmt: skip
# Where the flags stand among the arguments of what opens: opening to read is no step.
_FLAGS_OF: Final[Mapping[str, int]] = {"open": 1, "openat": 2}


class Role(Enum):
    """Who makes a step."""

    COMMAND = auto()
    ENGINE = auto()
    OTHER = auto()


class Deed(Enum):
    """What becomes of the processes at a step: they go on, all are killed, or only the one that makes it is."""

    GO_ON = auto()
    KILL_ALL = auto()
    KILL_ONE = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What is about to happen: the n-th of all steps, the first being 1, and the n-th of its role."""

    number: int
    of_role: int
    role: Role
    call: str
    path: str

    def __str__(self) -> str:
        return f"step {self.number} ({self.role.name.lower()} {self.of_role}): {self.call} {self.path}"


Act = Callable[[Step], Deed]


def going_on(_step: Step) -> Deed:
    """Let everything happen."""
    return Deed.GO_ON


def at_step(number: int, deed: Deed) -> Act:
    """Return what lets everything happen but at the n-th step."""
    return lambda step: deed if step.number == number else Deed.GO_ON


@dataclass(frozen=True, slots=True, kw_only=True)
class Traced:
    """How a command ended, its code as a shell has it without the sign, and the steps that it came to."""

    outcome: Outcome
    steps: tuple[Step, ...]
    was_killed: bool


def require_tracing() -> None:
    """Skip the test where processes cannot be traced."""
    if platform.machine() not in _NUMBERS:
        pytest.skip(f"the system calls of {platform.machine()} have no table here")


def traced(
    words: Sequence[str | Path],
    act: Act,
    *,
    below: Path,
    env: Mapping[str, str] | None = None,
    stdin: str = "",
) -> Traced:
    """Run the command, ask `act` before each step below a folder, and return how it ended."""
    argv = [sys.executable, "-m", "spma", *map(str, words)]
    with tempfile.TemporaryFile() as told, tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as heard:
        heard.write(stdin.encode())
        heard.seek(0)
        tree = _Tree(str(below.resolve()), act)
        code = tree.run(argv, environment(env), (heard.fileno(), told.fileno(), said.fileno()))
        texts = []
        for file in (told, said):
            file.seek(0)
            texts.append(file.read().decode("utf-8", "replace"))
    return Traced(outcome=Outcome(code, *texts), steps=tuple(tree.steps), was_killed=tree.was_killed)


@dataclass(slots=True)
class _Tree:
    below: str
    act: Act
    steps: list[Step] = field(default_factory=list)
    was_killed: bool = False
    _live: set[int] = field(default_factory=set)
    _gone: set[int] = field(default_factory=set)
    _roles: dict[int, Role] = field(default_factory=dict)
    _counts: dict[Role, int] = field(default_factory=lambda: dict.fromkeys(Role, 0))
    _names: Mapping[int, str] = field(
        default_factory=lambda: {number: name for name, number in _NUMBERS[platform.machine()].items()}
    )

    def run(self, argv: Sequence[str], env: Mapping[str, str], descriptors: tuple[int, int, int]) -> int:
        """Run a program to its end, and that of all that it started; return its exit code."""
        may_begin, begin = os.pipe()
        first = os.fork()
        if first == 0:
            os.close(begin)
            _become(argv, env, descriptors, may_begin)
        os.close(may_begin)
        _ptrace(_SEIZE, first, None, _OPTIONS)
        os.write(begin, b"x")
        os.close(begin)
        self._live.add(first)
        self._roles[first] = Role.COMMAND
        code = 0
        while self._live:
            pid, status = os.waitpid(-1, _WALL | _WNOTHREAD)
            if os.WIFSTOPPED(status):
                self._live.add(pid)
                self._stopped(pid, status)
                continue
            self._live.discard(pid)
            self._gone.add(pid)
            if pid == first:
                code = os.waitstatus_to_exitcode(status)
        return code

    def _stopped(self, pid: int, status: int) -> None:
        event, number = status >> 16, os.WSTOPSIG(status)
        if event == _EVENT_SECCOMP:
            self._step(pid)
        elif event == _EVENT_EXEC:
            self._roles[pid] = _role(pid)
        elif event in _NEW_TASK:
            # A task may have been heard of, and have ended, before this is told of whoever made it.
            self._live |= {_message(pid)} - self._gone
        _ptrace(_CONT, pid, None, 0 if event else number)

    def _step(self, pid: int) -> None:
        call, arguments = _call(pid, self._names)
        path = _path(pid, call, arguments)
        if self.was_killed or not f"{path}/".startswith(f"{self.below}/"):
            return
        process = _process(pid)
        role = self._roles.get(process, Role.OTHER)
        self._counts[role] += 1
        step = Step(number=len(self.steps) + 1, of_role=self._counts[role], role=role, call=call, path=path)
        self.steps.append(step)
        deed = self.act(step)
        if deed is Deed.KILL_ONE:
            os.kill(process, signal.SIGKILL)
        elif deed is Deed.KILL_ALL:
            self.was_killed = True
            for task in self._live:
                _kill(task)


def _become(argv: Sequence[str], env: Mapping[str, str], descriptors: tuple[int, int, int], may_begin: int) -> NoReturn:
    """Wait until somebody watches, and become a program that is stopped at every step."""
    try:
        for target, descriptor in enumerate(descriptors):
            os.dup2(descriptor, target)
        os.setsid()
        os.chdir("/")
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.read(may_begin, 1)
        _watch_calls()
        os.execve(argv[0], [*argv], dict(env))  # noqa: S606 - the child is to become the program
    finally:
        os._exit(127)


def _watch_calls() -> None:
    program = _program(_NUMBERS[platform.machine()])
    buffer = ctypes.create_string_buffer(program)
    # struct sock_fprog: how many instructions, and where they are.
    filter_ = struct.pack("HxxxxxxQ", len(program) // 8, ctypes.addressof(buffer))
    if _LIBC.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or _LIBC.prctl(_SET_SECCOMP, _FILTER, filter_):
        os._exit(126)


def _program(numbers: Mapping[str, int]) -> bytes:
    """Return the filter that stops at each of these calls. Source: seccomp(2): nr at 0, arguments from 16 on."""
    lines = [(_LOAD, 0, 0, 0)]
    for name, number in numbers.items():
        if name in _FLAGS_OF:
            at = 16 + 8 * _FLAGS_OF[name]
            # Not this call: on to the next. No flag of writing: allowed.
            lines += [(_IS, 0, 5, number), (_LOAD, 0, 0, at), (_AND, 0, 0, _WRITING), (_IS, 0, 1, 0)]
            lines += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _TRACE)]
        else:
            lines += [(_IS, 0, 1, number), (_RETURN, 0, 0, _TRACE)]
    return b"".join(struct.pack("HBBI", *line) for line in (*lines, (_RETURN, 0, 0, _ALLOW)))


def _ptrace(request: int, pid: int, address: ctypes.Array[ctypes.c_char] | int | None, value: object) -> int:
    answer: int = _LIBC.ptrace(request, pid, address, value)
    if answer < 0 and ctypes.get_errno() != 3:  # whoever was killed meanwhile is gone
        raise OSError(ctypes.get_errno(), f"ptrace {request:#x}: {os.strerror(ctypes.get_errno())}")
    return answer


def _message(pid: int) -> int:
    message = ctypes.c_ulong(0)
    _ptrace(_GETEVENTMSG, pid, None, ctypes.addressof(message))
    return message.value


def _call(pid: int, names: Mapping[int, str]) -> tuple[str, tuple[int, ...]]:
    """Return the name and the arguments of the call at which a task stands. Source: ptrace(2), ptrace_syscall_info."""
    found = ctypes.create_string_buffer(88)
    _ptrace(_GET_SYSCALL_INFO, pid, len(found), ctypes.addressof(found))
    number, *arguments = struct.unpack_from("7Q", found, 24)
    return names.get(number, "?"), tuple(arguments)


def _path(pid: int, call: str, arguments: tuple[int, ...]) -> str:
    """Return what a call changes, as we see it; links are not followed. Nothing for what is gone."""
    kind, at = _NAMED.get(call, ("", 0))
    try:
        if kind == _BY_FD:
            return str(Path(f"/proc/{pid}/fd/{arguments[at]}").readlink())
        if kind == _BY_PATH:
            return _seen(pid, _text(pid, arguments[at]), _AT_FDCWD)
        if kind == _BY_PLACE:
            # Of symlinkat the target stands first.
            place = arguments[at] & 0xFFFFFFFF
            return _seen(pid, _text(pid, arguments[at + 1]), place)
    except OSError:
        return ""
    return ""


def _seen(pid: int, path: str, place: int) -> str:
    if path.startswith("/"):
        root = Path(f"/proc/{pid}/root").readlink()
        return os.path.normpath(f"{root}/{path}")
    base = Path(f"/proc/{pid}/cwd" if place == _AT_FDCWD else f"/proc/{pid}/fd/{place}").readlink()
    return os.path.normpath(f"{base}/{path}")


def _text(pid: int, address: int) -> str:
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:  # noqa: PTH123 - no file of a folder
        memory.seek(address)
        # Never over the end of a page that need not be followed by another one.
        content = memory.read(min(_PATH_BYTES, 4096 - address % 4096))
        if b"\0" not in content:
            content += memory.read(_PATH_BYTES)
    return os.fsdecode(content.partition(b"\0")[0])


def _process(task: int) -> int:
    for line in Path(f"/proc/{task}/status").read_text(encoding="utf-8", errors="replace").splitlines():
        if line.startswith("Tgid:"):
            return int(line.split()[1])
    return task


def _role(pid: int) -> Role:
    words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    if any(word.endswith(b"engine/worker") for word in words):
        return Role.ENGINE
    return Role.COMMAND if b"spma" in words else Role.OTHER


def _kill(task: int) -> None:
    try:
        os.kill(task, signal.SIGKILL)
    except ProcessLookupError:
        return
