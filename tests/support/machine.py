"""A disposable machine: this one, seen through an overlay that is thrown away."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support import tool
from tests.support.command import environment
from tests.support.project import ROOT
from tests.support.roots import InstallRoot
from tests.support.tool import Outcome


@dataclass(frozen=True, slots=True)
class Machine:
    """What a process sees whose root directory is `path`: everything of this machine, nothing it writes stays."""

    path: Path

    @property
    def root(self) -> InstallRoot:
        """The same directory as an install root, seen from outside."""
        return InstallRoot(self.path)

    def run(self, *args: str | Path) -> Outcome:
        """Run the command on the machine itself, as root and with / as its root."""
        command = ("chroot", str(self.path), *_interpreter(), "-m", "spma")
        return tool.attempt(*command, *map(str, args), env=environment())


def _interpreter() -> tuple[str, ...]:
    return (str(ROOT / ".venv/bin/python"),)


@contextmanager
def machine(path: Path) -> Iterator[Machine]:
    """Yield a disposable machine whose layers lie below `path`; skip the test where overlays cannot be mounted."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount an overlay")
    with ExitStack() as mounted:
        layers = path / "layers"
        layers.mkdir()
        # The upper layer may not lie on an overlay itself, as it would inside a container.
        _mount(mounted, layers, "-t", "tmpfs", "tmpfs")
        for name in ("upper", "work", "root"):
            (layers / name).mkdir()
        options = f"lowerdir=/,upperdir={layers}/upper,workdir={layers}/work"
        root = layers / "root"
        _mount(mounted, root, "-t", "overlay", "overlay", "-o", options)
        _mount(mounted, root / "proc", "-t", "proc", "proc")
        _mount(mounted, root / "dev", "--bind", "/dev")
        # What the test has written may be on a file system of its own, which the overlay does not show.
        inside = root / path.relative_to("/")
        inside.mkdir(parents=True, exist_ok=True)
        _mount(mounted, inside, "--bind", str(path))
        shutil.rmtree(root / "root/.rpmdb", ignore_errors=True)
        yield Machine(root)


def _mount(mounted: ExitStack, point: Path, *arguments: str) -> None:
    outcome = tool.attempt("mount", *arguments, str(point))
    if outcome.code != 0:
        pytest.skip(f"no overlay can be mounted here: {outcome.stderr.strip()}")
    mounted.callback(tool.attempt, "umount", "--lazy", str(point))
