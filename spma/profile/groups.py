"""The comps groups of a profile, /software/groups."""

from __future__ import annotations

from typing import Final

import msgspec

from spma.profile.escape import unescape_leniently
from spma.profile.fields import Fields
from spma.profile.finding import Finding, problem
from spma.profile.tree import Tree, below, described
from yumbridge.desired.spec import Spec

GROUPS: Final = "/software/groups"

_UNKNOWN: Final = "unknown field of a group, ignored"


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """A wanted comps group or environment, and which of its packages. `origin` is its profile path."""

    name: str
    mandatory: bool = True
    default: bool = True
    optional: bool = False
    origin: str


def spec_of_group(group: Group) -> Spec:
    """Return a group as a spec. Members that another package calls for count with any of the others."""
    kinds = {"mandatory": group.mandatory, "default": group.default, "optional": group.optional, "conditional": True}
    members = tuple(sorted(kind for kind, wanted in kinds.items() if wanted))
    return Spec(name=f"@{group.name}", member_types=members, is_group=True, origin=group.origin)


def is_group(spec: Spec) -> bool:
    """Tell whether a spec names a group, an environment or an alias."""
    return spec.name.startswith("@")


def read_groups(groups: Tree) -> tuple[tuple[Group, ...], tuple[Finding, ...]]:
    """Return the groups sorted by origin, and what is wrong with the tree of /software/groups.

    Two forms are read: a dict of groups, and yumng's one dict with a list of `names`, by which it is known.
    """
    if not isinstance(groups, dict):
        return (), (problem(GROUPS, f"want a dict, got {described(groups)}"),)
    fields = Fields(groups, GROUPS)
    found = _named(fields) if isinstance(groups.get("names"), list) else _each(fields, groups)
    for group in found:
        if not group.name or not group.name.isprintable():
            fields.findings.append(problem(group.origin, f"{group.name!r} is no name of a group"))
    return tuple(sorted(found, key=lambda group: group.origin)), tuple(fields.findings)


def _named(fields: Fields) -> list[Group]:
    names = fields.texts("names")
    path = below(GROUPS, "names")
    pattern = _group("", "", fields)
    return [msgspec.structs.replace(pattern, name=name, origin=below(path, index)) for index, name in enumerate(names)]


def _each(fields: Fields, keys: dict[str, Tree]) -> list[Group]:
    return [_group(unescape_leniently(key), below(GROUPS, key), fields.nested(key)) for key in keys]


def _group(name: str, origin: str, fields: Fields) -> Group:
    group = Group(
        name=name,
        mandatory=fields.boolean("mandatory", default=True),
        default=fields.boolean("default", default=True),
        optional=fields.boolean("optional", default=False),
        origin=origin,
    )
    fields.warn_of_unknown(_UNKNOWN)
    return group
