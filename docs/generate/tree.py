"""Which pages are generated, and where they lie."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path, PurePosixPath
from pkgutil import iter_modules
from typing import Final, TypeAlias

Pages: TypeAlias = dict[PurePosixPath, str]

ROOT: Final = Path(__file__).resolve().parents[2]
# Where everything is generated: a file that no module answers for is left over from an earlier time.
_GENERATED_ONLY: Final = ("completion/*", "docs/reference/schema/*.json", "man/*.1")


def generators() -> dict[str, Callable[[], Pages]]:
    """Return what writes pages, by the name of its module, sorted."""
    names = sorted(found.name for found in iter_modules([str(Path(__file__).parent)]))
    modules = {name: import_module(f"docs.generate.{name}") for name in names if name != "__main__"}
    return {name: module.pages for name, module in modules.items() if hasattr(module, "pages")}


def expected_pages() -> Pages:
    """Return the content of every generated page by its path below the project, sorted."""
    pages: Pages = {}
    for generate in generators().values():
        pages.update(generate())
    return dict(sorted(pages.items()))


def leftovers() -> tuple[PurePosixPath, ...]:
    """Return the files that only a generator writes and that none writes any more, sorted."""
    present = {PurePosixPath(path.relative_to(ROOT)) for glob in _GENERATED_ONLY for path in ROOT.glob(glob)}
    return tuple(sorted(present - expected_pages().keys()))
