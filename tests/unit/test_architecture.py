"""The rules of the house that ruff and the import contracts of pyproject.toml cannot express.

Each rule reads one module and yields what is wrong, with its place. Each is shown to fail on a
sample that breaks it, so that a rule that matches nothing is noticed.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath
from typing import Final, TypeAlias

import pytest

from tests.support.project import ROOT

PRODUCT: Final = ("yumbridge", "snapshots", "spma")
AROUND_IT: Final = ("bench", "containers", "demo", "tests")
WORKER: Final = PurePosixPath("yumbridge/engine/worker")

MAX_MODULE_LINES: Final = 400
MAX_FUNCTION_LINES: Final = 50
MAX_PARAMETERS: Final = 5
MAX_BROAD_EXCEPTS: Final = 2
BINDINGS: Final = frozenset({"dnf", "hawkey", "libdnf", "libdnf5", "rpm"})
DRAWERS: Final = re.compile(r"utils?|common|helpers?|misc|core|base|managers?|handlers?")

FunctionNode: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Module:
    """A Python file, its path relative to the root of the tree."""

    path: PurePosixPath
    source: str
    tree: ast.Module

    @property
    def is_in_worker(self) -> bool:
        return self.path.is_relative_to(WORKER)

    @property
    def is_command_line(self) -> bool:
        return self.path.is_relative_to("spma/cli") or self.path == PurePosixPath("spma/__main__.py")

    def functions(self) -> Iterator[FunctionNode]:
        for node in ast.walk(self.tree):
            if isinstance(node, FunctionNode):
                yield node

    def place(self, node: ast.stmt | ast.expr | ast.ExceptHandler) -> str:
        return f"{self.path}:{node.lineno}"


Rule: TypeAlias = Callable[[Module], Iterable[str]]


def module_of(path: str, source: str) -> Module:
    return Module(PurePosixPath(path), source, ast.parse(source))


@cache
def modules_below(*folders: str) -> tuple[Module, ...]:
    return tuple(
        module_of(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*.py"))
    )


def parameters(function: FunctionNode | ast.Lambda) -> list[str]:
    """Return the names of the parameters that a caller passes."""
    arguments = function.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return [each.arg for each in named if each.arg not in {"self", "cls"}]


def imported_packages(module: Module) -> Iterator[tuple[ast.stmt, str]]:
    """Yield each import statement with the top-level package it names."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node, alias.name.partition(".")[0]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node, node.module.partition(".")[0]


# --- the rules ----------------------------------------------------------------------------------


def modules_are_short(module: Module) -> Iterator[str]:
    lines = module.source.count("\n")
    if lines > MAX_MODULE_LINES:
        yield f"{module.path}: {lines} lines"


def functions_are_short(module: Module) -> Iterator[str]:
    for function in module.functions():
        lines = (function.end_lineno or function.lineno) - function.lineno + 1
        if ast.get_docstring(function, clean=False) is not None:
            docstring = function.body[0]
            lines -= (docstring.end_lineno or docstring.lineno) - docstring.lineno + 1
        if lines > MAX_FUNCTION_LINES:
            yield f"{module.place(function)} {function.name}: {lines} lines"


def functions_take_few_parameters(module: Module) -> Iterator[str]:
    if module.is_in_worker or module.is_command_line:
        return
    for function in module.functions():
        count = len(parameters(function))
        if count > MAX_PARAMETERS:
            yield f"{module.place(function)} {function.name}: {count} parameters"


def a_dry_run_is_not_a_flag(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, FunctionNode | ast.Lambda) and "dry_run" in parameters(node):
            yield f"{module.place(node)}: plan computes, apply takes a plan"


def only_the_command_line_prints_or_exits(module: Module) -> Iterator[str]:
    if module.is_in_worker or module.is_command_line:
        return
    words = {"print", "exit", "quit", "sys.exit", "os._exit", "SystemExit"}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and (name := ast.unparse(node.func)) in words:
            yield f"{module.place(node)}: {name}"
        elif isinstance(node, ast.Raise) and node.exc and ast.unparse(node.exc) == "SystemExit":
            yield f"{module.place(node)}: SystemExit"


