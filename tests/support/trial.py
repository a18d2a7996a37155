"""Trials: an operation on a folder that is put back before each try, and what has to be true after whatever befell it.

Three questions are asked after each fault. Right then: is anything harmed, and is it told? After the next run of the
same operation: is all as if nothing had happened?
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

from snapshots.storage.store import Store
from tests.support import tool
from tests.support.holding import holding
from tests.support.profiles import Json
from tests.support.reader import check_store
from tests.support.roots import InstallRoot
from tests.support.rpms import Rpm
from tests.support.store_content import files, nouns, tidy, visible
from tests.support.tool import Outcome
from tests.support.tracing import Act, Traced, going_on, traced
from tests.support.waiting import APP, APP2, LIB, LIB2, LIB_HELD, TOOL, TOOL2
from tests.support.world import World

NEW: Final = Rpm("new", "1-1")
GONE: Final = Rpm("gone", "1-1")
_ALWAYS: Final = frozenset({"app", "lib", "tool"})
# What is no content of a root: databases, caches, the log, and what rpm keeps beside its database.
_PASSING: Final = ("root/.rpmdb", "var/lib/rpm", "var/lib/dnf", "var/cache", "var/log", "usr/lib/sysimage")


class Trial(Protocol):
    """One operation in a world of its own."""

    @property
    def folder(self) -> Path:
        """What is put back before each try."""

    @property
    def words(self) -> tuple[str | Path, ...]:
        """The operation, as the command is told of it."""

    @property
    def stdin(self) -> str:
        """What the command is given to read."""

    @property
    def codes(self) -> frozenset[int]:
        """How the operation may end when it is run again."""

    @property
    def remedy(self) -> tuple[str | Path, ...]:
        """What has to be run first after a run that failed, nothing for most."""

    def is_unharmed(self) -> None:
        """Assert what has to be true at any moment at which nobody is at work."""

    def is_told(self, outcome: Outcome) -> None:
        """Assert that how the next run ended says what happened before it."""

    def has_converged(self) -> None:
        """Assert that all is as after an operation that nothing befell."""


@dataclass(slots=True)
class Tries:
    """Tries of one trial. The folder as it was before the operation is kept beside it."""

    world: World
    trial: Trial
    _origin: Path = field(init=False)

    def __post_init__(self) -> None:
        self._origin = self.world.path / "origin"
        shutil.copytree(self.trial.folder, self._origin, symlinks=True)

    def put_back(self) -> None:
        """Undo whatever was done, in a folder that stays: it may be a place where something is mounted."""
        for path in self.trial.folder.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
        shutil.copytree(self._origin, self.trial.folder, symlinks=True, dirs_exist_ok=True)

    def traced(self, act: Act = going_on, env: Mapping[str, str] | None = None) -> Traced:
        """Run the operation, every step of it being looked at."""
        trial = self.trial
        return traced(trial.words, act, below=trial.folder, env=self._env(env), stdin=trial.stdin)

    def run(self, env: Mapping[str, str] | None = None) -> Outcome:
        """Run the operation."""
        return self.world.run(*self.trial.words, env=self._env(env), stdin=self.trial.stdin)

    def survives(self) -> None:
        """Assert, after something befell the operation, that nothing is lost and the next run takes it to its end."""
        self.trial.is_unharmed()
        if words := self.trial.remedy:
            remedied = self.world.run(*words, env=self._env(None))
            assert remedied.code == 0, remedied
        outcome = self.run()
        assert outcome.code in self.trial.codes, outcome
        self.trial.is_told(outcome)
        self.trial.has_converged()

    def _env(self, env: Mapping[str, str] | None) -> dict[str, str]:
        return {"XDG_CACHE_HOME": str(self.world.path / "cache-of-me"), **(env or {})}


@dataclass(slots=True)
class HostTrial:
    """An operation on a root with packages to install, to upgrade and to remove, and with some that wait for a boot."""

    world: World
    words: tuple[str | Path, ...]
    root: InstallRoot
    stdin: str = ""
    codes: frozenset[int] = frozenset({0})
    stages: tuple[str | Path, ...] = ()
    _before: frozenset[str] = frozenset()
    _after: frozenset[str] = frozenset()
    _files: frozenset[str] = frozenset()

    @property
    def remedy(self) -> tuple[str | Path, ...]:
        """A boot run that failed is not tried again by itself: the next apply stages what is left."""
        record = self._document("boot.json") or {"state": "none"}
        return self.stages if record["state"] == "failed" else ()

    @property
    def folder(self) -> Path:
        """The root."""
        return self.root.path

    def learn(self, run: Callable[[], object]) -> None:
        """Let the operation happen once, and keep what it leads to."""
        self._before = self.root.installed()
        run()
        self.no_download_is_left()
        self._after = self.root.installed()
        self._files = frozenset(self._content())

    def is_unharmed(self) -> None:
        """Assert the invariants of a root at which nobody is at work."""
        self.no_package_is_lost()
        self.every_document_is_whole()
        self.no_change_is_untold()
        self.status_answers()

    def no_package_is_lost(self) -> None:
        """What was there before and stays is there, in one build at least."""
        there = {nevra.rsplit("-", 2)[0] for nevra in self.root.installed()}
        assert there >= _ALWAYS, there

    def every_document_is_whole(self) -> None:
        """Whatever we keep as JSON is there as a whole, or not at all."""
        for path in (self.folder / "var/lib/yumbridge").rglob("*.json"):
            if not path.name.startswith("."):
                json.loads(path.read_bytes())

    def no_change_is_untold(self) -> None:
        """Packages that changed have a report or an intent: there is no third state."""
        if self.root.installed() not in {self._before, self._after}:
            is_failure = self._report.get("outcome") == "failed"
            assert self.intent is not None or is_failure, "half a transaction, and nothing tells of it"
        elif self.root.installed() != self._before:
            assert self.intent is not None or self._report["packages"], "a transaction without a report"

    def status_answers(self) -> None:
        """`status` tells of the interruption, and of nothing else as one."""
        outcome = self.world.run("status", "--root", self.folder, "--json")
        assert outcome.code == 0, outcome
        told = outcome.json()["interrupted"]
        assert (told is not None) is (self.intent is not None), told
        self._interrupted = self.intent is not None

    def is_told(self, outcome: Outcome) -> None:
        """Assert that the run after an interruption says so."""
        if self._interrupted:
            assert "run was interrupted" in f"{outcome.stderr}{outcome.stdout}", outcome

    def has_converged(self) -> None:
        """Assert the invariants of a root after a run that went well."""
        self.packages_are_as_undisturbed()
        self.files_are_as_undisturbed()
        self.database_is_sound()
        self.nothing_is_half_done()
        self.lock_is_free()

    def packages_are_as_undisturbed(self) -> None:
        """No package too few, none twice, none left over."""
        assert self.root.installed() == self._after

    def files_are_as_undisturbed(self) -> None:
        """No file is missing, and nothing that somebody has begun is left behind."""
        assert frozenset(self._content()) == self._files

    def no_download_is_left(self) -> None:
        """What came over the wire is installed or staged, and takes no room in the cache."""
        assert list((self.folder / "var/cache").rglob("*.rpm")) == []

    def database_is_sound(self) -> None:
        """rpm finds nothing wrong with its database."""
        outcome = tool.attempt("rpmdb", "--root", self.folder, "--verifydb")
        assert outcome.code == 0, outcome

    def nothing_is_half_done(self) -> None:
        """No run is told as interrupted any more."""
        assert self.intent is None

    def lock_is_free(self) -> None:
        """Nobody holds the lock of the root."""
        lock_is_free(self.folder / "var/lib/yumbridge/lock")

    @property
    def intent(self) -> Any:  # noqa: ANN401 - a foreign document
        """What a run was about to do, None when no run was interrupted."""
        return self._document("intent.json")

    @property
    def _report(self) -> Any:  # noqa: ANN401 - a foreign document
        return self._document("report.json") or {"packages": []}

    def _document(self, name: str) -> Any:  # noqa: ANN401 - a foreign document
        path = self.folder / "var/lib/yumbridge" / name
        return json.loads(path.read_bytes()) if path.exists() else None

    def _content(self) -> Iterator[str]:
        for folder, _, names in os.walk(self.folder):
            place = Path(folder).relative_to(self.folder)
            for name in names:
                path = (place / name).as_posix()
                if not path.startswith(_PASSING):
                    yield path

    _interrupted: bool = field(default=False, init=False)


@dataclass(slots=True)
class FileTrial:
    """An operation that writes one file and changes nothing else."""

    world: World
    words: tuple[str | Path, ...]
    folder: Path
    name: str
    stdin: str = ""
    codes: frozenset[int] = frozenset({0})
    remedy: tuple[str | Path, ...] = ()
    _whole: bytes = b""

    def learn(self, run: Callable[[], object]) -> None:
        """Let the operation happen once, and keep what it writes."""
        run()
        self._whole = (self.folder / self.name).read_bytes()

    def is_unharmed(self) -> None:
        """The file is there as a whole, or not at all."""
        path = self.folder / self.name
        assert not path.exists() or path.read_bytes() == self._whole

    def is_told(self, outcome: Outcome) -> None:
        """Nothing has happened that anybody would have to be told."""

    def has_converged(self) -> None:
        """The file is there, and nothing beside it."""
        assert (self.folder / self.name).read_bytes() == self._whole
        assert [path.name for path in self.folder.iterdir()] == [self.name]


@dataclass(slots=True)
class StoreTrial:
    """An operation on a snapshot store."""

    world: World
    words: tuple[str | Path, ...]
    store: Store
    stdin: str = ""
    codes: frozenset[int] = frozenset({0})
    remedy: tuple[str | Path, ...] = ()
    _before: frozenset[str] = frozenset()
    _after: frozenset[str] = frozenset()
    _files: dict[str, bytes] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """The store."""
        return self.store.path

    def learn(self, run: Callable[[], object]) -> None:
        """Let the operation happen once, and keep what it leads to."""
        self._before = frozenset(visible(self.store))
        run()
        self._after = frozenset(visible(self.store))
        tidy(self.store)
        self._files = files(self.store)

    def is_unharmed(self) -> None:
        """Assert the invariants of a store at which nobody is at work."""
        self.every_reader_is_served()
        self.nothing_is_half_seen()

    def every_reader_is_served(self) -> None:
        """Snapshots have all their metadata and rpms, whole; refs lead somewhere; mirrors and locks can be read."""
        check_store(self.store)
        assert self.store.lost_refs() == {}

    def nothing_is_half_seen(self) -> None:
        """A reader sees what was before or what is after, and what is in both at any time."""
        seen = visible(self.store)
        assert seen <= self._before | self._after
        assert nouns(set(self._before)) & nouns(set(self._after)) <= nouns(seen)

    def is_told(self, outcome: Outcome) -> None:
        """A store is what it was or what it is to be: nothing has happened that anybody would have to be told."""

    def has_converged(self) -> None:
        """Every byte is as after an operation that nothing befell."""
        self.every_reader_is_served()
        lock_is_free(self.store.lock)
        tidy(self.store)
        assert files(self.store) == self._files


def lock_is_free(path: Path) -> None:
    """Assert that nobody holds a lock. It may name a run that was killed, which stands in nobody's way."""
    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


