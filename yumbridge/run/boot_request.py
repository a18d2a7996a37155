"""What a boot run is asked for, as it lies in the folder of what was staged."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from yumbridge.complaint import UNDECODABLE
from yumbridge.desired.repository import Repository
from yumbridge.desired.state import DesiredState
from yumbridge.engine.protocol import Staged, StagedRepository
from yumbridge.errors import DocumentError, HostError
from yumbridge.plan.document import Action, Plan, ProfileRef, printed
from yumbridge.run.host import HostFacts, read_host
from yumbridge.run.request import PlanRequest
from yumbridge.run.state import StateFolder, replace_file

REQUEST: Final = "request.json"
CACHE: Final = "cache"
_PRIVATE: Final = 0o600
_LOSING: Final = frozenset({Action.REMOVE, Action.DOWNGRADE})
_LEFT_OVER: Final = frozenset({"duplicate", "superseded"})


class StagedRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the boot run is asked for: a file of ours alone, for the version that wrote it.

    Folders and files of `repositories` are relative to the staging folder.
    """

    state: DesiredState
    profile: ProfileRef
    repositories: tuple[StagedRepository, ...]
    arch: str | None
    releasever: str | None
    kernel_release: str | None
    snapshot_id: str | None
    snapshot: str


def losses(plan: Plan) -> set[str]:
    """Return the NEVRAs that go for good or for an older build, but for builds beside the right one."""
    return {
        nevra
        for change in plan.changes
        if change.action in _LOSING and not any(why.kind in _LEFT_OVER for why in change.why)
        for nevra in change.going
    }


def boot_request(folder: StateFolder, basis: str, facts: HostFacts) -> PlanRequest:
    """Return what the boot run is asked for, with the staged repositories. Raises DocumentError, HostError."""
    place = folder.staged(basis)
    staged = _read_request(place)
    host = read_host(
        facts.root,
        arch=facts.arch or staged.arch,
        releasever=facts.releasever or staged.releasever,
        kernel_release=None if facts.is_running else facts.kernel_release or staged.kernel_release,
    )
    return PlanRequest(
        state=staged.state,
        profile=staged.profile,
        facts=host,
        offered=_offered(staged, place),
        cachedir=place / CACHE,
        snapshot_id=staged.snapshot_id,
        snapshot=staged.snapshot,
    )


def _offered(staged: StagedRequest, place: Path) -> tuple[Repository, ...]:
    """Return the staged repositories: as they were, but that they lie here and are checked by what was recorded."""
    known = {repository.repo_id: repository for repository in staged.state.repositories}
    paths = [path for each in staged.repositories for path in (each.folder, *each.keys)]
    if any(each.repo_id not in known for each in staged.repositories) or not all(map(_is_below, paths)):
        raise DocumentError(f"{place / REQUEST} is not of this version's making")
    return tuple(
        msgspec.structs.replace(
            known[each.repo_id],
            urls=((place / each.folder).as_uri(),),
            gpgkeys=tuple((place / key).as_uri() for key in each.keys),
            repo_gpgcheck=False,
            skip_if_unavailable=False,
            proxy=None,
            sslcacert=None,
            sslclientcert=None,
            sslclientkey=None,
        )
        for each in staged.repositories
    )


def _is_below(path: str) -> bool:
    """Tell whether a path stays in the folder that it is relative to: an image may hold any request."""
    return not path.startswith("/") and ".." not in path.split("/")


def write_request(place: Path, request: PlanRequest, state: DesiredState, staged: Staged) -> None:
    """Write what a boot run is asked for into its folder, `state` as it was planned from. Raises HostError."""
    facts = request.facts
    write_private(
        place / REQUEST,
        printed(
            StagedRequest(
                state=state,
                profile=request.profile,
                repositories=staged.repositories,
                arch=facts.arch,
                releasever=facts.releasever,
                kernel_release=facts.kernel_release,
                snapshot_id=request.snapshot_id,
                snapshot=request.snapshot,
            )
        ),
    )


def _read_request(place: Path) -> StagedRequest:
    path = place / REQUEST
    try:
        return msgspec.json.decode(path.read_bytes(), type=StagedRequest)
    except OSError as error:
        raise HostError(f"what was staged cannot be read: {path}: {error.strerror}") from error
    except UNDECODABLE as error:
        raise DocumentError(f"{path} cannot be read: {error}") from error


def write_private(path: Path, content: bytes) -> None:
    """Write a file that nobody else looks into. Raises HostError."""
    try:
        replace_file(path, content, _PRIVATE)
    except OSError as error:
        raise HostError(f"cannot write {path}: {error.strerror}") from error
