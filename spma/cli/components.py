"""What the verbs of `component` do."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, Literal

import msgspec

from spma.cli.console import Console
from spma.cli.exits import Exit
from spma.cli.inputs import profile_source
from spma.cli.options import Settings
from spma.cli.text import wrapped
from spma.profile.components import ComponentRemark
from spma.profile.delivery import read_tree
from spma.profile.dispatch import ComponentRun, dispatch_of
from yumbridge.count import counted

_WIDEST_NAME: Final = 30


class ComponentCheck(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What ncm-ncd makes of the components of a profile."""

    document: Literal["yumbridge-component-check"] = "yumbridge-component-check"
    version: str = "1.0"
    order: tuple[ComponentRun, ...]
    problems: tuple[ComponentRemark, ...]
    warnings: tuple[ComponentRemark, ...]
    complete: bool


def check_verb(settings: Settings, path: Path | None) -> None:
    """Print the order of the components of a profile; end with 10 when there is none."""
    found = dispatch_of(read_tree(profile_source(path, settings).data))
    checked = ComponentCheck(
        order=found.order, problems=found.problems, warnings=found.warnings, complete=found.complete
    )
    settings.console.tell(checked, lambda: "\n".join(_lines(checked, settings.console)))
    if checked.problems:
        sys.exit(Exit.INVALID)


def _lines(checked: ComponentCheck, console: Console) -> Iterator[str]:
    yield from _entitled("Problems", checked.problems, console)
    if not checked.complete:
        yield from ("There are more cycles than these.", "")
    yield from _entitled("Warnings", checked.warnings, console)
    if checked.problems:
        yield f"{counted(len(checked.problems), 'problem')}: ncm-ncd would run nothing."
        return
    yield console.bold("Order")
    places = len(str(len(checked.order)))
    widest = min(max(len(step.name) for step in checked.order), _WIDEST_NAME)
    for place, step in enumerate(checked.order, start=1):
        line = f"{place}  {step.name:<{widest}}  {_role(step)}"
        yield from wrapped(line.rstrip(), " " * (2 + places - len(str(place))), console)
    yield ""
    yield f"Good: ncm-ncd runs {counted(len(checked.order), 'component')}."


def _role(step: ComponentRun) -> str:
    words = ["the packager"] if step.packager else []
    if step.module != step.name:
        words.append(f"by the module {step.module}")
    return ", ".join(words)


def _entitled(title: str, remarks: Sequence[ComponentRemark], console: Console) -> Iterator[str]:
    """Yield every remark below a heading, and an empty line: of what stops a whole run none is left out."""
    if remarks:
        yield console.bold(title)
        for remark in remarks:
            yield from wrapped(str(remark), "  ", console)
        yield ""
