"""What a profile means for the packages of a host, in the one spelling by which two profiles are compared.

Whatever order, form or escape somebody wrote it in: lists whose order decides nothing are sorted here. What stays are
the origins, which are for people.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

import msgspec
from msgspec.structs import replace

from spma.profile.groups import is_group
from spma.profile.options import SpmaOptions
from yumbridge.condition.condition import DAYS, Condition
from yumbridge.desired.alias import Alias, AliasDefinition, When, referred
from yumbridge.desired.configuration import DnfConfiguration
from yumbridge.desired.hold import BOOT, Hold, HoldExceptions, Until
from yumbridge.desired.policy import Policy
from yumbridge.desired.repository import Repository
from yumbridge.desired.spec import Spec
from yumbridge.desired.state import DesiredState, ModuleStream, Network, is_alias

Value: TypeAlias = bool | int | str | tuple[str, ...] | None

# What the policy calls otherwise than the profile, where it comes from.
_PROFILE_NAMES: Final = {
    "keep_user_packages": "userpkgs",
    "obsoleters_meet_names": "process_obsoletes",
    "require_best": "best",
    "timeout_s": "timeout",
}
# The options of [main] that the policy and the network say already.
_TOLD: Final = frozenset(
    {
        "allow_vendor_change",
        "best",
        "excludepkgs",
        "install_weak_deps",
        "installonly_limit",
        "keepcache",
        "obsoletes",
        "proxy",
        "retries",
        "timeout",
    }
)


class Option(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One setting with its value.

    `name` is that of the option of ncm-spma or of the key below `policy`; with "dnfconf/" before it that of an option
    of [main], with "plugins/NAME/" before it that of a plugin.
    """

    name: str
    value: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a profile, on top of the configuration of a host, means for packages."""

    specs: tuple[Spec, ...]
    repositories: tuple[Repository, ...]
    modules: tuple[ModuleStream, ...]
    options: tuple[Option, ...]
    holds: tuple[Hold, ...]
    aliases: tuple[Alias, ...]


def meaning_of(state: DesiredState, options: SpmaOptions) -> Meaning:
    """Return what a desired state, made of a profile with these options, means."""
    aliases = frozenset(alias.name for alias in state.aliases)
    return Meaning(
        specs=tuple(_spec(spec, aliases) for spec in state.specs),
        repositories=tuple(map(_repository, state.repositories)),
        modules=state.modules,
        options=tuple(Option(name=name, value=value) for name, value in _settings(state, options)),
        holds=tuple(map(_hold, state.policy.holds)),
        aliases=tuple(map(_alias, state.aliases)),
    )


def _spec(spec: Spec, aliases: Collection[str]) -> Spec:
    # A name that no alias has is that of a group wherever it was written.
    return replace(
        spec,
        member_types=_set(spec.member_types),
        is_group=is_group(spec) and not is_alias(spec, aliases),
    )


def _repository(repository: Repository) -> Repository:
    return replace(
        repository,
        urls=tuple(dict.fromkeys(repository.urls)),
        gpgkeys=_set(repository.gpgkeys),
        excludepkgs=_set(repository.excludepkgs),
        includepkgs=_set(repository.includepkgs),
    )


def _settings(state: DesiredState, options: SpmaOptions) -> Iterator[tuple[str, Value]]:
    """Yield every setting that a plan, or the files of dnf, depend on, with its value; lists sorted."""
    yield "run", options.run
    # It decides which proxy a host asks first; this host's first one may be the same without it.
    yield "proxyrandom", options.proxyrandom and len(options.proxyhost) > 1 and options.proxy is not False
    yield from _fields(state.policy, frozenset({"holds"}))
    yield from _fields(state.network, frozenset())
    yield from _file_settings(state.configuration)


def _fields(struct: Policy | Network, without: Collection[str]) -> Iterator[tuple[str, Value]]:
    for name in struct.__struct_fields__:
        if name not in without:
            value: Value = getattr(struct, name)
            yield _PROFILE_NAMES.get(name, name), _set(value) if isinstance(value, tuple) else value


def _file_settings(configuration: DnfConfiguration) -> Iterator[tuple[str, Value]]:
    stamp = configuration.stamp
    yield "reposdirs", configuration.reposdirs
    yield "repository_cleanup", configuration.clean_repositories
    yield "modules", configuration.manage_modules
    yield "quattor_os_file", stamp.path if stamp else None
    yield "quattor_os_release", stamp.text if stamp else None
    for key, value in configuration.main:
        if key not in _TOLD:
            yield f"dnfconf/{key}", value
    for plugin in configuration.plugins:
        for _, said in plugin.sections:
            for key, value in said:
                yield f"plugins/{plugin.name.removesuffix('.conf')}/{key}", value


def _hold(hold: Hold) -> Hold:
    exceptions = hold.exceptions
    return replace(
        hold,
        packages=_set(hold.packages),
        until=_until(hold.until),
        exceptions=HoldExceptions(
            severity=_set(map(str.casefold, exceptions.severity)),
            types=_set(map(str.casefold, exceptions.types)),
            advisories=_set(exceptions.advisories),
        ),
    )


def _until(until: Until) -> Until:
    if not isinstance(until, Condition):
        return until
    return BOOT if until == Condition(boot=True) else _condition(until)


def _condition(condition: Condition) -> Condition:
    return replace(
        condition,
        all_of=_parts(condition.all_of),
        any_of=_parts(condition.any_of),
        none_of=_parts(condition.none_of),
        days=condition.days and tuple(sorted({*condition.days}, key=DAYS.index)),
        dates=condition.dates and _set(condition.dates),
    )


def _parts(parts: tuple[Condition, ...] | None) -> tuple[Condition, ...] | None:
    return parts and tuple(sorted(map(_condition, parts), key=msgspec.json.encode))


def _alias(alias: Alias) -> Alias:
    definitions = sorted(map(_definition, alias.definitions), key=msgspec.json.encode)
    return replace(alias, definitions=tuple(definitions))


def _definition(definition: AliasDefinition) -> AliasDefinition:
    members = definition.all_of
    # The first of several aliases that leave a choice counts most: their order may decide.
    references = dict.fromkeys(member for member in members if referred(member))
    when = definition.when
    return replace(
        definition,
        all_of=(*_set(member for member in members if not referred(member)), *references),
        any_of=tuple(dict.fromkeys(definition.any_of)),
        when=When(
            os_major=tuple(sorted({*when.os_major})),
            arch=_set(when.arch),
            basearch=_set(when.basearch),
        ),
    )


def _set(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({*names}))
