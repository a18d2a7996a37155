"""A host that boots: a container whose process 1 is systemd, so that each start of it is a boot."""

from __future__ import annotations

import platform
import sysconfig
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from docker.errors import APIError

from containers.image import FOLDER
from tests.support.containers import Container, Containers, Place
from tests.support.project import ROOT

# Before a program: it runs as a service does, with the environment of one, and its exit code and output come back.
AS_SERVICE: Final = ("systemd-run", "--quiet", "--wait", "--pipe")

BOOTED_DISTRIBUTION: Final = "debian-12-systemd"
# Of the distribution; what is compiled for one Python is for no other.
_PYTHON: Final = "3.11"
_INIT: Final = "/usr/local/sbin/boot"
_LIBRARY: Final = "/usr/lib/yumbridge"

_PATIENCE_S: Final = 60.0
_INTERVAL_S: Final = 0.02


class BootError(Exception):
    """A host did not come up or go down in time; the text has what it says of that."""


class BootedContainer(Container):
    """A host with systemd and the command, which keeps its files over boots: those of /run and /tmp go, as anywhere.

    Each boot has an id of its own; a service with a /proc of its own (ProtectKernelTunables=, ProtectControlGroups=,
    ProtectProc=) sees that of the machine instead. The kernel is the machine's: its clocks go on over a boot, and after
    a power cut it still has what was written and not synced.
    """

    def boot(self) -> None:
        """Switch it on, and wait until it is up.

        Raises:
            BootError: it does not come up.
        """
        self.start()
        self.wait_for_boot()

    def reboot(self) -> None:
        """Let systemd go through reboot.target, then boot.

        Raises:
            BootError: it does not go down, or does not come up.
        """
        # Source: systemd(1), "Signals". What docker would send makes systemd execute itself again.
        self._container.kill(signal="SIGRTMIN+5")
        self.wait_until_stopped()
        self.boot()

    def cut_power(self) -> None:
        """Kill everything that runs on it, at once. It stays off until it is booted."""
        self._container.kill()
        self.wait_until_stopped()

    def start(self) -> None:
        """Switch it on, and wait for nothing: what boots into an offline update switches itself off again."""
        self._container.start()

    def wait_for_boot(self) -> None:
        """Wait until every job of the boot is done, whether or not a unit failed.

        Raises:
            BootError: it is not up in time, ended in emergency or rescue mode, or goes down instead.
        """
        deadline = time.monotonic() + _PATIENCE_S
        while (state := self.state) not in {"running", "degraded"}:
            if state in {"maintenance", "stopping"} or not self._is_on() or time.monotonic() > deadline:
                raise BootError(self._account("is not up", state))
            time.sleep(_INTERVAL_S)

    def wait_until_stopped(self) -> None:
        """Wait until it is switched off; a reboot that the host decides on ends here too, and `boot` goes on from it.

        Raises:
            BootError: it runs on.
        """
        deadline = time.monotonic() + _PATIENCE_S
        while self._is_on():
            if time.monotonic() > deadline:
                raise BootError(self._account("is not down", self.state))
            time.sleep(_INTERVAL_S)

    @property
    def state(self) -> str:
        """What `systemctl is-system-running` says, "" while nothing answers."""
        try:
            outcome = self.attempt("systemctl", "is-system-running")
        except APIError:
            return ""
        # With other codes it is docker that says why the program did not run.
        return outcome.stdout.strip() if outcome.code in {0, 1} else ""

    @property
    def boot_id(self) -> str:
        """The id of this boot."""
        return self.run("cat", "/proc/sys/kernel/random/boot_id").strip()

    def _is_on(self) -> bool:
        self._container.reload()
        return self._container.status == "running"

    def _account(self, failure: str, state: str) -> str:
        """Return what the host says of a failure."""
        said = [f"the host {failure}: systemd says {state!r}"]
        # It may be going down, and then no longer answers.
        with suppress(APIError):
            for argv in (
                ("systemctl", "--failed", "--no-pager", "--full"),
                ("systemctl", "list-jobs", "--no-pager", "--full"),
                ("journalctl", "--boot", "--no-pager", "--lines=100"),
            ):
                outcome = self.attempt(*argv)
                said += [f"$ {' '.join(argv)}", outcome.stdout + outcome.stderr]
        if not self._is_on():
            said += [f"exit code {self._container.attrs['State']['ExitCode']}", self._container.logs().decode()]
        return "\n".join(said)


@contextmanager
def booting(containers: Containers, place: Place) -> Iterator[BootedContainer]:
    """Yield a host that is not switched on yet, with /usr/bin/yumbridge; remove it afterwards.

    The test is skipped where the libraries of the command are not for the Python of the host.
    """
    if not platform.python_version().startswith(f"{_PYTHON}."):
        pytest.skip(f"the libraries are for Python {platform.python_version()}, the container has {_PYTHON}")
    with booting_bare(containers, replace(place, mounts={**_command(), **place.mounts})) as made:
        yield made


@contextmanager
def booting_bare(containers: Containers, place: Place) -> Iterator[BootedContainer]:
    """Yield a host that is not switched on yet, without the command; remove it afterwards."""
    mounts = {_INIT: FOLDER / BOOTED_DISTRIBUTION / "boot", **place.mounts}
    with containers.created(BOOTED_DISTRIBUTION, replace(place, mounts=mounts), init=_INIT) as made:
        yield BootedContainer(made)


def _command() -> dict[str, Path]:
    """Return what of this machine is where in a host: the command, and what the command imports."""
    return {
        "/usr/bin/yumbridge": FOLDER / BOOTED_DISTRIBUTION / "yumbridge",
        **{f"{_LIBRARY}/{package}": ROOT / package for package in ("spma", "snapshots", "yumbridge")},
        f"{_LIBRARY}/site-packages": Path(sysconfig.get_path("purelib")),
    }
