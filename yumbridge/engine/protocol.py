"""Requests to the engine's child process and its answers: one JSON object a line."""

from __future__ import annotations

import msgspec

from yumbridge.desired.repository import Repository
from yumbridge.desired.spec import Spec
from yumbridge.desired.state import ModuleStream
from yumbridge.plan.keys import KeyState
from yumbridge.plan.transaction import WantedPackage


class Hello(msgspec.Struct, frozen=True):
    """The first line of a child: which engine it is, and with which rpm and Python it works, "" if it does not say."""

    name: str
    version: str
    rpm: str = ""
    python: str = ""


class RepositoryState(msgspec.Struct, frozen=True):
    """The state of a repository's metadata: its revision and the digest of its repomd.xml."""

    repo_id: str
    revision: str
    repomd: str


class UnavailableRepository(msgspec.Struct, frozen=True, array_like=True):
    """A repository that could not be reached, and why."""

    repo_id: str
    why: str


class ModuleProblem(msgspec.Struct, frozen=True, array_like=True):
    """Requested stream number `stream` cannot be had."""

    stream: int
    text: str


class Opened(msgspec.Struct, frozen=True):
    """The repositories are loaded, in the order they were given, for this arch.

    `unavailable` are those that could not be reached and may be missing. `module_problems` and `unused_modules` number
    the requested streams: those that cannot be had, and those without a meaning where no repository has modules.
    """

    arch: str
    basearch: str
    repositories: tuple[RepositoryState, ...]
    unavailable: tuple[UnavailableRepository, ...] = ()
    module_problems: tuple[ModuleProblem, ...] = ()
    unused_modules: tuple[int, ...] = ()


class KeysAnswer(msgspec.Struct, frozen=True):
    """The keys of the repositories asked for."""

    keys: tuple[KeyState, ...]


class GroupsAnswer(msgspec.Struct, frozen=True):
    """Those of the names asked for that are ids of groups or environments, in their order."""

    names: tuple[str, ...]


class Prepared(msgspec.Struct, frozen=True):
    """Everything is downloaded, verified and test-transacted. `cookie` is the rpmdb's, after key imports."""

    cookie: str


class Outcome(msgspec.Struct, frozen=True):
    """How a transaction ended, in the engine's words: nothing of it is a verdict.

    `failed` names the packages whose part did not end well, `errors` what rpm said, `output` what scriptlets printed.
    """

    return_code: int
    failed: tuple[str, ...]
    errors: tuple[str, ...]
    output: str


class StagedFile(msgspec.Struct, frozen=True, array_like=True):
    """An rpm that was staged: its path is relative to the staging folder."""

    nevra: str
    repo_id: str
    path: str
    size_bytes: int


class StagedRepository(msgspec.Struct, frozen=True, array_like=True):
    """A repository that was staged: its folder, and the files of its keys, relative to the staging folder."""

    repo_id: str
    folder: str
    keys: tuple[str, ...]


class Staged(msgspec.Struct, frozen=True):
    """What was staged: packages in the order of their names, and every opened repository."""

    packages: tuple[StagedFile, ...]
    repositories: tuple[StagedRepository, ...]


class InstalledNevras(msgspec.Struct, frozen=True):
    """What the rpmdb really holds, duplicates and all: sorted NEVRAs and its cookie."""

    cookie: str
    nevras: tuple[str, ...]


class Open(msgspec.Struct, frozen=True, kw_only=True, tag_field="request", tag="open"):
    """Load the metadata of `repositories`: the dictionaries of `repository_options`. `root` is an absolute path."""

    root: str
    cachedir: str
    persistdir: str
    arch: str | None
    releasever: str | None
    module_platform_id: str | None
    allow_vendor_change: bool
    excludes: tuple[str, ...]
    proxy: str | None
    retries: int
    timeout_s: int
    keepcache: bool = False
    modules: tuple[ModuleStream, ...] = ()
    repositories: tuple[dict[str, object], ...]


class SolveClosure(msgspec.Struct, frozen=True, kw_only=True, tag_field="request", tag="closure"):
    """Solve `specs` from an empty root. Without `reasons` the answer has no edges."""

    specs: tuple[Spec, ...]
    require_best: bool
    weak_deps: bool
    obsoleters_meet_names: bool
    unwanted: tuple[str, ...]
    reasons: bool


class ReadInstalled(msgspec.Struct, frozen=True, kw_only=True, tag_field="request", tag="installed"):
    """Read the rpmdb of the root."""


class SolveExact(msgspec.Struct, frozen=True, kw_only=True, tag_field="request", tag="exact"):
    """Solve exactly these changes. `erase` and `keep` are NEVRAs of installed packages."""

    install: tuple[WantedPackage, ...]
    erase: tuple[str, ...]
    keep: tuple[str, ...]