def the_bindings_are_imported_by_the_worker_only(module: Module) -> Iterator[str]:
    # The import contract says this of packages; this rule also reads files outside of them.
    if module.is_in_worker:
        return
    for statement, package in imported_packages(module):
        if package in BINDINGS:
            yield f"{module.place(statement)}: {package}"


def the_worker_imports_none_of_ours(module: Module) -> Iterator[str]:
    if not module.is_in_worker:
        return
    for statement, package in imported_packages(module):
        if package in PRODUCT:
            yield f"{module.place(statement)}: {package}"


def modules_are_no_drawers(module: Module) -> Iterator[str]:
    if any(DRAWERS.fullmatch(name) for name in (module.path.stem, *module.path.parent.parts)):
        yield f"{module.path}: a drawer, not a noun"


def folders_are_packages(module: Module) -> Iterator[str]:
    # A folder without __init__.py would be invisible to the import contracts.
    if not module.is_in_worker and not (ROOT / module.path.parent / "__init__.py").is_file():
        yield f"{module.path.parent}: no __init__.py"


PRODUCT_RULES: Final[tuple[Rule, ...]] = (
    modules_are_short,
    functions_are_short,
    functions_take_few_parameters,
    a_dry_run_is_not_a_flag,
    only_the_command_line_prints_or_exits,
    the_bindings_are_imported_by_the_worker_only,
    the_worker_imports_none_of_ours,
    folders_are_packages,
)


def name_of(rule: Rule) -> str:
    return rule.__name__


@pytest.mark.parametrize("rule", PRODUCT_RULES, ids=name_of)
def test_the_product_keeps(rule: Rule) -> None:
    assert [broken for module in modules_below(*PRODUCT) for broken in rule(module)] == []


def test_no_module_is_a_drawer() -> None:
    modules = modules_below(*PRODUCT, *AROUND_IT)
    assert [broken for module in modules for broken in modules_are_no_drawers(module)] == []


LONG_FUNCTION: Final = "def f():\n" + "    x = 1\n" * MAX_FUNCTION_LINES


@pytest.mark.parametrize(
    ("rule", "path", "source"),
    [
        (modules_are_short, "yumbridge/x.py", "x = 1\n" * (MAX_MODULE_LINES + 1)),
        (functions_are_short, "yumbridge/x.py", LONG_FUNCTION),
        (functions_take_few_parameters, "spma/x.py", "def f(self, a, b, c, *, d, e, g): ..."),
        (a_dry_run_is_not_a_flag, "spma/cli/x.py", "def f(*, dry_run): ..."),
        (a_dry_run_is_not_a_flag, "spma/cli/x.py", "f = lambda dry_run: 1"),
        (only_the_command_line_prints_or_exits, "yumbridge/x.py", "print('x')"),
        (only_the_command_line_prints_or_exits, "yumbridge/x.py", "import sys\nsys.exit(1)"),
        (only_the_command_line_prints_or_exits, "yumbridge/x.py", "raise SystemExit"),
        (the_bindings_are_imported_by_the_worker_only, "bench/x.py", "import dnf.cli"),
        (the_bindings_are_imported_by_the_worker_only, "spma/x.py", "from rpm import error"),
        (the_worker_imports_none_of_ours, f"{WORKER}/x.py", "def f():\n    import yumbridge.rpm"),
        (the_worker_imports_none_of_ours, f"{WORKER}/x.py", "from spma import errors"),
        (modules_are_no_drawers, "yumbridge/utils.py", ""),
        (modules_are_no_drawers, "spma/core/profile.py", ""),
        (folders_are_packages, "yumbridge/nowhere/x.py", ""),
    ],
)
def test_a_broken_rule_is_found(rule: Rule, path: str, source: str) -> None:
    assert list(rule(module_of(path, source)))


