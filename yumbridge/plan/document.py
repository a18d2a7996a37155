"""The plan: everything that will happen to a host's packages, everything that will not, and why.

It is a value and a stored document at once. Its id is the digest of its canonical form without the id.
"""

from __future__ import annotations

import hashlib
import re
from enum import StrEnum
from typing import Final, Literal

import msgspec

from yumbridge.complaint import UNDECODABLE
from yumbridge.desired.hold import Until
from yumbridge.errors import DocumentError
from yumbridge.plan.closure import ProblemKind

VERSION: Final = "1.0"
# A password with a slash makes a URL of none; what stands before that is no port then.
_CREDENTIALS: Final = re.compile(r"://(?:[^/\s]*@|[^/\s:@\[]*:(?!\d+/)\S*@)")
_RUN: Final = re.compile(r"\S+")
# What mirrors take in a query to let somebody in, by the names that it has at those in use.
_SECRET_NAME: Final = re.compile("auth|cred|key|passw|pwd|secret|sig|token", re.IGNORECASE)
_QUERY_NAME: Final = re.compile(r"[?&][^=&\s]*")
_QUERY_VALUE: Final = re.compile(r"=[^&\s#]+")
# The sign is that of a line of a difference.
_PASSWORD: Final = re.compile(r"^([-+ ]?(?:proxy_)?password[ \t]*=[ \t]*)[^\r\n]+", re.MULTILINE)


class Action(StrEnum):
    """What happens to a package."""

    INSTALL = "install"
    UPGRADE = "upgrade"
    DOWNGRADE = "downgrade"
    REINSTALL = "reinstall"
    REMOVE = "remove"
    OBSOLETE = "obsolete"


class KeptReason(StrEnum):
    """Why an installed package stays though the closure is without it. Listed in order of precedence."""

    GPG_PUBKEY = "gpg-pubkey"
    RUNNING_KERNEL = "running-kernel"
    PROTECTED = "protected"
    WHITELIST = "whitelist"
    USER_PACKAGE = "user-package"
    REQUIRED_BY_KEPT = "required-by-kept"
    OUTSIDE_FILTER = "outside-filter"
    DEGRADED = "degraded"
    INSTALLONLY_LIMIT = "installonly-limit"


class NoteKind(StrEnum):
    """What a plan remarks on without being in the way of it."""

    PROVIDED_BY = "provided-by"
    NOT_NEWEST = "not-newest"
    UNSIGNED_REPOSITORY = "unsigned-repository"
    MISSING_MEMBER = "missing-member"
    MODULE = "module"
    DEGRADED = "degraded"
    UNREADABLE_FILE = "unreadable-file"
    HOLD = "hold"
    HOLD_BROKEN = "hold-broken"
    CONDITION = "condition"
    ALIAS = "alias"
    UNTRIED = "untried"


