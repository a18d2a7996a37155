"""The command, run as a person or a daemon runs it: in a process of its own."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.project import ROOT
from tests.support.tool import Outcome

# HOME stays as it is for every user: rpm's database path depends on it on Debian.
_KEPT = ("PATH", "HOME", "TMPDIR", "YUMBRIDGE_PYTHON")

# Not the project: nothing may depend on being started there.
_NOWHERE = Path("/")


def environment(env: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of a run: little of ours, English, without colours, then `env`."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    ours = {"LC_ALL": "C.UTF-8", "TZ": "UTC", "NO_COLOR": "1", "PYTHONPATH": str(ROOT)}
    return {**kept, **ours, **(env or {})}


def run_yumbridge(
    *args: str | Path,
    env: Mapping[str, str] | None = None,
    stdin: str = "",
    user: str | None = None,
    cwd: Path = _NOWHERE,
    timeout_s: float = 120,
) -> Outcome:
    """Run the command and return how it ended.

    `user` is an account to run as, with none of our groups; this needs root. `cwd` is where
    relative paths begin.

    Raises:
        TimeoutError: it did not end in time; it and its children were killed.
    """
    with started(*args, env=env, user=user, cwd=cwd) as process:
        try:
            stdout, stderr = process.communicate(stdin, timeout=timeout_s)
        except subprocess.TimeoutExpired:
            kill_group(process)
            stdout, stderr = process.communicate()
            raise TimeoutError(f"yumbridge {args} took {timeout_s} s\n{stdout}{stderr}") from None
    return Outcome(process.returncode, stdout, stderr)


@contextmanager
def started(
    *args: str | Path,
    env: Mapping[str, str] | None = None,
    user: str | None = None,
    cwd: Path = _NOWHERE,
) -> Iterator[subprocess.Popen[str]]:
    """Start the command in a process group of its own; what still runs at the end is killed."""
    account = None if user is None else pwd.getpwnam(user)
    process = subprocess.Popen(
        [_interpreter(user), "-m", "spma", *map(str, args)],
        cwd=cwd,
        encoding="utf-8",
        env=environment(env),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        user=account and account.pw_uid,
        group=account and account.pw_gid,
        extra_groups=None if account is None else (),
    )
    with process:
        try:
            yield process
        finally:
            if process.poll() is None:
                kill_group(process)


def kill_group(process: subprocess.Popen[str], *, signal_number: int = signal.SIGKILL) -> None:
    """Send a signal to the command and to every process it started."""
    os.killpg(process.pid, signal_number)


def _interpreter(user: str | None) -> Path:
    """Return the Python that has the command, or skip the test when it lies in a private home."""
    python = Path(sys.executable)
    if user is not None and not (_open_to_all(python) and _open_to_all(python.resolve())):
        pytest.skip(f"{user} cannot reach {python}")
    return python


def _open_to_all(path: Path) -> bool:
    return all(parent.stat().st_mode & 0o001 for parent in (path, *path.parents))
