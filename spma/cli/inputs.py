"""From the words of a command line to the request for a plan."""

from __future__ import annotations

from pathlib import Path

import msgspec

from spma.cli.options import Settings, Target
from spma.profile.reading import BRIDGE, Profile, read_profile
from spma.source import ProfileSource, read_source, repositories_in
from yumbridge.config import Configuration, read_configuration, read_layer
from yumbridge.desired.configuration import DnfConfiguration
from yumbridge.desired.policy import Policy
from yumbridge.desired.state import DesiredState
from yumbridge.plan.document import ProfileRef, digest_of_bytes
from yumbridge.run.host import host_name, read_host
from yumbridge.run.planning import PlanRequest


def load(path: Path | None, settings: Settings, target: Target) -> tuple[PlanRequest, Profile]:
    """Return what a plan for the profile at `path`, or in CCM's cache, is asked for, and the profile as it was read.

    Raises ProfileError or ConfigError, with every problem.
    """
    return load_source(profile_source(path, settings), settings, target)


def profile_source(path: Path | None, settings: Settings) -> ProfileSource:
    """Return the profile at `path`, or without one that in CCM's cache. Raises ProfileError."""
    return read_source(path, settings.cache_root, root=settings.root)


def load_source(source: ProfileSource, settings: Settings, target: Target) -> tuple[PlanRequest, Profile]:
    """Return what `load` does, for a profile that has been opened."""
    profile = read_profile(source.data).on_host(host_name(settings.root))
    configuration = read_configuration(settings.root, settings.config)
    facts = read_host(
        settings.root,
        arch=target.arch,
        releasever=target.releasever,
        kernel_release=target.kernel_release,
    )
    request = PlanRequest(
        state=desired_state(profile, configuration, target),
        profile=profile_ref(source),
        facts=facts,
    )
    return request, profile


def profile_ref(source: ProfileSource) -> ProfileRef:
    """Return how a plan names the profile it was made from."""
    return ProfileRef(source=source.path, digest=digest_of_bytes(source.data))


def desired_state(profile: Profile, configuration: Configuration, target: Target) -> DesiredState:
    """Return what the host shall be: the host's configuration, the profile's options, then its own subtree.

    Raises EmptyPackageListError, and ConfigError for the subtree.
    """
    layer = read_layer(profile.bridge, BRIDGE)
    state = profile.desired_state(configuration.applied_to(Policy()), layer.policy.applied_to)
    if target.repos_from is None:
        return state
    # The files of dnf's speak of the profile's repositories, which these only stand in for.
    return msgspec.structs.replace(
        state,
        repositories=repositories_in(target.repos_from, profile.repositories),
        configuration=DnfConfiguration(),
    )
