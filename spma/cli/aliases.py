"""What the verbs of aliases do."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Literal

import click
import msgspec

from spma.cli.alias_text import explanation_lines, list_lines
from spma.cli.console import ProgressBar, printable
from spma.cli.engines import chosen_starter
from spma.cli.exits import Exit
from spma.cli.inputs import known_aliases, load, load_without_profile, profile_ref, profile_source
from spma.cli.options import Settings, Target
from spma.errors import NoProfileError
from spma.profile.reading import Profile, read_profile
from spma.source import ProfileSource
from yumbridge.desired.alias import MARK, Alias, AliasHost, within
from yumbridge.errors import AliasError, InvalidEVRError
from yumbridge.plan.alias_explanation import AliasExplanation
from yumbridge.plan.document import ProfileRef
from yumbridge.run.host import read_host
from yumbridge.run.request import PlanRequest


class AliasDocument(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Aliases, and what they come to on one host. `profile` is None where none was read."""

    document: Literal["yumbridge-alias"] = "yumbridge-alias"
    version: str = "1.0"
    host: AliasHost
    profile: ProfileRef | None
    aliases: tuple[AliasExplanation, ...]


class AliasExport(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An alias as an rpm."""

    document: Literal["yumbridge-alias-export"] = "yumbridge-alias-export"
    version: str = "1.0"
    name: str
    nevra: str
    path: str
    requires: tuple[str, ...]
    left_out: tuple[str, ...]


def list_verb(settings: Settings, target: Target, path: Path | None) -> None:
    """Print every alias."""
    from yumbridge.plan.alias_explanation import undecided_aliases
    from yumbridge.run.alias_explaining import alias_host

    source, profile, aliases = _known(settings, path)
    facts = read_host(settings.root, arch=target.arch, releasever=target.releasever)
    host = alias_host(facts, aliases, partial(chosen_starter, settings))
    specs = () if profile is None else profile.specs
    found = AliasDocument(
        host=host,
        profile=None if source is None else profile_ref(source),
        aliases=undecided_aliases(aliases, host, specs),
    )
    settings.console.tell(found, lambda: "\n".join(list_lines(found.aliases, host, settings.console)))


def show_verb(settings: Settings, target: Target, name: str, path: Path | None) -> None:
    """Print what one alias comes to, and end with 12 when that has problems."""
    from yumbridge.engine.client import EngineClient
    from yumbridge.run.alias_explaining import explained_alias

    request = _request(settings, target, path)
    alias = _named(name, request.state.aliases)
    with EngineClient(chosen_starter(settings)) as engine, ProgressBar() as progress:
        engine.listener = progress
        host, explanation = explained_alias(alias, request, engine)
        engine.dismiss()
    profile = request.profile if request.profile.source else None
    found = AliasDocument(host=host, profile=profile, aliases=(explanation,))
    aliases = {each.name: each for each in request.state.aliases}
    settings.console.tell(
        found,
        lambda: "\n".join(explanation_lines(explanation, aliases, host, settings.console, has_profile=bool(profile))),
    )
    if explanation.problems:
        sys.exit(Exit.PROBLEMS)


def export_verb(settings: Settings, target: Target, name: str, path: Path | None, *, out: Path, evr: str) -> None:
    """Write the rpm of one alias, and print where it is."""
    from yumbridge.desired.metadependency import metadependency
    from yumbridge.rpm.metapackage import metapackage_evr
    from yumbridge.run.alias_explaining import alias_host
    from yumbridge.run.rpmbuild import build, put

    try:
        wanted_evr = metapackage_evr(evr)
    except InvalidEVRError as error:
        raise click.UsageError(f"--evr: {error.message}.") from error
    _, _, aliases = _known(settings, path)
    alias = _named(name, aliases)
    facts = read_host(settings.root, arch=target.arch, releasever=target.releasever)
    host = alias_host(facts, within((alias.name,), aliases), partial(chosen_starter, settings))
    made = metadependency(alias, aliases, host, wanted_evr)
    package = made.package
    written = put(package, build(package), out.absolute())
    for text in made.left_out:
        settings.console.say(f"left out: {text}")
    if made.is_conditional:
        settings.console.say(f"for hosts with {host}")
    found = AliasExport(
        name=alias.name,
        nevra=str(package.nevra),
        path=str(written),
        requires=package.requires,
        left_out=made.left_out,
    )
    settings.console.tell(found, lambda: printable(found.path))


def _known(settings: Settings, path: Path | None) -> tuple[ProfileSource | None, Profile | None, tuple[Alias, ...]]:
    """Return the profile, if there is one, and all aliases. Raises ProfileError, ConfigError.

    That there is no profile is an error only where somebody said where it is.
    """
    configuration = settings.configuration
    try:
        source = profile_source(path, settings)
    except NoProfileError:
        if settings.cache_root is not None:
            raise
        settings.console.say("no profile here: only the aliases of the configuration are known")
        return None, None, known_aliases(None, configuration)
    profile = read_profile(source.data)
    return source, profile, known_aliases(profile, configuration)


def _request(settings: Settings, target: Target, path: Path | None) -> PlanRequest:
    try:
        return load(path, settings, target)[0]
    except NoProfileError:
        if settings.cache_root is not None or (target.repos_from is None and target.snapshot is None):
            raise
        return load_without_profile(settings, target)


def _named(name: str, aliases: Sequence[Alias]) -> Alias:
    """Return the alias of a name, which may have its mark. Raises AliasError."""
    wanted = name.removeprefix(MARK)
    found = next((alias for alias in aliases if alias.name == wanted), None)
    if found is None:
        from snapshots.content.name import suggestion

        raise AliasError(f"no alias is called {wanted}{suggestion(wanted, (alias.name for alias in aliases))}")
    return found
