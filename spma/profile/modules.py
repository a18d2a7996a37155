"""The module streams of a profile, /software/modules."""

from __future__ import annotations

import re
from typing import Final

from spma.profile.escape import unescape_leniently
from spma.profile.fields import Fields
from spma.profile.finding import Finding, problem
from spma.profile.tree import Tree, below, described
from yumbridge.desired.state import ModuleStream

MODULES: Final = "/software/modules"

# Both become parts of file names and of name:stream. Source: modulemd, packager documents.
_NAME: Final = re.compile(r"(?!\.)[A-Za-z0-9._+-]+")


def read_modules(modules: Tree) -> tuple[tuple[ModuleStream, ...], tuple[Finding, ...]]:
    """Return the module streams sorted by origin, and what is wrong with the tree of /software/modules.

    Source: ncm-spma, schema-common-yum.pan (yumdnf: `enable`, `stream`) and dnf.pm (`stream`, `profiles`).
    """
    if not isinstance(modules, dict):
        return (), (problem(MODULES, f"want a dict, got {described(modules)}"),)
    fields = Fields(modules, MODULES)
    found = [_module(key, fields.nested(key)) for key in modules]
    return tuple(sorted(found, key=lambda module: module.origin)), tuple(fields.findings)


def _module(key: str, fields: Fields) -> ModuleStream:
    name = unescape_leniently(key)
    stream = fields.label("stream", default=None)
    is_enabled = fields.boolean("enable", default=True)
    if not _NAME.fullmatch(name):
        fields.findings.append(problem(fields.path, f"{described(name)} is no name of a module"))
    if stream is not None and not _NAME.fullmatch(stream):
        fields.problem("stream", f"{described(stream)} is no name of a stream")
    if fields.texts("profiles"):
        fields.warning("profiles", "profiles of a module bring no packages here: list them")
    fields.ignore("modulemd_version")
    fields.warn_of_unknown("unknown field of a module, ignored")
    return ModuleStream(name=name, stream=stream, enabled=is_enabled, origin=below(MODULES, key))
