"""A profile, read: all that it says of packages, and the desired state it means."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Final

import msgspec

from spma.errors import EmptyPackageListError, ProfileError
from spma.profile.configuration import configuration_of
from spma.profile.delivery import read_tree
from spma.profile.dnfconf import with_main_text
from spma.profile.finding import Finding, Severity, problem, warning
from spma.profile.groups import Group, read_groups, spec_of_group
from spma.profile.modules import MODULES, read_modules
from spma.profile.options import OPTIONS, ProxyType, SpmaOptions, read_options
from spma.profile.packages import read_packages
from spma.profile.proxy import network_of, proxy_type, spread, through_reverse_proxies
from spma.profile.repositories import read_repositories
from spma.profile.tree import Tree, described
from yumbridge.count import counted
from yumbridge.desired.alias import Alias, referred
from yumbridge.desired.policy import Policy
from yumbridge.desired.repository import Repository
from yumbridge.desired.spec import Spec
from yumbridge.desired.state import DesiredState, ModuleStream

SOFTWARE: Final = "/software"
COMPONENTS: Final = "/software/components"
BRIDGE: Final = "/software/components/yumbridge"

_OF_EVERY_COMPONENT: Final = frozenset(
    {"active", "dependencies", "dispatch", "ncm-module", "package", "register_change", "version"}
)
"""What Quattor itself says of a component. Source: template-library-core, quattor/types/component."""

_PARTS: Final = frozenset({"components", "groups", "modules", "packages", "repositories"})
"""The keys by which a /software subtree is known that comes without its own key."""


def _unchanged(policy: Policy) -> Policy:
    return policy


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """What a profile says of packages, as it is written.

    `specs`, `groups` and `modules` are sorted by origin, `repositories` in their written order and without the
    proxies of `options`. `bridge` is the unread tree of /software/components/yumbridge. `warnings` are sorted.
    """

    specs: tuple[Spec, ...]
    repositories: tuple[Repository, ...]
    groups: tuple[Group, ...]
    modules: tuple[ModuleStream, ...]
    options: SpmaOptions
    bridge: dict[str, Tree]
    warnings: tuple[Finding, ...]

    @property
    def run(self) -> bool:
        """Whether changes may be made at all: no means plan and report."""
        return self.options.run

    def _all_specs(self, aliases: Collection[str]) -> tuple[Spec, ...]:
        """Return packages and groups, sorted by origin.

        A group of /software/groups beats an `@name` that names it, unless that is the name of an alias.
        """
        groups = tuple(map(spec_of_group, self.groups))
        named = {group.name for group in groups if referred(group.name) not in aliases}
        return tuple(sorted((*(s for s in self.specs if s.name not in named), *groups), key=lambda s: s.origin))

    def on_host(self, name: str) -> Profile:
        """Return the profile as the host of this name reads it: with its own order of the proxies."""
        return msgspec.structs.replace(self, options=spread(self.options, name))

    def desired_state(
        self, policy: Policy, last_word: Callable[[Policy], Policy] = _unchanged, aliases: tuple[Alias, ...] = ()
    ) -> DesiredState:
        """Return what the profile means for a host whose own configuration says `policy`.

        `last_word` returns the policy with what beats the options of ncm-spma. `aliases` are those that there are.

        Raises EmptyPackageListError when no package is listed.
        """
        if not (self.specs or self.groups):
            raise EmptyPackageListError
        policy = last_word(self.options.policy(policy))
        network = network_of(self.options)
        modules = () if self.options.modules is False else self.modules
        return DesiredState(
            specs=self._all_specs({alias.name for alias in aliases}),
            repositories=through_reverse_proxies(self.repositories, self.options),
            modules=modules,
            policy=policy,
            network=network,
            configuration=configuration_of(self.options, policy, network, modules),
            aliases=aliases,
        )


def read_profile(data: bytes) -> Profile:
    """Return the profile in `data`: JSON, JSON packed with gzip, or pan's XML; whole, or its /software subtree.

    Raises ProfileError, with every problem and its path in `details` when the document could be read at all.
    """
    return profile_of(read_tree(data))


def profile_of(tree: Tree) -> Profile:
    """Return the profile in `tree`, whole or its /software subtree with or without its key.

    Raises ProfileError with every problem and its path in `details`.
    """
    software = software_of(tree)
    components, component_findings = _dict_at(software, COMPONENTS)
    stated_bridge, bridge_findings = _dict_at(components, BRIDGE)
    bridge = {key: value for key, value in stated_bridge.items() if key not in _OF_EVERY_COMPONENT}
    stated, option_findings = read_options(components.get("spma", {}))
    options, text_findings = with_main_text(stated)
    repositories, repository_findings = read_repositories(software.get("repositories", []))
    repo_ids = frozenset(repository.repo_id for repository in repositories)
    specs, package_findings = read_packages(software.get("packages", {}), repo_ids, options.packager)
    groups, group_findings = read_groups(software.get("groups", {}))
    modules, module_findings = read_modules(software.get("modules", {}))
    findings = (
        *component_findings,
        *bridge_findings,
        *option_findings,
        *text_findings,
        *repository_findings,
        *package_findings,
        *group_findings,
        *module_findings,
        *_disagreements(options, modules),
    )
    if problems := [each for each in findings if each.severity is Severity.PROBLEM]:
        raise _invalid(problems)
    return Profile(
        specs=specs,
        repositories=repositories,
        groups=groups,
        modules=modules,
        options=options,
        bridge=bridge,
        warnings=tuple(sorted(findings)),
    )


def software_of(tree: Tree) -> dict[str, Tree]:
    """Return what stands at /software of a whole profile, or `tree` itself when it is that part of one."""
    if not isinstance(tree, dict):
        raise ProfileError(f"profile is no dict but {described(tree)}")
    if "software" not in tree and not _PARTS & tree.keys():
        raise _invalid([problem(SOFTWARE, "missing")])
    software = tree.get("software", tree)
    if not isinstance(software, dict):
        raise _invalid([problem(SOFTWARE, f"want a dict, got {described(software)}")])
    return software


def _dict_at(parent: dict[str, Tree], path: str) -> tuple[dict[str, Tree], tuple[Finding, ...]]:
    """Return the dict at the last key of `path`, a missing one as empty, and what is wrong with it."""
    value = parent.get(path.rpartition("/")[2], {})
    if isinstance(value, dict):
        return value, ()
    return {}, (problem(path, f"want a dict, got {described(value)}"),)


def _disagreements(options: SpmaOptions, modules: tuple[ModuleStream, ...]) -> tuple[Finding, ...]:
    """Return what one part of the profile makes of another."""
    found: list[Finding] = []
    if modules and options.modules is False:
        found.append(warning(f"{OPTIONS}/modules", f"switched off: {MODULES} is ignored"))
    if len(options.proxyhost) > 1 and proxy_type(options) is ProxyType.FORWARD and options.proxy is not False:
        one = "one of them" if options.proxyrandom else f"only {options.proxyhost[0]}"
        text = f"dnf knows one forward proxy: {one} is used"
        found.append(warning(f"{OPTIONS}/proxyhost", text))
    return tuple(found)


def _invalid(problems: Sequence[Finding]) -> ProfileError:
    return ProfileError(f"profile has {counted(len(problems), 'problem')}", [str(each) for each in sorted(problems)])
