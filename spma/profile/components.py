"""The components of a profile, as far as ncm-ncd reads them: /software/components."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

import msgspec

from spma.profile.reading import COMPONENTS
from spma.profile.tree import Tree, below, described

COMPONENT_NAME: Final = re.compile(r"[a-zA-Z_]\w+", re.ASCII)
"""What ncm-ncd takes for the name of a component."""
_MODULE: Final = re.compile(r"[a-zA-Z_]\w*(?:::[a-zA-Z_]\w*)*", re.ASCII)
_VERSION: Final = re.compile(r"v?\d+\.\d+\.\d+", re.ASCII)
# Pan's booleans, and what Perl makes of them (CCM's getTree).
_BOOLEANS: Final[dict[str, bool]] = {"True": True, "1": True, "False": False, "0": False}
_NOTHING: Final = (None, False, 0, "", "0")
"""What Perl takes for false: ncm-ncd goes on as if it was not there."""


class RemarkKind(StrEnum):
    """What is wrong with the components of a profile."""

    MALFORMED = "malformed"
    NAME = "name"
    MODULE = "module"
    VERSION = "version"
    MISSING = "missing"
    INACTIVE = "inactive"
    CYCLE = "cycle"
    NOTHING_ACTIVE = "nothing-active"
    NO_FLAG = "no-flag"
    TWICE = "twice"
    BESIDE = "beside"
    INSTALLER = "installer"


class ComponentRemark(msgspec.Struct, frozen=True, order=True):
    """One thing wrong with the components of a profile, where it stands, and what ncm-ncd makes of it."""

    path: str
    kind: RemarkKind
    text: str
    chain: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.path}: {self.text}"


class Dependency(msgspec.Struct, frozen=True):
    """One name in dependencies/pre or dependencies/post of a component, and its path."""

    name: str
    path: str


class Component(msgspec.Struct, frozen=True, kw_only=True):
    """A component as ncm-ncd knows it.

    `module` is the Perl module below NCM::Component that does its work. `active` is None when the profile does not
    say. What runs before it is `pre`, what runs after it `post`, both in written order; both are empty, and `module`
    is the name, when it is not active: ncm-ncd reads no more of such a component. `filtered` tells that it is the
    first run of a staged install, if it is a packager at all.
    """

    name: str
    module: str
    active: bool | None
    pre: tuple[Dependency, ...] = ()
    post: tuple[Dependency, ...] = ()
    filtered: bool = False


def read_components(tree: dict[str, Tree]) -> tuple[dict[str, Component], tuple[ComponentRemark, ...]]:
    """Return the components in the tree at /software/components by name, and the problems of those that are active.

    One that ncm-ncd refuses is among them, so that what depends on it is not found wrong as well.
    Source: ncm-ncd, NCD::ComponentProxy, _initialize and _setDependencies.
    """
    remarks: list[ComponentRemark] = []
    return {name: _component(name, value, remarks) for name, value in sorted(tree.items())}, tuple(remarks)


def _component(name: str, value: Tree, remarks: list[ComponentRemark]) -> Component:
    path = below(COMPONENTS, name)
    if not isinstance(value, dict):
        remarks.append(_malformed(path, "a dict", value))
        return Component(name=name, module=name, active=True)
    active = _active(value, path, remarks)
    if not active:
        return Component(name=name, module=name, active=active)
    if not COMPONENT_NAME.fullmatch(name):
        text = "ncm-ncd refuses the name: want a letter or _, then at least one letter, digit or _, and nothing else"
        remarks.append(ComponentRemark(path, RemarkKind.NAME, text))
    version = value.get("version")
    if version not in _NOTHING and not (isinstance(version, str) and _VERSION.fullmatch(version)):
        text = f"ncm-ncd refuses the version {described(version)}: want one like 24.10.0"
        remarks.append(ComponentRemark(below(path, "version"), RemarkKind.VERSION, text))
    dependencies = value.get("dependencies", {})
    if not isinstance(dependencies, dict):
        remarks.append(_malformed(below(path, "dependencies"), "a dict", dependencies))
        dependencies = {}
    return Component(
        name=name,
        module=_module(name, value.get("ncm-module"), path, remarks),
        active=True,
        pre=_names(dependencies, "pre", path, remarks),
        post=_names(dependencies, "post", path, remarks),
        filtered=value.get("filter") not in _NOTHING,
    )


def _active(value: dict[str, Tree], path: str, remarks: list[ComponentRemark]) -> bool | None:
    """Return whether a component is active; one of which that is told in a wrong way is, so that it is looked at."""
    if "active" not in value:
        return None
    flag = value["active"]
    if isinstance(flag, bool | int | str) and (known := _BOOLEANS.get(str(flag))) is not None:
        return known
    remarks.append(_malformed(below(path, "active"), "a boolean", flag))
    return True


def _module(name: str, stated: Tree, path: str, remarks: list[ComponentRemark]) -> str:
    if stated in _NOTHING:
        return name
    if isinstance(stated, str) and _MODULE.fullmatch(stated):
        return stated
    text = f"ncm-ncd refuses the module {described(stated)}: want words of letters, digits and _, joined by ::"
    remarks.append(ComponentRemark(below(path, "ncm-module"), RemarkKind.MODULE, text))
    return name


def _names(
    dependencies: dict[str, Tree], key: str, path: str, remarks: list[ComponentRemark]
) -> tuple[Dependency, ...]:
    """Return the names in one list of dependencies."""
    place = below(below(path, "dependencies"), key)
    stated = dependencies.get(key, [])
    if not isinstance(stated, list):
        remarks.append(_malformed(place, "a list", stated))
        return ()
    found = []
    for position, name in enumerate(stated):
        if isinstance(name, str):
            found.append(Dependency(name, below(place, position)))
        else:
            remarks.append(_malformed(below(place, position), "the name of a component", name))
    return tuple(found)


def _malformed(path: str, wanted: str, value: Tree) -> ComponentRemark:
    return ComponentRemark(path, RemarkKind.MALFORMED, f"want {wanted}, got {described(value)}")
