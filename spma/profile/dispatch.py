"""What ncm-ncd makes of the components of a profile: the order of their run, or why it runs none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from spma.errors import ProfileError
from spma.profile.components import Component, ComponentRemark, Dependency, RemarkKind, read_components
from spma.profile.reading import COMPONENTS, software_of
from spma.profile.run_order import cycles, run_order
from spma.profile.tree import Tree, below, described

PACKAGER: Final = "packager"
"""The component alias: the name to depend on, whichever component does the job."""
SPMA: Final = "spma"
"""The component that does it in Quattor, and that its templates depend on."""

_PACKAGERS: Final = frozenset({"spma", "yumbridge"})
"""The modules that change packages."""
_INSTALLER: Final = ("system", "aii", "osinstall", "ks")
_CYCLES: Final = 100
_NAMED: Final = 6


class ComponentRun(msgspec.Struct, frozen=True, kw_only=True):
    """One run of a component."""

    name: str
    module: str
    packager: bool
    pre: tuple[str, ...]
    post: tuple[str, ...]


class Dispatch(msgspec.Struct, frozen=True, kw_only=True):
    """What ncm-ncd makes of a profile when it is told to run everything.

    `order` is that of the run, and empty when there are problems: each of them lets ncm-ncd run nothing. `problems`
    and `warnings` are sorted. `complete` is false when there are more cycles than are told.
    """

    order: tuple[ComponentRun, ...]
    problems: tuple[ComponentRemark, ...]
    warnings: tuple[ComponentRemark, ...]
    complete: bool


def is_packager(component: Component) -> bool:
    """Tell whether a component is the one that changes packages, by its alias or by its module."""
    return component.name == PACKAGER or component.module.partition("::")[0] in _PACKAGERS


def dispatch_of(tree: Tree) -> Dispatch:
    """Return what `ncm-ncd --configure --all` makes of a profile, whole or its /software subtree.

    Raises ProfileError when it has no dict of components. Source: ncm-ncd, NCD::ComponentProxyList.
    """
    components, problems = read_components(_components_of(tree))
    active = {name: each for name, each in components.items() if each.active}
    followers = _followers(active)
    found = cycles(followers, _CYCLES + 1)
    problems = (*problems, *_dangling(components), *map(_cycle, found[:_CYCLES]))
    if not active:
        text = "no component is active: ncm-ncd ends with an error"
        problems = (*problems, ComponentRemark(COMPONENTS, RemarkKind.NOTHING_ACTIVE, text))
    warnings = (
        *_without_flag(components),
        *_done_twice(active),
        *_beside_the_packager(active),
        *_at_installation(tree, components),
    )
    return Dispatch(
        order=() if problems else tuple(_step(active[name]) for name in run_order(followers)),
        problems=tuple(sorted(problems)),
        warnings=tuple(sorted(warnings)),
        complete=len(found) <= _CYCLES,
    )


def _components_of(tree: Tree) -> dict[str, Tree]:
    components = software_of(tree).get("components")
    if isinstance(components, dict):
        return components
    text = "missing" if components is None else f"want a dict, got {described(components)}"
    raise ProfileError("profile has no components", [f"{COMPONENTS}: {text}"])


def _step(component: Component) -> ComponentRun:
    return ComponentRun(
        name=component.name,
        module=component.module,
        packager=is_packager(component),
        pre=tuple(sorted({each.name for each in component.pre})),
        post=tuple(sorted({each.name for each in component.post})),
    )


def _followers(active: Mapping[str, Component]) -> dict[str, set[str]]:
    """Return who comes after whom, among active components."""
    after: dict[str, set[str]] = {name: set() for name in active}
    for name, component in active.items():
        for each in component.pre:
            if each.name in active:
                after[each.name].add(name)
        after[name].update(each.name for each in component.post if each.name in active)
    return after


def _dangling(components: Mapping[str, Component]) -> Iterator[ComponentRemark]:
    """Yield each dependency that names no active component."""
    packagers = [each.name for each in components.values() if each.active and is_packager(each)]
    for component in components.values():
        for each in (*component.pre, *component.post):
            named = components.get(each.name)
            if named is None or not named.active:
                yield _dangling_name(each, named, packagers)


def _dangling_name(dependency: Dependency, named: Component | None, packagers: list[str]) -> ComponentRemark:
    name = dependency.name
    if named is None:
        kind, text = RemarkKind.MISSING, f"there is no component {described(name)}"
    else:
        kind = RemarkKind.INACTIVE
        text = f"component {name} {'is not active' if named.active is False else 'does not say whether it is active'}"
    if name in {PACKAGER, SPMA}:
        text += f"; {_advice(name, packagers)}"
    return ComponentRemark(dependency.path, kind, text)


def _advice(name: str, packagers: list[str]) -> str:
    """Return what to do of a dependency on the packager that dangles."""
    if not packagers:
        return "no component here changes packages"
    here = "the packager here" if name == SPMA else "what changes packages here"
    return f"{here} is {' and '.join(packagers)}: name that, or include components/packager/config last"


def _cycle(names: tuple[str, ...]) -> ComponentRemark:
    text = f"a cycle of dependencies: {' before '.join((*names, names[0]))}"
    return ComponentRemark(below(COMPONENTS, names[0]), RemarkKind.CYCLE, text, names)


def _without_flag(components: Mapping[str, Component]) -> Iterator[ComponentRemark]:
    for name, component in components.items():
        if component.active is None:
            text = "does not say whether it is active: ncm-ncd warns, and does not run it"
            yield ComponentRemark(below(COMPONENTS, name), RemarkKind.NO_FLAG, text)


def _done_twice(active: Mapping[str, Component]) -> Iterator[ComponentRemark]:
    """Yield what several active components do, each for itself."""
    of_modules: dict[str, list[Component]] = {}
    for component in active.values():
        # The first run of a staged install has a filter, and does another job.
        if is_packager(component) and not component.filtered:
            of_modules.setdefault(PACKAGER, []).append(component)
        elif not is_packager(component):
            of_modules.setdefault(component.module, []).append(component)
    for module, members in of_modules.items():
        if len(members) == 1:
            continue
        who = _listed([each.name for each in members])
        what = "changes packages" if is_packager(members[0]) else f"runs the module {module}"
        text = f"each of {who} {what}: the job is done {len(members)} times in a run"
        yield ComponentRemark(COMPONENTS, RemarkKind.TWICE, text)


def _beside_the_packager(active: Mapping[str, Component]) -> Iterator[ComponentRemark]:
    """Yield who depends on spma, though there is the component alias."""
    if not {PACKAGER, SPMA} <= active.keys():
        return
    names = [
        name
        for name, component in active.items()
        if name not in {PACKAGER, SPMA} and any(each.name == SPMA for each in (*component.pre, *component.post))
    ]
    if names:
        text = f"on spma, not on the packager, depend {_listed(names)}: they need not run after the packager"
        yield ComponentRemark(COMPONENTS, RemarkKind.BESIDE, text)


def _at_installation(tree: Tree, components: Mapping[str, Component]) -> Iterator[ComponentRemark]:
    """Yield that AII installs the host, and cannot. Source: aii, aii-ks, ks.pm (ncm-ncd --configure spma)."""
    for key in _INSTALLER:
        tree = tree.get(key) if isinstance(tree, dict) else None
    if tree is not None and not (SPMA in components and components[SPMA].active):
        text = "AII ends an installation with ncm-ncd --configure spma, which fails: component spma is not active"
        yield ComponentRemark("/" + "/".join(_INSTALLER), RemarkKind.INSTALLER, text)


def _listed(names: list[str]) -> str:
    """Return the first few names, and how many more there are."""
    if len(names) <= _NAMED + 1:
        return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
    return f"{', '.join(names[:_NAMED])} and {len(names) - _NAMED} more"