@pytest.mark.parametrize(
    ("rule", "path", "source"),
    [
        (functions_are_short, "yumbridge/x.py", LONG_FUNCTION.replace("x = 1", "'''x'''", 1)),
        (functions_take_few_parameters, "spma/cli/x.py", "def f(a, b, c, d, e, g): ..."),
        (only_the_command_line_prints_or_exits, "spma/cli/x.py", "print('x')"),
        (only_the_command_line_prints_or_exits, f"{WORKER}/x.py", "print('x')"),
        (the_bindings_are_imported_by_the_worker_only, f"{WORKER}/x.py", "import dnf"),
        (the_bindings_are_imported_by_the_worker_only, "spma/x.py", "from yumbridge import rpm"),
    ],
)
def test_what_a_rule_allows_is_not_reported(rule: Rule, path: str, source: str) -> None:
    assert list(rule(module_of(path, source))) == []


# --- over the whole tree ------------------------------------------------------------------------


def broad_excepts(module: Module) -> list[str]:
    broad = {"Exception", "BaseException"}
    places = []
    for node in ast.walk(module.tree):
        match node:
            case ast.ExceptHandler(type=None):
                places.append(module.place(node))
            case ast.ExceptHandler(type=ast.expr() as caught):
                names = caught.elts if isinstance(caught, ast.Tuple) else [caught]
                if broad & {ast.unparse(name) for name in names}:
                    places.append(module.place(node))
            case ast.Call(func=function) if ast.unparse(function).endswith("suppress"):
                if broad & {ast.unparse(argument) for argument in node.args}:
                    places.append(module.place(node))
    return places


def test_everything_is_caught_in_two_places_at_most() -> None:
    places = [place for module in modules_below(*PRODUCT) for place in broad_excepts(module)]
    assert len(places) <= MAX_BROAD_EXCEPTS, places


@pytest.mark.parametrize(
    "source",
    [
        "try: ...\nexcept: ...",
        "try: ...\nexcept Exception: ...",
        "try: ...\nexcept (OSError, BaseException): ...",
        "with contextlib.suppress(Exception): ...",
    ],
)
def test_a_broad_except_is_counted(source: str) -> None:
    assert len(broad_excepts(module_of("spma/x.py", source))) == 1


def module_names(paths: Iterable[PurePosixPath]) -> set[str]:
    """Return the names of modules and packages that a reader meets."""
    names = {part.removesuffix(".py") for path in paths for part in path.parts}
    return {name for name in names if not name.startswith("__")}


def glossary_rows(text: str) -> list[list[str]]:
    """Return the terms of each row of a glossary's table, in the spelling of modules.

    The first cell of a row holds one term, or several with commas between them.
    """
    cells = re.findall(r"^\|([^|]+)\|", text, flags=re.MULTILINE)
    return [[re.sub(r"[ -]", "_", term.strip()).lower() for term in cell.split(",")] for cell in cells[2:]]


def is_made_of(name: str, terms: set[str]) -> bool:
    """Tell whether `name` is a term, or several joined by underscores."""
    return name in terms or terms.issuperset(name.split("_"))


def test_every_module_is_a_noun_of_the_glossary() -> None:
    rows = glossary_rows((ROOT / "docs/GLOSSARY.md").read_text(encoding="utf-8"))
    terms = {term for row in rows for term in row}
    names = module_names(module.path for module in modules_below(*PRODUCT))
    assert sorted(name for name in names if not is_made_of(name, terms)) == []


def test_the_glossary_is_sorted() -> None:
    rows = glossary_rows((ROOT / "docs/GLOSSARY.md").read_text(encoding="utf-8"))
    assert rows == sorted(rows)


def test_the_glossary_is_read_by_its_first_column() -> None:
    text = "| term | meaning |\n| --- | --- |\n| EVR, boot plan | what | nothing |\n"
    assert glossary_rows(text) == [["evr", "boot_plan"]]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("boot_plan", True), ("dnf4_closure", True), ("closure", True), ("dnf4_stuff", False)],
)
def test_a_module_may_join_two_nouns(name: str, expected: bool) -> None:
    assert is_made_of(name, {"boot_plan", "dnf4", "closure"}) is expected


def test_module_names_leave_out_only_what_python_names_itself() -> None:
    paths = [PurePosixPath("spma/cli/__init__.py"), PurePosixPath("spma/profile/tree.py")]
    assert module_names(paths) == {"spma", "cli", "profile", "tree"}
