"""An engine on a world of rpms: the requests of the protocol in few words."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeAlias

import msgspec

from tests.support.repositories import Repository
from tests.support.roots import InstallRoot
from tests.support.rpms import Rpm
from yumbridge.desired.repository import Repository as DesiredRepository
from yumbridge.desired.spec import Spec
from yumbridge.engine.client import EngineClient
from yumbridge.engine.protocol import (
    Commit,
    InstalledNevras,
    KeysAnswer,
    Open,
    Opened,
    Outcome,
    Prepare,
    Prepared,
    ReadInstalled,
    ReadKeys,
    SolveClosure,
    SolveExact,
    SolvePart,
    Verify,
    repository_options,
)
from yumbridge.plan.closure import Closure
from yumbridge.plan.transaction import Part, Transaction, WantedPackage
from yumbridge.rpm.package import InstalledSet

Offer: TypeAlias = Repository | DesiredRepository


class Engine:
    """One engine, and one root with some repositories at a time. Errors are the client's.

    Example:
        engine.open(root, base)
        assert nevras(engine.closure("bash")) == ["bash-5.1-1.x86_64", "libc-1-1.noarch"]
        engine.carry_out(change([wanted(base, bash)]))
    """

    def __init__(self, client: EngineClient, path: Path) -> None:
        self.client = client
        self.path = path

    @property
    def cachedir(self) -> Path:
        """Where metadata and rpms are kept."""
        return self.path / "engine" / "cache"

    def open(self, root: InstallRoot, *repositories: Offer, **settings: object) -> Opened:
        """Load these repositories for an x86_64 host; `settings` are fields of the request."""
        request = Open(
            root=str(root.path),
            cachedir=str(self.cachedir),
            persistdir=str(self.cachedir / "persist"),
            arch="x86_64",
            releasever="9",
            module_platform_id=None,
            allow_vendor_change=True,
            excludes=(),
            proxy=None,
            retries=1,
            timeout_s=5,
            repositories=tuple(repository_options(_desired(repository)) for repository in repositories),
        )
        self.root = root
        return self.client.ask(msgspec.structs.replace(request, **settings), Opened)

    def closure(self, *specs: str | Spec, **settings: object) -> Closure:
        """Solve specs as a plan does; `settings` are fields of the request."""
        request = SolveClosure(
            specs=tuple(each if isinstance(each, Spec) else spec(each) for each in specs),
            require_best=False,
            weak_deps=True,
            obsoleters_meet_names=False,
            unwanted=(),
            reasons=False,
        )
        return self.client.ask(msgspec.structs.replace(request, **settings), Closure)

    def installed(self) -> InstalledSet:
        """Read the rpmdb."""
        return self.client.ask(ReadInstalled(), InstalledSet)

    def exact(self, request: SolveExact) -> Transaction:
        """Solve exactly these changes."""
        return self.client.ask(request, Transaction)

    def part(self, request: SolvePart) -> Part:
        """Solve a part of a transaction."""
        return self.client.ask(request, Part)

    def keys(self, *repositories: Repository) -> KeysAnswer:
        """Fetch the keys of some repositories."""
        return self.client.ask(ReadKeys(repo_ids=tuple(each.repo_id for each in repositories)), KeysAnswer)

    def prepare(self, request: SolveExact, **settings: object) -> Prepared:
        """Make an exact transaction ready; `settings` are fields of the request, such as `user` and `keys`."""
        cookie, transaction = self.installed().cookie, self.exact(request)
        assert transaction.problems == ()
        preparation = Prepare(
            install=request.install,
            erase=request.erase,
            keep=request.keep,
            outgoing=transaction.outgoing,
            user=(),
            keys=(),
            cookie=cookie,
            comment="",
            persistdir=str(self.root.path / "var/lib/dnf"),
        )
        return self.client.ask(msgspec.structs.replace(preparation, **settings), Prepared)

    def commit(self, prepared: Prepared) -> Outcome:
        """Carry out what was prepared."""
        return self.client.ask(Commit(cookie=prepared.cookie), Outcome)

    def carry_out(self, request: SolveExact, **settings: object) -> Outcome:
        """Prepare and commit an exact transaction."""
        return self.commit(self.prepare(request, **settings))

    def verify(self) -> InstalledNevras:
        """Read the rpmdb past every cache."""
        return self.client.ask(Verify(), InstalledNevras)


def spec(name: str, evr: str | None = None, arch: str | None = None, repo_id: str | None = None) -> Spec:
    """Return a spec as a profile would have it."""
    return Spec(name=name, evr=evr, arch=arch, repo_id=repo_id, origin=f"/software/packages/{name}")


def offer(repository: Repository, **fields: object) -> DesiredRepository:
    """Return a repository with options: fields of the desired state's, such as `priority` and `gpgcheck`."""
    plain = DesiredRepository(repo_id=repository.repo_id, urls=(repository.url,), origin="/software/repositories")
    return msgspec.structs.replace(plain, **fields)


def wanted(repository: Repository, rpm: Rpm) -> WantedPackage:
    """Return a package of a repository as an exact request names it."""
    digest = hashlib.sha256(repository.file(rpm).read_bytes()).hexdigest()
    return WantedPackage(rpm.nevra, repository.repo_id, f"sha256:{digest}")


def change(install: Iterable[WantedPackage] = (), erase: Iterable[Rpm] = (), keep: Iterable[Rpm] = ()) -> SolveExact:
    """Return the request for an exact transaction."""
    return SolveExact(
        install=tuple(install),
        erase=tuple(rpm.nevra for rpm in erase),
        keep=tuple(rpm.nevra for rpm in keep),
    )


def part(  # noqa: PLR0913 - the fields of the request
    repository: Repository,
    install: Iterable[Rpm],
    replaced: Mapping[Rpm, tuple[Rpm, ...]],
    *,
    erase: Iterable[Rpm] = (),
    keep: Iterable[Rpm] = (),
    must: Iterable[Rpm] = (),
) -> SolvePart:
    """Return the request for a part: as much as goes, or what `must` be with what it needs."""
    must_install = tuple(rpm.nevra for rpm in must)
    return SolvePart(
        install=tuple(wanted(repository, rpm) for rpm in install),
        erase=tuple(rpm.nevra for rpm in erase),
        keep=tuple(rpm.nevra for rpm in keep),
        replaced=tuple((old.nevra, tuple(new.nevra for new in news)) for old, news in replaced.items()),
        must_install=must_install,
        most=not must_install,
    )


def nevras(answer: Closure | InstalledSet) -> list[str]:
    """Return the packages of an answer, in its order."""
    return [str(package.nevra) for package in answer.packages]


def _desired(repository: Offer) -> DesiredRepository:
    return repository if isinstance(repository, DesiredRepository) else offer(repository)
