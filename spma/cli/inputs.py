"""From the words of a command line to the request for a plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from spma.cli.options import Settings, Target, store_path
from spma.errors import ProfileError
from spma.profile.reading import BRIDGE, Profile, read_profile
from spma.source import STDIN, ProfileSource, read_source, repositories_in
from yumbridge.config import Configuration, Layer, acyclic, read_layer
from yumbridge.count import counted
from yumbridge.desired.alias import Alias, merged
from yumbridge.desired.configuration import DnfConfiguration
from yumbridge.desired.hold import BOOT, EVERYTHING, Hold
from yumbridge.desired.policy import Policy
from yumbridge.desired.repository import Repository
from yumbridge.desired.state import DesiredState
from yumbridge.errors import ConfigError
from yumbridge.plan.document import ProfileRef, digest_of_bytes
from yumbridge.run.host import host_name, read_host
from yumbridge.run.request import PlanRequest

if TYPE_CHECKING:
    from yumbridge.condition.evaluation import Facts


def load(path: Path | None, settings: Settings, target: Target) -> tuple[PlanRequest, Profile]:
    """Return what a plan for the profile at `path`, or in CCM's cache, is asked for, and the profile as it was read.

    Raises ProfileError or ConfigError, with every problem.
    """
    return load_source(profile_source(path, settings), settings, target)


def load_all(paths: Sequence[Path], settings: Settings, target: Target, done: str) -> list[tuple[PlanRequest, Profile]]:
    """Return what `load` does for each of several profiles; `done` is what else cannot be done to them.

    Raises ProfileError with every problem of every one, and ConfigError.
    """
    # What is wrong with these is none of the profiles' faults.
    settings.configuration  # noqa: B018 - reading it raises
    if target.repos_from is not None:
        repositories_in(target.repos_from, ())
    loaded: list[tuple[PlanRequest, Profile]] = []
    details: list[str] = []
    for path in paths:
        try:
            loaded.append(load(path, settings, target))
        except (ProfileError, ConfigError) as error:
            name = "standard input" if path == STDIN else path
            details += (f"{name}: {text}" for text in error.details or (error.message,))
    if details:
        invalid = counted(len(paths) - len(loaded), "profile")
        raise ProfileError(f"{invalid} of {len(paths)} cannot be {done}", details)
    return loaded


def profile_source(path: Path | None, settings: Settings) -> ProfileSource:
    """Return the profile at `path`, or without one that in CCM's cache. Raises ProfileError."""
    return read_source(path, settings.cache_root, root=settings.root)


def load_source(
    source: ProfileSource, settings: Settings, target: Target, *, run_commands: bool = False
) -> tuple[PlanRequest, Profile]:
    """Return what `load` does, for a profile that has been opened.

    `run_commands`: those that conditions name are run, which is nothing for a preview.
    """
    profile = read_profile(source.data).on_host(host_name(settings.root))
    configuration = settings.configuration
    facts = read_host(
        settings.root,
        arch=target.arch,
        releasever=target.releasever,
        kernel_release=target.kernel_release,
    )
    state = desired_state(profile, configuration, target)
    moment = moment_of(state.policy.holds, settings.root, run_commands=run_commands)
    request = PlanRequest(state=state, profile=profile_ref(source), facts=facts, moment=moment)
    if target.snapshot is not None:
        named = target.store or read_layer(profile.bridge, BRIDGE).store or configuration.store
        request = _on_snapshot(request, target.snapshot, store_path(named))
    return request, profile


def load_without_profile(settings: Settings, target: Target) -> PlanRequest:
    """Return the request for nothing but what the configuration says, on the repositories that `target` names.

    Raises ConfigError, ProfileError.
    """
    configuration = settings.configuration
    state = DesiredState(
        specs=(),
        repositories=() if target.repos_from is None else repositories_in(target.repos_from, ()),
        policy=configuration.applied_to(Policy()),
        aliases=acyclic(configuration.aliases),
    )
    facts = read_host(settings.root, arch=target.arch, releasever=target.releasever)
    request = PlanRequest(state=state, profile=ProfileRef(source="", digest=""), facts=facts)
    if target.snapshot is not None:
        request = _on_snapshot(request, target.snapshot, store_path(target.store or configuration.store))
    return request


def moment_of(holds: Sequence[Hold], root: Path, *, boot: bool = False, run_commands: bool) -> Facts | None:
    """Return what the conditions of holds depend on as it is now, None where there is no hold."""
    if not holds:
        return None
    from yumbridge.run.moment import read_facts

    conditions = [hold.until for hold in holds if hold.until != BOOT]
    return read_facts(conditions, root, boot=boot, run_commands=run_commands)


def _on_snapshot(request: PlanRequest, name: str, store: Path) -> PlanRequest:
    """Return `request` with the repositories of a snapshot, or ref, in place of the profile's."""
    from snapshots.repository import snapshot_repositories
    from snapshots.storage.store import open_store

    opened = open_store(store)
    # A ref may move: everything is of the snapshot that it points to now.
    found = opened.resolve(name)
    repositories = snapshot_repositories(opened, found, request.state.repositories)
    state = standing_in(request.state, repositories)
    return replace(request, state=state, snapshot_id=opened.manifest(found).id, snapshot=found)


def snapshot_words(request: PlanRequest) -> str:
    """Return what a plan says of the snapshot that it is made on, empty when it is on none."""
    if request.snapshot_id is None:
        return ""
    from spma.cli.text import short_id

    return f"On snapshot {request.snapshot} ({short_id(request.snapshot_id)})."


def profile_ref(source: ProfileSource) -> ProfileRef:
    """Return how a plan names the profile it was made from."""
    return ProfileRef(source=source.path, digest=digest_of_bytes(source.data))


def desired_state(profile: Profile, configuration: Configuration, target: Target) -> DesiredState:
    """Return what the host shall be: the host's configuration, the profile's options, then its own subtree.

    Raises EmptyPackageListError, and ConfigError for the subtree and for aliases that go round in circles.
    """
    layer = read_layer(profile.bridge, BRIDGE, commands=False)
    aliases = _aliases(configuration, layer)
    state = profile.desired_state(configuration.applied_to(Policy()), layer.applied_to, aliases)
    if state.policy.run_at_boot and not profile.run:
        policy = msgspec.structs.replace(state.policy, holds=(*state.policy.holds, EVERYTHING))
        state = msgspec.structs.replace(state, policy=policy)
    if target.repos_from is None:
        return state
    return standing_in(state, repositories_in(target.repos_from, profile.repositories))


def known_aliases(profile: Profile | None, configuration: Configuration) -> tuple[Alias, ...]:
    """Return the aliases of the configuration and of a profile, if there is one. Raises ConfigError, as above."""
    layer = Layer() if profile is None else read_layer(profile.bridge, BRIDGE, commands=False)
    return _aliases(configuration, layer)


def _aliases(configuration: Configuration, layer: Layer) -> tuple[Alias, ...]:
    return acyclic(merged(configuration.aliases, layer.aliases))


def standing_in(state: DesiredState, repositories: tuple[Repository, ...]) -> DesiredState:
    """Return `state` with these repositories in place of the profile's."""
    # The files of dnf's speak of the profile's repositories, which these only stand in for.
    return msgspec.structs.replace(state, repositories=repositories, configuration=DnfConfiguration())