class SolvePart(msgspec.Struct, frozen=True, kw_only=True, tag_field="request", tag="part"):
    """Solve a part of an exact transaction, while the installed packages of `keep` stay.

    `install` and `erase` are what may come and go, `replaced` pairs each installed package that comers replace or
    obsolete with those. `must_install` and `must_erase` are the NEVRAs among them that have to be in the part. With
    `most` it is as large as the solver makes it; else it has what must be, and what that needs.
    """

    install: tuple[WantedPackage, ...]
    erase: tuple[str, ...]
    keep: tuple[str, ...]
    replaced: tuple[tuple[str, tuple[str, ...]], ...]
    must_install: tuple[str, ...] = ()
    must_erase: tuple[str, ...] = ()
    most: bool


class ReadRelations(msgspec.Struct, frozen=True, kw_only=True, tag_field="request", tag="relations"):
    """Read what packages need among all that is installed or in `install`, and what they cannot stand beside.

    Those are the NEVRAs of `coming`, which are in `install`, and of `keep`, which are installed. `erase` is empty.
    """

    install: tuple[WantedPackage, ...]
    coming: tuple[str, ...]
    keep: tuple[str, ...]
    erase: tuple[str, ...] = ()


class ReadGroups(msgspec.Struct, frozen=True, kw_only=True, tag_field="request", tag="groups"):
    """Tell which of some names are ids of comps groups or environments."""

    names: tuple[str, ...]


class ReadOffers(msgspec.Struct, frozen=True, kw_only=True, tag_field="request", tag="offers"):
    """Read what the opened repositories have of some package names and modules. See Offers."""

    names: tuple[str, ...]
    modules: tuple[str, ...]


class ReadKeys(msgspec.Struct, frozen=True, kw_only=True, tag_field="request", tag="keys"):
    """Fetch the public keys of some repositories."""

    repo_ids: tuple[str, ...]


class Stage(msgspec.Struct, frozen=True, kw_only=True, tag_field="request", tag="stage"):
    """Write packages, with the metadata and the keys of all opened repositories, into `folder`, which is empty.

    What is written is read again and compared with its checksum. `erase` and `keep` are empty.
    """

    install: tuple[WantedPackage, ...]
    folder: str
    erase: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()


class Prepare(msgspec.Struct, frozen=True, kw_only=True, tag_field="request", tag="prepare"):
    """Download and verify what an exact transaction needs, import `keys` (fingerprints), and test it.

    `cookie` is what the rpmdb must be at, `outgoing` every NEVRA that has to be gone afterwards. `user` are the NEVRAs
    whose install reason is the user's wish; every other package is a dependency.
    """

    install: tuple[WantedPackage, ...]
    erase: tuple[str, ...]
    keep: tuple[str, ...]
    outgoing: tuple[str, ...]
    user: tuple[str, ...]
    keys: tuple[str, ...]
    cookie: str
    comment: str
    persistdir: str


class Commit(msgspec.Struct, frozen=True, kw_only=True, tag_field="request", tag="commit"):
    """Carry out what was prepared, if the rpmdb is still at `cookie`."""

    cookie: str


class Verify(msgspec.Struct, frozen=True, kw_only=True, tag_field="request", tag="verify"):
    """Read the NEVRAs of the rpmdb anew, past every cache."""


Request = (
    Open
    | SolveClosure
    | ReadInstalled
    | SolveExact
    | SolvePart
    | ReadRelations
    | ReadGroups
    | ReadOffers
    | ReadKeys
    | Stage
    | Prepare
    | Commit
    | Verify
)


def repository_options(repository: Repository) -> dict[str, object]:
    """Return a repository in the words of dnf.conf(5), without what is dnf's default."""
    options: dict[str, object] = {
        "repo_id": repository.repo_id,
        "baseurl": list(repository.urls),
        "priority": repository.priority,
    }
    stated: dict[str, object] = {
        "gpgcheck": repository.gpgcheck,
        "repo_gpgcheck": repository.repo_gpgcheck,
        "gpgkey": list(repository.gpgkeys),
        "excludepkgs": list(repository.excludepkgs),
        "includepkgs": list(repository.includepkgs),
        "module_hotfixes": repository.module_hotfixes,
        "skip_if_unavailable": repository.skip_if_unavailable,
        "sslcacert": repository.sslcacert,
        "sslclientcert": repository.sslclientcert,
        "sslclientkey": repository.sslclientkey,
    }
    options.update({name: value for name, value in stated.items() if value})
    if not repository.sslverify:
        options["sslverify"] = False
    if repository.proxy is not None:
        # The empty one is no proxy, whatever the general one is. "_none_" is read by dnf's parser of files alone.
        options["proxy"] = repository.proxy
    return options
