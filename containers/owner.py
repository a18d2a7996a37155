"""Whose a container or network is, and what owners left behind that no longer run."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

import docker
import docker.errors

# On every container and network, with the process that made it.
LABEL: Final = "yumbridge.owner"


def owner(pid: int | None = None) -> str:
    """Return the name of a process, this one without `pid`: its namespace, its number, and when it was started.

    Raises:
        ProcessLookupError: it does not run.
    """
    pid = os.getpid() if pid is None else pid
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ProcessLookupError(pid) from None
    # Source: proc(5). Only the second field may hold blanks; the third is the state, the 22nd the start.
    fields = stat.rpartition(")")[2].split()
    if fields[0] in {"Z", "X"}:
        raise ProcessLookupError(pid)
    return f"{_namespace()}-{pid}-{fields[19]}"


def has_ended(name: str) -> bool:
    """Tell whether an owner no longer runs; one that cannot be seen from here has not."""
    namespace, pid, _ = name.split("-")
    if namespace != _namespace():
        return False
    try:
        return owner(int(pid)) != name
    except ProcessLookupError:
        return True


def sweep(client: docker.DockerClient) -> None:
    """Remove the containers, then the networks, of owners that have ended."""
    for container in client.containers.list(all=True, ignore_removed=True, filters={"label": LABEL}):
        if has_ended(container.labels[LABEL]):
            # Somebody else may be at it; what stays is met by the next sweep.
            with suppress(docker.errors.APIError):
                container.remove(force=True, v=True)
    for network in client.networks.list(filters={"label": LABEL}):
        if has_ended(network.attrs["Labels"][LABEL]):
            with suppress(docker.errors.APIError):
                network.remove()


def _namespace() -> str:
    return str(Path("/proc/self/ns/pid").stat().st_ino)
