"""The desired state of a host: all that a plan is made from but the host itself."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from yumbridge.desired.alias import Alias, referred
from yumbridge.desired.configuration import DnfConfiguration
from yumbridge.desired.policy import Policy
from yumbridge.desired.repository import Repository
from yumbridge.desired.spec import Spec


class ModuleStream(msgspec.Struct, frozen=True, kw_only=True):
    """A module stream to enable, or with `enabled` false a module to disable. `origin` is its profile path."""

    name: str
    stream: str | None = None
    enabled: bool = True
    origin: str

    def __str__(self) -> str:
        return f"{self.name}:{self.stream}" if self.stream else self.name


class Network(msgspec.Struct, frozen=True, kw_only=True):
    """How repositories are reached when they say nothing themselves. `proxy` is a URL or None.

    `keepcache`: downloaded packages stay in the cache once they are installed.
    """

    proxy: str | None = None
    retries: int = 10
    timeout_s: int = 30
    keepcache: bool = False


def is_alias(spec: Spec, names: Collection[str]) -> bool:
    """Tell whether a spec names one of the aliases called `names`: those beat comps groups of the same id."""
    return not spec.is_group and referred(spec.name) in names


class DesiredState(msgspec.Struct, frozen=True, kw_only=True):
    """What a host shall be.

    `specs` is sorted by origin, `aliases` by name; `repositories` keeps the written order.
    """

    specs: tuple[Spec, ...]
    repositories: tuple[Repository, ...]
    modules: tuple[ModuleStream, ...] = ()
    policy: Policy = Policy()
    network: Network = Network()
    configuration: DnfConfiguration = DnfConfiguration()
    aliases: tuple[Alias, ...] = ()

    @property
    def names_aliases(self) -> bool:
        """True while a spec names an alias, which has to be replaced by its members before anything is solved."""
        names = {alias.name for alias in self.aliases}
        return any(is_alias(spec, names) for spec in self.specs)
