"""The daemon that runs containers: the machine's own, or one that lives as long as somebody needs it.

Ours has process, mount and network namespaces of its own. It makes no bridge, route or firewall rule outside of them,
starts no container that somebody else has left on this machine, and nothing outlives it.
"""

from __future__ import annotations

import fcntl
import os
import select
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final

import docker
import docker.errors

SYSTEM_ADDRESS: Final = "unix:///var/run/docker.sock"

_FOLDER: Final = Path("/run/yumbridge-containers")
_IMAGES: Final = Path("/var/cache/yumbridge-containers")
_PATIENCE_S: Final = 30.0


class NoDaemonError(Exception):
    """There is no daemon, and none can be started."""


@contextmanager
def daemon() -> Iterator[str]:
    """Yield the address of a daemon that answers until the end of the block.

    It is that of DOCKER_HOST or of the machine where one answers, else ours, which the first who needs it starts
    and the last one stops.

    Raises:
        NoDaemonError: none answers and none can be started.
    """
    address = os.environ.get("DOCKER_HOST") or SYSTEM_ADDRESS
    if answers(address):
        yield address
        return
    if os.geteuid() != 0:
        raise NoDaemonError(f"no docker daemon answers at {address}, and only root can start one")
    if absent := [name for name in ("dockerd", "iptables", "unshare") if shutil.which(name) is None]:
        raise NoDaemonError(f"no docker daemon answers at {address}, and here is no {' and no '.join(absent)}")
    with _started() as ours:
        yield ours


def answers(address: str) -> bool:
    """Tell whether a daemon answers at an address."""
    if address.startswith("unix://"):
        # The SDK leaves a socket open when nobody listens.
        with socket.socket(socket.AF_UNIX) as probe:
            if probe.connect_ex(address.removeprefix("unix://")):
                return False
    try:
        with connected(address) as client:
            return bool(client.ping())
    except (docker.errors.DockerException, OSError):
        return False


@contextmanager
def connected(address: str) -> Iterator[docker.DockerClient]:
    """Yield a client of the daemon at an address."""
    client = docker.DockerClient(base_url=address)
    try:
        yield client
    finally:
        client.close()


@contextmanager
def _started() -> Iterator[str]:
    address = f"unix://{_FOLDER}/docker.sock"
    _FOLDER.mkdir(mode=0o700, exist_ok=True)
    # Everybody who needs the daemon holds `users`; a process that is killed lets go of it as well.
    with (_FOLDER / "users").open("w") as users:
        with _deciding():
            fcntl.flock(users, fcntl.LOCK_SH)
            if not answers(address):
                _start(address)
        try:
            yield address
        finally:
            with _deciding():
                if _is_last(users):
                    _stop()


@contextmanager
def _deciding() -> Iterator[None]:
    """Let nobody else start or stop the daemon meanwhile."""
    with (_FOLDER / "decision").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _is_last(users: IO[str]) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _start(address: str) -> None:
    private = ("unshare", "--fork", "--pid", "--kill-child", "--mount-proc", "--net")
    places = (f"--data-root={_IMAGES}", f"--exec-root={_FOLDER}/exec", f"--pidfile={_FOLDER}/dockerd.pid")
    names = ("--containerd-namespace=yumbridge", "--containerd-plugins-namespace=yumbridge-plugins")
    command = (*private, "dockerd", f"--host={address}", *places, *names)
    # A daemon that was killed leaves its file behind, which has its number in a namespace that is gone.
    (_FOLDER / "dockerd.pid").unlink(missing_ok=True)
    log = _FOLDER / "log"
    with log.open("w") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    (_FOLDER / "pid").write_text(str(process.pid), encoding="ascii")
    deadline = time.monotonic() + _PATIENCE_S
    while not answers(address):
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            process.wait()
            last = log.read_text(encoding="utf-8", errors="replace").splitlines()[-3:]
            raise NoDaemonError("\n".join(("dockerd does not start:", *last)))
        time.sleep(0.05)


def _stop() -> None:
    """Stop the daemon that `_start` started, in whatever process that was."""
    pid = int((_FOLDER / "pid").read_text(encoding="ascii"))
    with suppress(ProcessLookupError):
        process = os.pidfd_open(pid)
        try:
            for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split():
                os.kill(int(child), signal.SIGTERM)
            ended = select.poll()
            ended.register(process, select.POLLIN)
            if not ended.poll(_PATIENCE_S * 1000):
                signal.pidfd_send_signal(process, signal.SIGKILL)
        finally:
            os.close(process)
