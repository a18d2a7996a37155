"""The site's own configuration: YAML files of the host and a subtree of the profile, with the same keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import BinaryIO, Final, TypeAlias

import msgspec
from msgspec import UNSET, UnsetType

from yumbridge.complaint import NO_TEXT, is_text, judged, shown
from yumbridge.count import counted
from yumbridge.desired.alias import Alias, cycles, merged
from yumbridge.desired.alias_reading import read_aliases
from yumbridge.desired.hold import Hold
from yumbridge.desired.hold_reading import read_holds
from yumbridge.desired.policy import BootMethod, Policy
from yumbridge.engine.child import EngineChoice
from yumbridge.errors import ConfigError
from yumbridge.root import PROTECTED_FOLDERS, leads_out, listed_names

SYSTEM_FILE: Final = Path("etc/yumbridge/config.yaml")
SYSTEM_FOLDER: Final = Path("etc/yumbridge/conf.d")
_MAX_BYTES: Final = 1 << 20
_KEYS: Final = frozenset({"aliases", "engine", "holds", "policy", "store"})
_ENGINES: Final = ("dnf4", "dnf5")

Tree: TypeAlias = object


class PolicyOverrides(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one layer of configuration says of the policy. Name lists add up over the layers; the rest replaces."""

    protected: tuple[str, ...] = ()
    whitelist: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()
    weak_deps: bool | UnsetType = UNSET
    installonly_limit: int | UnsetType = UNSET
    removal_limit: int | UnsetType | None = UNSET
    allow_vendor_change: bool | UnsetType = UNSET
    run_at_boot: bool | UnsetType = UNSET
    boot_method: BootMethod | UnsetType = UNSET

    def applied_to(self, policy: Policy) -> Policy:
        """Return `policy` with what this layer says."""
        lists = {
            "protected": self.protected,
            "whitelist": self.whitelist,
            "unwanted": self.unwanted,
        }
        fields: dict[str, object] = {
            name: tuple(sorted({*getattr(policy, name), *entries})) for name, entries in lists.items()
        }
        values = {name: getattr(self, name) for name in self.__struct_fields__ if name not in lists}
        fields |= {name: value for name, value in values.items() if value is not UNSET}
        return msgspec.structs.replace(policy, **fields)


