"""A told solution, carried out on the profile as a person would: by its words alone."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from tests.support.profiles import Json, escape

Tree: TypeAlias = dict[str, Any]
Groups: TypeAlias = dict[str, str]

_POLICY: Final = ("software", "components", "yumbridge", "policy")
_SPMA: Final = ("software", "components", "spma")
_TOO: Final = r", which keeps \d+ more packages?"
_NEXT: Final = re.compile(r" and (?=drop |add )")


def carried_out(profile: Mapping[str, Json], solution: str) -> Tree:
    """Return a profile in which a solution is carried out. Raises AssertionError when its words mean nothing."""
    tree: Tree = json.loads(json.dumps(profile))
    for words in _NEXT.split(solution):
        found = [(edit, match) for pattern, edit in _EDITS if (match := re.fullmatch(pattern, words))]
        assert len(found) == 1, f"what does {words!r} mean?"
        edit, match = found[0]
        edit(tree, match.groupdict(default=""))
    return tree


def _take_off(tree: Tree, said: Groups) -> None:
    _drop(tree, _keys(said["path"]))


def _take_out(tree: Tree, said: Groups) -> None:
    members = _members(tree, said["path"])
    members.remove(said["name"])


def _without(tree: Tree, said: Groups) -> None:
    package, evr, arch = _entry(said["path"])
    repo = _drop(tree, _keys(said["path"]))
    repo = repo if isinstance(repo, str) else ""
    pins = re.findall(r"the (version|arch|repository) ", said["what"])
    evr, arch = "_" if "version" in pins else evr, "_" if "arch" in pins else arch
    _at(tree, ("software", "packages", package, evr, "arch"))[arch or "_"] = "" if "repository" in pins else repo


def _instead(tree: Tree, said: Groups) -> None:
    if "aliases." in said["path"]:
        members = _members(tree, said["path"])
        members[members.index(said["old"])] = said["new"]
        return
    package, evr, _ = _entry(said["path"])
    packages = tree["software"]["packages"]
    if said["name"]:
        fields = _drop(tree, ("software", "packages", package, evr))
        _at(tree, ("software", "packages", package))[escape(said["new"])] = fields
    else:
        assert escape(said["old"]) == package, said
        packages[escape(said["new"])] = packages.pop(package)


def _stream(tree: Tree, said: Groups) -> None:
    name, _, stream = said["new"].partition(":")
    _at(tree, ("software", "modules", name)).update({"stream": stream, "enable": said["verb"] == "enable"})


def _drop_entries(tree: Tree, said: Groups) -> None:
    for values in _lists(tree, said):
        values[:] = [value for value in values if value not in _names(said["names"])]


def _add_entries(tree: Tree, said: Groups) -> None:
    for values in _lists(tree, said):
        values.extend(_names(said["names"]))


def _add_lines(tree: Tree, said: Groups) -> None:
    tree["software"]["packages"].update({escape(name): {} for name in _names(said["names"])})


def _no_best(tree: Tree, _: Groups) -> None:
    _at(tree, (*_SPMA, "main_options"))["best"] = False


def _no_filter(tree: Tree, _: Groups) -> None:
    del _at(tree, _SPMA)["filter"]


def _lists(tree: Tree, said: Groups) -> list[list[str]]:
    """Return the lists of a profile that a solution names, which may be written in several places."""
    spma = _at(tree, _SPMA)
    match said["list"]:
        case "the excludes":
            return [spma.setdefault("excludes", []), spma.get("main_options", {}).get("exclude", [])]
        case "the whitelist":
            return [spma.setdefault("whitelist", [])]
        case "policy.unwanted" | "policy.protected" as name:
            return [_at(tree, _POLICY).setdefault(name.partition(".")[2], [])]
        case name:
            return [tree["software"]["repositories"][int(said["path"].rpartition("/")[2])][name.split()[0]]]


def _members(tree: Tree, place: str) -> list[str]:
    """Return the members of an alias of the profile."""
    definition = _at(tree, ("software", "components", "yumbridge", "aliases", place.rpartition("aliases.")[2]))
    members: list[str] = next(definition[key] for key in ("all_of", "any_of") if key in definition)
    return members


def _names(text: str) -> list[str]:
    return re.split(r", | and ", text)


def _keys(path: str) -> tuple[str, ...]:
    return tuple(path.strip("/").split("/"))


def _entry(path: str) -> tuple[str, str, str]:
    """Return package, version and arch of a path of the list, as they are escaped; what it has not is empty."""
    _, _, package, *rest = _keys(path)
    return package, rest[0] if rest else "", rest[2] if len(rest) > 2 else ""


def _at(tree: Tree, keys: tuple[str, ...]) -> Tree:
    for key in keys:
        tree = tree.setdefault(key, {})
    return tree


def _drop(tree: Tree, keys: tuple[str, ...]) -> Any:  # noqa: ANN401 - a foreign document
    """Remove what is at `keys`, with what holds nothing else, and return it."""
    above = [tree]
    for key in keys[:-1]:
        above.append(above[-1][key])
    gone = above[-1].pop(keys[-1])
    for depth in range(len(keys) - 2, 1, -1):
        if not above[depth + 1]:
            del above[depth][keys[depth]]
    return gone


_EDITS: Final[tuple[tuple[str, Callable[[Tree, Groups], None]], ...]] = (
    (r"take (?:the module )?\S+ off the list \((?P<path>/software/\S+)\)", _take_off),
    (r"take (?P<name>\S+) out of the alias \S+ \((?P<path>.+)\)", _take_out),
    (r"list \S+ without (?P<what>the (?:version|arch|repository) .+) \((?P<path>\S+)\)", _without),
    (r"list (?:(?P<name>\S+) )?(?P<new>\S+) instead of (?P<old>\S+) \((?P<path>.+)\)", _instead),
    (r"(?P<verb>enable|disable) the module stream (?P<new>\S+)(?: instead of .+)?", _stream),
    (r"drop (?P<names>.+) from (?P<list>excludepkgs) of repository \S+ \((?P<path>\S+)\)", _drop_entries),
    (r"add (?P<names>.+) to (?P<list>includepkgs) of repository \S+ \((?P<path>\S+)\)", _add_entries),
    (rf"drop (?P<names>.+) from (?P<list>the excludes|the whitelist|policy\.\w+)(?:{_TOO})?", _drop_entries),
    (r"add (?P<names>.+) to (?P<list>policy\.\w+)", _add_entries),
    (r"add (?P<names>.+) to the list", _add_lines),
    (r"let older builds do: main_options\.best = 0", _no_best),
    (rf"drop the filter(?:{_TOO})?", _no_filter),
)