@dataclass(slots=True)
class Site:
    """A host of a world, whose packages come over the wire: lib is held until boot, and app needs the new lib."""

    world: World
    url: str
    root: InstallRoot = field(init=False)
    profile: Path = field(init=False)
    config: Path = field(init=False)

    def __post_init__(self) -> None:
        base = self.world.repository("base", LIB2, APP2, TOOL2, NEW).at(self.url)
        self.root = self.world.root(LIB, APP, TOOL, GONE)
        # dnf tries once, and waits no longer than it has to.
        ours: dict[str, Json] = {"ncm-module": "yumbridge", "main_options": {"timeout": 2, "retries": 1}}
        self.profile = self.world.profile(["app", "lib", "tool", "new"], [base], spma=ours)
        self.config = holding(self.world, LIB_HELD)

    @property
    def options(self) -> tuple[str | Path, ...]:
        """The options that name the host."""
        return ("--root", self.root.path, "--config", self.config)

    @property
    def apply(self) -> tuple[str | Path, ...]:
        """The words of an apply."""
        return ("apply", self.profile, "-y", *self.options)

    @property
    def request(self) -> str:
        """What ncm-ncd asks the component for."""
        software = json.loads(self.profile.read_bytes())["software"]
        trees = {name: software.get(name, {}) for name in ("packages", "repositories")}
        spma = software["components"]["spma"]
        return json.dumps({"name": "spma", "component": spma, "spma": spma, "software": trees})

    def stage(self) -> None:
        """Let an apply happen, so that a boot has something to do."""
        outcome = self.world.run(*self.apply)
        assert outcome.code == 0, outcome
