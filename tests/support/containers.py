"""Containers of the distributions in `containers/`, on networks that lead nowhere else."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from docker import DockerClient
from docker.models.containers import Container as DockerContainer
from docker.models.networks import Network
from docker.types import Mount

from containers.image import image_of
from containers.owner import LABEL, owner
from tests.support.tool import Outcome, ToolError


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a container runs: its network, the names it has there, and what it sees of this machine, read-only.

    Without a network it sees none at all. `shared` are folders of this machine that it may write to, by the same path.
    """

    network: Network | None = None
    names: tuple[str, ...] = ()
    mounts: Mapping[str, Path] = field(default_factory=dict)
    shared: tuple[Path, ...] = ()


class Container:
    """A container that waits for something to do."""

    def __init__(self, container: DockerContainer) -> None:
        self._container = container

    @property
    def name(self) -> str:
        """The name by which the daemon knows it."""
        return str(self._container.name)

    def network_namespace(self) -> Path:
        """Return its network namespace, as this machine sees it: the daemon may count processes in another way."""
        for found in Path("/proc").glob("[0-9]*/cgroup"):
            with suppress(OSError):
                if str(self._container.id) in found.read_text(encoding="utf-8"):
                    return found.parent / "ns" / "net"
        raise LookupError(self.name)

    def attempt(self, *argv: str) -> Outcome:
        """Run a program in it and return how that ended."""
        ended = self._container.exec_run(list(argv), demux=True)
        streams: object = ended.output
        assert isinstance(streams, tuple), "demux gives two"
        assert ended.exit_code is not None, "only what is detached has none"
        stdout, stderr = ((stream or b"").decode(errors="replace") for stream in streams)
        return Outcome(ended.exit_code, stdout, stderr)

    def run(self, *argv: str) -> str:
        """Return the standard output of a program that must succeed.

        Raises:
            ToolError: it exited with another code than 0.
        """
        outcome = self.attempt(*argv)
        if outcome.code != 0:
            raise ToolError(argv, outcome)
        return outcome.stdout

    def write(self, path: str, text: str) -> None:
        """Write a file, and the folders that it lies in."""
        self.run("sh", "-c", 'mkdir -p "$(dirname "$0")" && printf %s "$1" >"$0"', path, text)


class Containers:
    """What one process of tests runs. Everything has its label, so that it is found if it is left behind."""

    def __init__(self, client: DockerClient) -> None:
        self._client = client
        self._labels = {LABEL: owner()}

    @contextmanager
    def network(self) -> Iterator[Network]:
        """Make a network on which containers see each other, and nothing else."""
        name = f"yumbridge-{self._labels[LABEL]}-{time.monotonic_ns()}"
        network = self._client.networks.create(name, internal=True, labels=self._labels)
        try:
            yield network
        finally:
            network.remove()

    @contextmanager
    def started(self, distribution: str, place: Place) -> Iterator[Container]:
        """Run a distribution ("debian-12"), and remove it afterwards."""
        with self.created(distribution, place) as container:
            container.start()
            yield Container(container)

    @contextmanager
    def created(self, distribution: str, place: Place, *, init: str | None = None) -> Iterator[DockerContainer]:
        """Make a container of a distribution that is not started yet, and remove it afterwards.

        `init` is the path, inside, of a program that boots a system as process 1; without one the container waits.
        """
        network = "none" if place.network is None else str(place.network.name)
        known_as = self._client.api.create_endpoint_config(aliases=list(place.names))
        container = self._client.containers.create(
            image_of(distribution).tag,
            None if init is None else [init],
            labels=self._labels,
            mounts=_mounts(place),
            network=network,
            networking_config=None if place.network is None else {network: known_as},
            # What boots mounts file systems, which docker's profile for AppArmor would still refuse, and writes to the
            # control groups below its own.
            cap_add=None if init is None else ["SYS_ADMIN"],
            security_opt=None if init is None else ["apparmor=unconfined"],
            cgroupns=None if init is None else "private",
        )
        try:
            yield container
        finally:
            container.remove(force=True, v=True)


def _mounts(place: Place) -> list[Mount]:
    seen = [Mount(target, str(source), type="bind", read_only=True) for target, source in place.mounts.items()]
    return seen + [Mount(str(folder), str(folder), type="bind") for folder in place.shared]
