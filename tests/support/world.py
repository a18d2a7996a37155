"""A world of rpms for one test: repositories, profiles, roots and the command, in few lines."""

from __future__ import annotations

import shutil
import ssl
import stat
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from snapshots.content.manifest import Manifest
from snapshots.storage.store import create_store
from tests.support.advisories import Advisory
from tests.support.cache import Cache, shared_cache
from tests.support.command import run_yumbridge
from tests.support.profiles import Json, Packages, profile, write_profile
from tests.support.repositories import Contents, Repository, write_repository
from tests.support.roots import InstallRoot
from tests.support.rpmbuild import build
from tests.support.rpms import Rpm
from tests.support.server import Server, serving
from tests.support.signing import SigningKey
from tests.support.stores import Frozen, frozen
from tests.support.tool import Outcome


class World:
    """Everything a test of the command needs, below one directory.

    Example:
        world = World(tmp_path)
        base = world.repository("base", Rpm("bash", requires=("libc",)), Rpm("libc"))
        profile = world.profile(["bash"], [base])
        root = world.root()
        result = world.run("plan", profile, "--root", root.path, "--json")
    """

    def __init__(self, path: Path, cache: Cache | None = None, network: Path | None = None) -> None:
        self.path = path
        self.cache = cache or shared_cache()
        self._network = network

    def repository(
        self,
        repo_id: str,
        *rpms: Rpm,
        advisories: Iterable[Advisory] = (),
        key: SigningKey | None = None,
    ) -> Repository:
        """Write a repository; one of the same id is replaced, as when a mirror moves on."""
        contents = Contents(rpms=rpms, advisories=tuple(advisories), key=key)
        return self.publish(repo_id, contents)

    def publish(self, repo_id: str, contents: Contents) -> Repository:
        """Write a repository with everything that can be in one; one of the same id is replaced."""
        return write_repository(repo_id, contents, self.repositories / repo_id, self.cache)

    @property
    def repositories(self) -> Path:
        """The directory with all repositories, as `--repos-from` takes it."""
        return self.path / "repositories"

    @contextmanager
    def serving(self, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
        """Serve the repositories over HTTP, or HTTPS; `base.at(server.url)` is how a profile names one."""
        self.repositories.mkdir(parents=True, exist_ok=True)
        with serving(self.repositories, tls, self._network) as server:
            yield server

    def profile(
        self,
        packages: Packages,
        repositories: Iterable[Repository | tuple[str, str] | Mapping[str, Json]] = (),
        *,
        name: str = "profile.json",
        spma: Mapping[str, Json] | None = None,
        extra: Mapping[str, Json] | None = None,
    ) -> Path:
        """Write a profile and return its path; the suffix of `name` decides on its form."""
        content = profile(packages, repositories, spma=spma, extra=extra)
        return write_profile(self.path / name, content)

    def root(self, *installed: Rpm, name: str = "root") -> InstallRoot:
        """Make an install root with these packages; without any it has no rpmdb."""
        root = InstallRoot(self.path / name)
        root.path.mkdir(parents=True, exist_ok=True)
        if installed:
            self.install(root, *installed)
        return root

    def install(self, root: InstallRoot, *rpms: Rpm) -> None:
        """Install more packages into a root behind everybody's back, needs ignored."""
        with tempfile.TemporaryDirectory(dir=self.path) as directory:
            root.install(build(rpms, Path(directory), self.cache))

    def run(
        self,
        *args: str | Path,
        env: Mapping[str, str] | None = None,
        stdin: str = "",
        user: str | None = None,
        timeout_s: float = 120,
    ) -> Outcome:
        """Run the command in this world's directory, with a cache in it.

        `user` is an account to run as; it may look into the world but not write there.
        """
        cache_home = self.path / f"cache-of-{user or 'me'}"
        if user is not None:
            self._admit(user, cache_home)
        full = {"XDG_CACHE_HOME": str(cache_home), **(env or {})}
        return run_yumbridge(*args, env=full, stdin=stdin, user=user, cwd=self.path, timeout_s=timeout_s)

    @property
    def store(self) -> Path:
        """Where `snapshot` keeps its store."""
        return self.path / "store"

    def snapshot(self, verb: str, *args: str | Path, timeout_s: float = 120) -> Outcome:
        """Run a verb of `snapshot` on the store of this world."""
        return self.run("snapshot", verb, *args, "--store", self.store, timeout_s=timeout_s)

    def freeze(self, name: str, *repositories: Repository, cut_at: str = "2026-11-22T08:00:00Z") -> Manifest:
        """Make a snapshot of whole repositories, without the detour over a mirror."""
        return frozen(create_store(self.store), name, repositories, Frozen(cut_at=cut_at))

    def _admit(self, user: str, cache_home: Path) -> None:
        """Let another user reach this world, which pytest made private, and own a cache in it."""
        cache_home.mkdir(exist_ok=True)
        shutil.chown(cache_home, user)
        for directory in (self.path, *self.path.parents):
            mode = directory.stat().st_mode
            if not mode & stat.S_IXOTH and directory.is_relative_to(tempfile.gettempdir()):
                directory.chmod(mode | stat.S_IXOTH)
