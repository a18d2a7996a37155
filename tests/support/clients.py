"""Clients: hosts of a distribution that have the command from the rpm of this checkout, and nothing else of ours."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pytest

from containers.image import CONTAINERFILES
from containers.rpm.build import build as build_package
from containers.rpm.sources import ROOT, target, tracked_files
from tests.support import tool
from tests.support.cache import Cache, digest
from tests.support.containers import Container, Containers, Place
from tests.support.rpmbuild import build
from tests.support.rpms import Rpm

# Those with a Python that runs the command, then those that somebody with a registry names.
DISTRIBUTIONS: Final = ("debian-12", "debian-13", "debian-unstable", *os.environ.get(CONTAINERFILES, "").split())

PACKAGES: Final = "/srv/packages"
PROFILE: Final = "/etc/profile.json"
_FIND_PYTHON: Final = """\
for name in python3 python3.14 python3.13 python3.12 python3.11; do
    "$name" -c 'import sys; print("%d.%d" % sys.version_info[:2]); sys.exit(sys.version_info < (3, 11))' >/tmp/python &&
        exec cat /tmp/python
done
exit 1
"""
# Of these nothing comes into the package.
_NOT_PACKAGED: Final = ("tests/", "bench/", "demo/", ".ci/")


@dataclass(frozen=True, slots=True)
class Client:
    """A host, and the minor version of the Python that it has for us.

    `has_packages` says that its rpmdb has a system. On Debian it has none: everything there is ours to change.
    """

    container: Container
    python: str
    has_packages: bool

    def install_bridge(self, root: str = "/") -> None:
        """Install the rpm with dnf, which checks what it needs."""
        # A plugin makes a repository of what is installed; those of the distribution are out of reach.
        options = ("--assumeyes", "--releasever=9", "--disableplugin=local", "--setopt=reposdir=/nonexistent")
        self.container.run("sh", "-c", f'dnf "$@" install {PACKAGES}/*.rpm', "sh", *options, f"--installroot={root}")

    def run(self, *words: str) -> str:
        """Return what the command prints; it must succeed."""
        return self.container.run("yumbridge", *words)

    def files(self, *folders: str) -> set[str]:
        """Return everything below some folders of which each may be missing."""
        return set(self.container.attempt("find", *folders).stdout.splitlines())

    def installed(self, *names: str) -> set[str]:
        """Return which of some packages are installed, with their versions."""
        found = self.container.run("rpm", "--query", "--all", "--queryformat", "%{name} %{version}\n").splitlines()
        return {line for line in found if line.split()[0] in names}


@contextmanager
def client(containers: Containers, distribution: str, place: Place, cache: Cache) -> Iterator[Client]:
    """Yield a host of a distribution on which the bridge can be installed."""
    with (
        offered_packages() as folder,
        containers.started(distribution, replace(place, mounts={**place.mounts, PACKAGES: folder})) as container,
    ):
        yield prepared(container, folder, cache)


@contextmanager
def offered_packages() -> Iterator[Path]:
    """Yield a folder that whoever sees it as PACKAGES can install from, once it is prepared."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def prepared(container: Container, folder: Path, cache: Cache) -> Client:
    """Put the rpm for the Python of a running container into its folder, with one that stands for the platform."""
    python = container.run("sh", "-c", _FIND_PYTHON).strip()
    has_packages = container.run("rpm", "--query", "--all") != ""
    shutil.copy2(bridge_package(python, cache), folder / "yumbridge.rpm")
    build((platform_package(python),), folder, cache)
    return Client(container, python, has_packages)


def platform_package(python: str) -> Rpm:
    """Return what tells the rpmdb of a Debian host that its Python, bindings and C library are there."""
    return Rpm("platform", provides=(f"/usr/bin/python{python}", "python3-dnf", "glibc = 2.36"))


def bridge_package(python: str, cache: Cache, release: str = "1") -> Path:
    """Return the rpm of this checkout for a Python; the same sources are built once.

    The test is skipped where this is no checkout.
    """
    if not (ROOT / ".git").exists():
        pytest.skip("the rpm is built from a checkout of git")
    key = digest("bridge", python, release, tool.mark("rpmbuild"), *_sources())
    found = cache.find(key)
    if found is None:
        with cache.workplace() as work:
            made = build_package(target(python), work, release)
            found = cache.put(key, made)
    return found


def _sources() -> Iterator[str]:
    for name in tracked_files():
        if not name.startswith(_NOT_PACKAGED):
            yield name
            yield hashlib.sha256((ROOT / name).read_bytes()).hexdigest()
