"""What the verbs of `profile` do."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from spma.cli.console import printable
from spma.cli.engines import chosen_starter
from spma.cli.inputs import load, profile_source
from spma.cli.options import Settings, Target
from spma.profile.credentials import options_without_credentials, repository_without_credentials
from spma.profile.finding import Finding, warning
from spma.profile.groups import Group
from spma.profile.options import SpmaOptions
from spma.profile.reading import Profile, read_profile
from yumbridge.count import counted
from yumbridge.desired.repository import Repository
from yumbridge.desired.spec import Spec
from yumbridge.desired.state import ModuleStream
from yumbridge.engine.client import EngineClient
from yumbridge.run.planning import unmet_specs


class Desired(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a profile asks for, as it is written: the document of `profile show`."""

    document: Literal["yumbridge-desired"] = "yumbridge-desired"
    version: str = "1.0"
    specs: tuple[Spec, ...]
    repositories: tuple[Repository, ...]
    groups: tuple[Group, ...]
    modules: tuple[ModuleStream, ...]
    options: SpmaOptions
    warnings: tuple[Finding, ...]


class Checked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The document of `profile check` for a profile without problems: with problems there is an error document."""

    document: Literal["yumbridge-profile-check"] = "yumbridge-profile-check"
    version: str = "1.0"
    specs: int
    repositories: int
    warnings: tuple[Finding, ...]


def check_verb(settings: Settings, target: Target, path: Path | None, *, look_up: bool) -> None:
    """Print that the profile is good, with its warnings. A bad one raises with every problem."""
    request, profile = load(path, settings, target)
    warnings = profile.warnings
    if look_up:
        with EngineClient(chosen_starter(settings)) as engine:
            unmet = unmet_specs(request, engine)
        warnings = tuple(sorted({*warnings, *(warning(origin, text) for origin, text in unmet)}))
    checked = Checked(specs=len(profile.specs), repositories=len(profile.repositories), warnings=warnings)
    settings.console.tell(checked, lambda: _checked_text(checked))


def show_verb(settings: Settings, path: Path | None) -> None:
    """Print what the profile asks for."""
    profile = read_profile(profile_source(path, settings).data)
    settings.console.tell(_desired(profile), lambda: _desired_text(profile))


def _checked_text(checked: Checked) -> str:
    lines = [printable(f"warning: {finding}") for finding in checked.warnings]
    specs = counted(checked.specs, "package")
    repositories = counted(checked.repositories, "repository", "repositories")
    return "\n".join([*lines, f"Good: {specs}, {repositories}."])


def _desired(profile: Profile) -> Desired:
    return Desired(
        specs=profile.specs,
        repositories=tuple(repository_without_credentials(repository) for repository in profile.repositories),
        groups=profile.groups,
        modules=profile.modules,
        options=options_without_credentials(profile.options),
        warnings=profile.warnings,
    )


def _desired_text(profile: Profile) -> str:
    lines = ["Packages"]
    for spec in profile.specs:
        rest = f"  from {spec.repo_id}" if spec.repo_id else ""
        lines.append(f"  {spec}{rest}")
    lines += ["Repositories"]
    for repository in map(repository_without_credentials, profile.repositories):
        lines.append(f"  {repository.repo_id}{'' if repository.enabled else '  (disabled)'}")
        lines += [f"      {url}" for url in repository.urls]
    return "\n".join(map(printable, lines))
