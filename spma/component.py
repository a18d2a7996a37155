"""The component's side of ncm-ncd: what its module asks for, as JSON on standard input.

The module hands over what ncm-ncd has: the profile that its run is about, locked, which need not be the current one of
CCM's cache any more. All of it went through Perl, where a boolean is 1 or 0, and a number a string.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec
from msgspec import inspect

from spma.errors import ProfileError
from spma.profile.components import COMPONENT_NAME
from spma.profile.delivery import read_tree
from spma.profile.tree import Tree, described
from spma.source import STDIN, ProfileSource
from yumbridge.condition.condition import Condition
from yumbridge.config import PolicyOverrides
from yumbridge.count import counted
from yumbridge.desired.alias import When
from yumbridge.desired.hold import Hold
from yumbridge.plan.document import canonical

MODULE: Final = "yumbridge"
"""The name of the module, below NCM::Component."""
DOCUMENT: Final = "yumbridge-component-request"
VERSION: Final = "1.0"

_VERSION: Final = re.compile(r"1\.\d+", re.ASCII)
_KEYS: Final = frozenset({"document", "version", "name", "noaction", "component", "spma", "yumbridge", "software"})
_PARTS: Final = frozenset({"packages", "repositories", "groups", "modules"})
_OPTIONS_OF_SPMA: Final = frozenset({"packager", MODULE})
"""Names under which the options of ncm-spma stay where a site has always had them."""
_BOOLEANS: Final[Mapping[object, bool]] = {1: True, 0: False, "1": True, "0": False, "": False}
_INTEGER: Final = re.compile(r"-?[0-9]{1,18}", re.ASCII)
_NUMBER: Final = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,18})?", re.ASCII)


class ComponentRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What ncm-ncd wants of the component `name`: a preview with `noaction`, else a run.

    `software` is the tree of the profile at /software as it is to be read.
    """

    name: str
    noaction: bool
    software: dict[str, Tree]

    @property
    def source(self) -> ProfileSource:
        """The profile, in canonical JSON: whatever order Perl had its keys in."""
        return ProfileSource(str(STDIN), canonical({"software": self.software}))


def read_request(data: bytes) -> ComponentRequest:
    """Return the request in `data`. Raises ProfileError with every problem and its place."""
    try:
        tree = read_tree(data)
    except ProfileError as error:
        text = error.message.removeprefix("profile ").removeprefix("is ")
        raise ProfileError(f"request on standard input is {text}") from error
    if not isinstance(tree, dict):
        raise ProfileError(f"request on standard input is no dict but {described(tree)}")
    problems = [*_problems(tree)]
    if problems:
        count = counted(len(problems), "problem")
        raise ProfileError(f"request on standard input has {count}", sorted(problems))
    name = str(tree["name"])
    options = tree.get("spma") if name in _OPTIONS_OF_SPMA else tree["component"]
    software, bridge = tree["software"], tree.get("yumbridge")
    components = {"spma": options or {}, MODULE: typed(bridge or {})}
    return ComponentRequest(
        name=name,
        noaction=_is_true(tree.get("noaction")),
        software={**(software if isinstance(software, dict) else {}), "components": components},
    )


def _problems(tree: dict[str, Tree]) -> Iterator[str]:
    for key in tree.keys() - _KEYS:
        yield f"{ascii(key)[1:-1]}: unknown key"
    if tree.get("document", DOCUMENT) != DOCUMENT:
        yield f"document: want {DOCUMENT!r}, got {described(tree['document'])}"
    version = tree.get("version", VERSION)
    if not (isinstance(version, str) and _VERSION.fullmatch(version)):
        yield f"version: want 1.0, got {described(version)}"
    if (flag := tree.get("noaction", False)) not in (True, False, "1", "0", "", None):
        yield f"noaction: want a boolean, got {described(flag)}"
    yield from _component_problems(tree)
    for key in ("spma", MODULE):
        if not isinstance(tree.get(key, {}), dict | None):
            yield f"{key}: want a dict, got {described(tree[key])}"
    software = tree.get("software")
    if not isinstance(software, dict):
        yield f"software: want a dict, got {described(software)}"
    else:
        yield from (f"software/{ascii(key)[1:-1]}: unknown key" for key in software.keys() - _PARTS)


def _component_problems(tree: dict[str, Tree]) -> Iterator[str]:
    """Yield what is wrong with the component that is asked for: only one whose module is ours is ours to run."""
    name, component = tree.get("name"), tree.get("component")
    if not (isinstance(name, str) and COMPONENT_NAME.fullmatch(name)):
        yield f"name: want the name of a component, got {described(name)}"
    elif component is None:
        yield f"name: the profile has no component {name}"
    elif not isinstance(component, dict):
        yield f"component: want a dict, got {described(component)}"
    elif (module := component.get("ncm-module", name)) != MODULE:
        yield f"name: component {name} is run by the module {described(module)}, not by {MODULE}"


def _is_true(flag: Tree) -> bool:
    return flag not in (False, None, "", "0")


def typed(tree: Tree) -> Tree:
    """Return a subtree with our own keys as if it had not gone through Perl: booleans and numbers as their keys want.

    What is of no such kind stays, for the reader to complain about.

    >>> typed({"policy": {"weak_deps": 0, "removal_limit": "20"}, "holds": [{"packages": ["a"], "source": ""}]})
    {'policy': {'weak_deps': False, 'removal_limit': 20}, 'holds': [{'packages': ['a'], 'source': False}]}
    """
    match tree:
        case dict():
            return {key: _typed_value(key, value) for key, value in tree.items()}
        case list():
            return [typed(value) for value in tree]
        case _:
            return tree


def _typed_value(key: str, value: Tree) -> Tree:
    # The name of an alias may be any word, and what stands there is never a scalar.
    if isinstance(value, dict):
        return typed(value)
    if isinstance(value, list):
        return [_typed_value(key, each) for each in value]
    if value is None or isinstance(value, bool | float):
        return value
    if key in _KINDS[bool]:
        return _BOOLEANS.get(value, value)
    if key in _KINDS[int] and isinstance(value, str) and _INTEGER.fullmatch(value):
        return int(value)
    if key in _KINDS[float] and isinstance(value, str) and _NUMBER.fullmatch(value):
        return float(value)
    return value


def _kinds() -> dict[type, frozenset[str]]:
    """Return the keys of our own subtree whose values are no strings, by what they are."""
    found: dict[type, set[str]] = {bool: set(), int: set(), float: set()}
    for struct in (PolicyOverrides, Hold, Condition, When):
        info = inspect.type_info(struct)
        for field in info.fields if isinstance(info, inspect.StructType) else ():
            for kind, scalar in _SCALARS.items():
                if any(isinstance(each, scalar) for each in _members(field.type)):
                    found[kind].add(field.encode_name)
    return {kind: frozenset(names) for kind, names in found.items()}


def _members(kind: inspect.Type) -> Iterator[inspect.Type]:
    match kind:
        case inspect.UnionType():
            for each in kind.types:
                yield from _members(each)
        case inspect.VarTupleType():
            yield from _members(kind.item_type)
        case _:
            yield kind


_SCALARS: Final = {bool: inspect.BoolType, int: inspect.IntType, float: inspect.FloatType}
_KINDS: Final = _kinds()