class Host(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the host says of itself. `os_major`, `releasever` and `kernel_release` are None where it says nothing."""

    arch: str
    basearch: str
    os_major: int | None
    releasever: str | None
    kernel_release: str | None
    root: str
    variables: dict[str, str] = {}


class ProfileRef(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the profile was read, and the sha256 of its bytes."""

    source: str
    digest: str


class RepositoryRef(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The state of a repository: its revision, the sha256 of its repomd.xml, and the snapshot if it is of one."""

    repo_id: str
    revision: str
    repomd: str
    snapshot: str | None = None


class EngineRef(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The engine that solved the plan."""

    name: str
    version: str


class Why(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One step from something a person wrote towards a package.

    `alias`, `group`: `ref` is the alias, group or environment, `via` the name of its member.
    `profile`: `ref` is a profile path, `via` the name that met it. `requires`, `recommends`, `supplements`: `ref` is
    the NEVRA of the package that brings the next one by the capability `via`. `same-name`: `ref` is another
    arch or build that it comes beside. `not-in-profile`: nothing wants it; `ref` is the time of
    the last run that knew of it, if any did, and `via` whether it was `listed` or `unlisted` then, or `absent`.
    `obsoleted-by`: `ref` is the NEVRA of the newcomer. `duplicate`: an interruption left it beside `ref`, which stays.
    `superseded`: an older build of an installonly package, beyond the limit; `ref` is the build that is wanted.
    """

    kind: str
    ref: str = ""
    via: str = ""


class Change(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One package that comes, goes, or gives way to another EVR. `before` and `after` are EVRs, oldest first."""

    action: Action
    name: str
    arch: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    repo_id: str
    checksum: str
    size_bytes: int
    why: tuple[Why, ...]
    advisories: tuple[str, ...] = ()

    @property
    def coming(self) -> tuple[str, ...]:
        """The NEVRAs of `after`."""
        return tuple(f"{self.name}-{evr}.{self.arch}" for evr in self.after)

    @property
    def going(self) -> tuple[str, ...]:
        """The NEVRAs of `before`."""
        return tuple(f"{self.name}-{evr}.{self.arch}" for evr in self.before)

    @property
    def evrs(self) -> str:
        """The EVRs that it leads from and to, in one text."""
        return " -> ".join(", ".join(side) for side in (self.before, self.after) if side)


class CrossedAdvisory(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An advisory that a change crosses. `kind` and `severity` are as upstream writes them, or empty; `cves` is sorted.

    `title` may be empty.
    """

    advisory_id: str
    kind: str = ""
    severity: str = ""
    title: str = ""
    cves: tuple[str, ...] = ()


class Deferral(Change, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A change that waits for boot or for a condition.

    `cause`: `hold` for what a hold names, `closure` for what cannot go without it. `chain` leads from the change to
    the package that is held, a step in words each; where no chain was found it is why the solver refuses it now.
    """

    cause: Literal["hold", "closure"]
    until: Until
    chain: tuple[str, ...]


class Kept(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A package that stays in spite of the closure. `rule` is the entry or the dependency that keeps it."""

    nevra: str
    reason: KeptReason
    rule: str


class Problem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something asked for that is impossible. `spec` and `origin` are empty when the fault is of no single one."""

    kind: ProblemKind
    spec: str = ""
    origin: str = ""
    text: str
    solutions: tuple[str, ...] = ()


class Note(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A remark. `nevra` is empty when it is of no single package."""

    kind: NoteKind
    nevra: str = ""
    text: str


class ConfigurationChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file that will be written, as a unified difference."""

    path: str
    difference: str


class Key(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A public key that will be imported into the rpmdb."""

    fingerprint: str
    url: str


class Reboot(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether the running system needs a reboot once the plan is carried out, and the NEVRAs that make it so."""

    needed_after: bool = False
    because: tuple[str, ...] = ()


class Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A plan. `policy` is the digest of the policy it was made by; every list is sorted."""

    document: Literal["yumbridge-plan"] = "yumbridge-plan"
    version: str = VERSION
    id: str = ""
    host: Host
    profile: ProfileRef
    repositories: tuple[RepositoryRef, ...]
    rpmdb_cookie: str
    engine: EngineRef
    policy: str
    degraded: bool = False
    changes: tuple[Change, ...] = ()
    deferred: tuple[Deferral, ...] = ()
    kept: tuple[Kept, ...] = ()
    problems: tuple[Problem, ...] = ()
    notes: tuple[Note, ...] = ()
    configuration: tuple[ConfigurationChange, ...] = ()
    keys: tuple[Key, ...] = ()
    advisories: tuple[CrossedAdvisory, ...] = ()
    download_bytes: int = 0
    installed_bytes_change: int = 0
    reboot: Reboot = Reboot()

    @property
    def is_empty(self) -> bool:
        """True when carrying it out would change nothing now."""
        return not (self.changes or self.configuration)

    @property
    def removals(self) -> tuple[Change, ...]:
        """The changes that take a package away without another in its place."""
        return tuple(change for change in self.changes if change.action is Action.REMOVE)


class _Head(msgspec.Struct, frozen=True):
    """What tells whether the rest of a document can be read."""

    version: str


def masked(text: str) -> str:
    """Return `text` with the credentials in its URLs as `***`, those in a query included.

    >>> masked("http://user:password@host/"), masked("http://user:pass/word@host/")
    ('http://***@host/', 'http://***@host/')
    >>> masked("http://host:80/a@b"), masked("http://[::1]:80/a@b")
    ('http://host:80/a@b', 'http://[::1]:80/a@b')
    >>> masked("http://host/?repo=base&token=1234&X-Amz-Signature=abc#top")
    'http://host/?repo=base&token=***&X-Amz-Signature=***#top'
    """
    if "://" in text:
        text = _RUN.sub(_without_credentials, text)
    return _without_secrets(text)


def _without_credentials(run: re.Match[str]) -> str:
    """Return what has no space in it without user and password. Past its last "@" nothing is looked for: it is long."""
    head, at, tail = run[0].rpartition("@")
    return _CREDENTIALS.sub("://***@", head + at) + tail


def _without_secrets(text: str) -> str:
    """Return `text` without what its queries let somebody in by. Each character is looked at once: it may be long."""
    parts: list[str] = []
    end = 0
    while name := _QUERY_NAME.search(text, end):
        parts.append(text[end : name.end()])
        end = name.end()
        value = _QUERY_VALUE.match(text, end) if _SECRET_NAME.search(name[0]) else None
        if value:
            parts.append("=***")
            end = value.end()
    return "".join([*parts, text[end:]])


def masked_options(text: str) -> str:
    r"""Return lines of dnf's options, or of a difference between such, with credentials and passwords as `***`.

    >>> masked_options("proxy = http://a:b@host/\n+password = secret")
    'proxy = http://***@host/\n+password = ***'
    """
    return _PASSWORD.sub(r"\1***", masked(text))


def canonical(value: object) -> bytes:
    """Return the compact JSON with sorted keys over which digests and ids are taken."""
    return msgspec.json.encode(value, order="sorted")


def digest(value: object) -> str:
    """Return "sha256:<hex>" of the canonical form of `value`."""
    return digest_of_bytes(canonical(value))


def digest_of_bytes(content: bytes) -> str:
    """Return "sha256:<hex>" of `content`."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def plan_id(plan: Plan) -> str:
    """Return the id that `plan` has to bear."""
    fields = msgspec.to_builtins(plan, order="sorted")
    del fields["id"]
    return digest(fields)


def identified(plan: Plan) -> Plan:
    """Return `plan` with its id."""
    return msgspec.structs.replace(plan, id=plan_id(plan))


def printed(document: msgspec.Struct) -> bytes:
    """Return a document as it is stored and printed: indented, keys sorted, one trailing newline."""
    return msgspec.json.format(canonical(document), indent=2) + b"\n"


def read_plan(content: bytes) -> Plan:
    """Read a stored plan.

    Raises DocumentError: it is no plan, of a newer major version, damaged, or its id is not that of its content.
    """
    try:
        # The version first: a newer one may have fields that this one has never heard of.
        version = msgspec.json.decode(content, type=_Head).version
        if version.partition(".")[0] != VERSION.partition(".")[0]:
            raise DocumentError(f"plan version {version} is not supported; this reads {VERSION}")
        plan = msgspec.json.decode(content, type=Plan)
    except msgspec.ValidationError as error:
        raise DocumentError(f"not a plan this version can read: {error}") from error
    except UNDECODABLE as error:
        raise DocumentError(f"not a plan: {error}") from error
    if plan.id != plan_id(plan):
        raise DocumentError("the plan was changed after it was made: its id does not fit its content")
    return plan
