"""The engines that there are to test: this machine's, and those of other distributions, driven from outside."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.support import tool
from tests.support.containers import Container, Containers, Place
from tests.support.dnf import options
from tests.support.repositories import Repository
from tests.support.roots import InstallRoot
from yumbridge.engine.child import WORKER, EngineChoice, Starter
from yumbridge.engine.client import EngineClient


@dataclass(frozen=True, slots=True)
class Bindings:
    """Bindings of dnf to test with: their name ("dnf4", "dnf5") and where they are, None for this machine."""

    name: str
    distribution: str | None = None

    def __str__(self) -> str:
        return self.name if self.distribution is None else f"{self.distribution}-{self.name}"


LOCAL = Bindings("dnf4")
EVERY_ENGINE = (
    LOCAL,
    Bindings("dnf4", "debian-11"),
    Bindings("dnf4", "debian-13"),
    Bindings("dnf4", "debian-unstable"),
    Bindings("dnf5", "debian-unstable"),
)


class RunningEngine:
    """An engine that runs for the whole session, and the tools beside it."""

    def __init__(self, bindings: Bindings, container: Container | None) -> None:
        self.bindings = bindings
        self._container = container
        self.network = None if container is None else container.network_namespace()
        self.client = EngineClient(self.starter())

    @property
    def command(self) -> tuple[str, ...]:
        """What runs the worker from outside; nothing for this machine's own."""
        if self._container is None:
            return ()
        return ("docker", "exec", "-i", self._container.name, "python3", "-I", str(WORKER))

    def starter(self) -> Starter:
        """Start one more child."""
        return Starter(choice=EngineChoice(self.command, self.bindings.name))

    def attempt(self, *argv: str) -> tool.Outcome:
        """Run a program where the engine is."""
        return tool.attempt(*argv) if self._container is None else self._container.attempt(*argv)

    def dnf(self, root: InstallRoot, *args: str, repositories: Iterable[Repository] = ()) -> tool.Outcome:
        """Run the command of these bindings on a root: see tests.support.dnf."""
        program = "dnf5" if self.bindings.name == "dnf5" else "dnf"
        with options(root.path, repositories) as words:
            return self.attempt(program, *words, *args)

    def reasons(self, root: InstallRoot) -> dict[str, str]:
        """Return the install reason of each package as dnf tells it, by NEVRA."""
        queryformat = "%{name}-%{evr}.%{arch} %{reason}\n"
        outcome = self.dnf(root, "repoquery", "--quiet", "--installed", "--qf", queryformat)
        words = (line.split() for line in outcome.stdout.splitlines() if line)
        return {nevra.replace("-0:", "-"): reason.lower().partition("-")[0] for nevra, reason in words}

    def mark_dependency(self, root: InstallRoot, name: str) -> None:
        """Set the install reason of a package to that of a dependency."""
        done = self.dnf(root, "mark", "dependency" if self.bindings.name == "dnf5" else "remove", name)
        assert done.code == 0, done.stderr

    def comment(self, root: InstallRoot) -> str:
        """Return the comment of the last transaction in dnf's history; empty when there is none."""
        told = self.dnf(root, "history", "info").stdout
        lines = [line.partition(":") for line in told.splitlines()]
        return next((text.strip() for label, _, text in lines if label.strip() == "Comment"), "")

    @contextmanager
    def another_at_work(self, root: InstallRoot) -> Iterator[None]:
        """Let another dnf be at work on a root."""
        sleeper = ("python3", "-c", _SLEEPER[self.bindings.name], str(root.path))
        inside = () if self._container is None else ("docker", "exec", "-i", self._container.name)
        with subprocess.Popen((*inside, *sleeper), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
            assert other.stdin is not None
            assert other.stdout is not None
            assert other.stdout.readline() == b"at work\n"
            try:
                yield
            finally:
                other.stdin.close()
                other.wait()


# What takes the lock of a dnf, and holds it until its input ends.
_SLEEPER: Final = {
    "dnf4": """import os, sys
folder = sys.argv[1] + "/var/lib/dnf"
os.makedirs(folder, exist_ok=True)
open(folder + "/rpmdb_lock.pid", "w").write(str(os.getpid()))
print("at work", flush=True)
sys.stdin.read()  # the command line of this process has the word dnf
""",
    "dnf5": """import fcntl, os, sys
folder = sys.argv[1] + "/run/dnf"
os.makedirs(folder, exist_ok=True)
lock = open(folder + "/rpmtransaction.lock", "w")
fcntl.lockf(lock, fcntl.LOCK_EX)
print("at work", flush=True)
sys.stdin.read()
""",
}


@contextmanager
def engines(containers: Callable[[], Containers]) -> Iterator[Callable[[Bindings], RunningEngine]]:
    """Yield what returns the running engine of some bindings: started when it is first wanted, ended with the block."""
    running: dict[Bindings, RunningEngine] = {}
    with ExitStack() as stack:

        def engine(bindings: Bindings) -> RunningEngine:
            if bindings not in running:
                container = None
                if bindings.distribution is not None:
                    container = stack.enter_context(_container(containers(), bindings.distribution))
                found = RunningEngine(bindings, container)
                running[bindings] = found
                stack.enter_context(found.client)
            return running[bindings]

        yield engine


@contextmanager
def _container(containers: Containers, distribution: str) -> Iterator[Container]:
    """Start a distribution that sees the worker and what the tests make, by the same paths."""
    # Repositories, roots and keys lie below the folder for temporary files.
    place = Place(mounts={str(WORKER): WORKER}, shared=(Path(tempfile.gettempdir()),))
    with containers.started(distribution, place) as container:
        macros = "".join(f"%{name} {tool.run('rpm', '--eval', f'%{{{name}}}')}" for name in ("_dbpath", "_db_backend"))
        # The roots are made by this machine's rpm.
        container.write("/etc/rpm/macros", macros)
        yield container