class Layer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One file of configuration, or the subtree of a profile."""

    policy: PolicyOverrides = PolicyOverrides()
    holds: tuple[Hold, ...] = ()
    aliases: tuple[Alias, ...] = ()
    store: str | None = None
    engine: EngineChoice | None = None

    def applied_to(self, policy: Policy) -> Policy:
        """Return `policy` with what this layer says: its holds are added to those that are there."""
        policy = self.policy.applied_to(policy)
        return msgspec.structs.replace(policy, holds=(*policy.holds, *self.holds))


class Configuration(msgspec.Struct, frozen=True, kw_only=True):
    """What the layers of a host say together, the weakest first."""

    layers: tuple[Layer, ...] = ()

    def applied_to(self, policy: Policy) -> Policy:
        """Return `policy` with what every layer says."""
        for layer in self.layers:
            policy = layer.applied_to(policy)
        return policy

    @property
    def aliases(self) -> tuple[Alias, ...]:
        """The aliases of all layers, sorted by name: a later layer replaces what an earlier one says of a name."""
        found: tuple[Alias, ...] = ()
        for layer in self.layers:
            found = merged(found, layer.aliases)
        return found

    @property
    def engine(self) -> EngineChoice:
        """The engine that is chosen: of each of command and name what the last layer says that says something."""
        found = [layer.engine for layer in self.layers if layer.engine is not None]
        command = next((each.command for each in reversed(found) if each.command), ())
        return EngineChoice(command, next((each.name for each in reversed(found) if each.name), None))

    @property
    def store(self) -> str | None:
        """The snapshot store, None when no layer names one."""
        return next((layer.store for layer in reversed(self.layers) if layer.store), None)


def read_configuration(root: Path, file: Path | None = None) -> Configuration:
    """Return the configuration of the host at `root`, or of `file` in place of its files.

    What the root protects for dnf (protected.d) is protected here too.

    Raises ConfigError with every problem of every file.
    """
    paths = [file] if file else _system_files(root)
    problems: list[str] = []
    layers = [Layer(policy=PolicyOverrides(protected=_protected_names(root)))]
    for path in paths:
        try:
            if file is None:
                _refuse_outside(root, path)
            tree = load_tree(path)
            if file is None and root != Path("/") and isinstance(tree, dict) and "engine" in tree:
                # What an image says would be run on the machine that plans for it.
                raise _invalid([f"{path}: engine: only / and --config may choose one"])
            layers.append(read_layer(tree, str(path)))
        except ConfigError as error:
            problems += error.details
    if problems:
        raise _invalid(problems)
    return Configuration(layers=tuple(layers))


def read_layer(tree: Tree, place: str, *, commands: bool = True) -> Layer:
    """Return a layer from what YAML or a profile holds. `place` names it in errors.

    `commands`: conditions of holds and the engine may name commands, which those of a profile may not. Raises
    ConfigError.
    """
    if tree is None:
        return Layer()
    if not isinstance(tree, dict):
        raise _invalid([f"{place}: want a mapping of keys"])
    problems = [f"{place}: {key}: unknown key" for key in sorted(map(shown, tree.keys() - _KEYS))]
    policy, policy_problems = _read_policy(tree.get("policy"), f"{place}: policy")
    problems += policy_problems
    holds, hold_problems = read_holds(tree.get("holds"), f"{place}: holds", commands=commands)
    problems += hold_problems
    aliases, alias_problems = read_aliases(tree.get("aliases"), f"{place}: aliases")
    problems += alias_problems
    engine, engine_problems = _read_engine(tree.get("engine"), f"{place}: engine", commands=commands)
    problems += engine_problems
    store = tree.get("store")
    if store is not None and not isinstance(store, str):
        problems.append(f"{place}: store: want a path")
    elif not is_text(store):
        problems.append(f"{place}: store: {NO_TEXT}")
    elif store is not None and not store.startswith("/"):
        # Whoever reads it may be anywhere.
        problems.append(f"{place}: store: want an absolute path")
    if problems:
        raise _invalid(problems)
    named = store if isinstance(store, str) else None
    return Layer(policy=policy, holds=holds, aliases=aliases, store=named, engine=engine)


def _read_engine(tree: Tree, place: str, *, commands: bool) -> tuple[EngineChoice | None, list[str]]:
    """Return the engine that a layer chooses and every problem in it."""
    if tree is None:
        return None, []
    if not commands:
        return None, [f"{place}: a profile may not choose the engine"]
    if not isinstance(tree, dict):
        return None, [f"{place}: want a mapping of keys"]
    problems = [f"{place}.{key}: unknown key" for key in sorted(map(shown, tree.keys() - {"command", "name"}))]
    command, name = tree.get("command", []), tree.get("name")
    if not isinstance(command, list) or not all(isinstance(word, str) and is_text(word) for word in command):
        problems.append(f"{place}.command: want a list of words")
    elif command and not command[0]:
        problems.append(f"{place}.command: want a program as the first word")
    if name is not None and name not in _ENGINES:
        problems.append(f"{place}.name: want one of {', '.join(_ENGINES)}")
    if problems or not isinstance(command, list):
        return None, problems
    return EngineChoice(tuple(command), None if name is None else str(name)), []


def acyclic(aliases: tuple[Alias, ...]) -> tuple[Alias, ...]:
    """Return `aliases`, of which none leads back to itself. Raises ConfigError with each chain that does."""
    origins = {alias.name: alias.origin for alias in aliases}
    chains = [f"{origins[chain[0]]}: goes round in a circle: {' -> '.join(chain)}" for chain in cycles(aliases)]
    if chains:
        raise _invalid(chains)
    return aliases


def _read_policy(tree: Tree, place: str) -> tuple[PolicyOverrides, list[str]]:
    """Return the policy of a layer and every problem in it: each key is judged alone."""
    if tree is None:
        return PolicyOverrides(), []
    if not isinstance(tree, dict):
        return PolicyOverrides(), [f"{place}: want a mapping of keys"]
    good, problems = judged(tree, PolicyOverrides, place)
    problems += [f"{place}.{key}: may not be negative" for key in _negative(good)]
    problems += [f"{place}.{key}: {NO_TEXT}" for key, value in good.items() if not is_text(value)]
    if good.get("installonly_limit") == 1:
        # Source: dnf.conf(5), installonly_limit.
        problems.append(f"{place}.installonly_limit: dnf does not allow 1: want 0 (no limit) or at least 2")
    return msgspec.convert(good, PolicyOverrides), problems


def _negative(values: Mapping[str, object]) -> Iterable[str]:
    return (key for key, value in values.items() if isinstance(value, int) and value < 0)


def _system_files(root: Path) -> list[Path]:
    main = root / SYSTEM_FILE
    folder = root / SYSTEM_FOLDER
    return [path for path in (main, *sorted(folder.glob("*.yaml"))) if path.is_file()]


def _refuse_outside(root: Path, path: Path) -> None:
    """Raise ConfigError if links lead a file of the root out of it: an image may hold any link."""
    if leads_out(root, path):
        raise _invalid([f"{path}: leads out of {root}"])


def load_tree(path: Path, stream: BinaryIO | None = None) -> Tree:
    """Return what a file of YAML or JSON holds, or a stream that `path` names. Raises ConfigError."""
    import yaml

    from yumbridge.unique_keys import UniqueKeyLoader

    content = _read(path) if stream is None else _bounded(path, stream)
    try:
        # Also ValueError: a date that there is none of, a number too long to convert, what is no UTF-8.
        tree: Tree = yaml.load(content, UniqueKeyLoader)  # noqa: S506 - a safe loader
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise _invalid([f"{path}: {' '.join(str(error).split())}"]) from error
    return tree


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as handle:
            return _bounded(path, handle)
    except OSError as error:
        raise _invalid([f"{path}: {error.strerror}"]) from error


def _bounded(path: Path, stream: BinaryIO) -> bytes:
    content = stream.read(_MAX_BYTES + 1)
    if len(content) > _MAX_BYTES:
        raise _invalid([f"{path}: larger than {_MAX_BYTES} bytes"])
    return content


def _protected_names(root: Path) -> tuple[str, ...]:
    """Return the names in protected.d of the root. Source: dnf.conf(5), protected_packages."""
    names: set[str] = set()
    for folder in PROTECTED_FOLDERS:
        for path in filter(Path.is_file, sorted((root / folder).glob("*.conf"))):
            _refuse_outside(root, path)
            names.update(listed_names(_read(path).decode(errors="replace")))
    return tuple(sorted(names))


def _invalid(problems: list[str]) -> ConfigError:
    return ConfigError(f"configuration has {counted(len(problems), 'problem')}", problems)
