"""The pages for who comes from ncm-spma are complete, and name tests that exist."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from functools import cache
from typing import Final

import msgspec
import pytest

from spma.profile.options import MainOptions, SpmaOptions
from spma.profile.plugins import Plugins
from tests.support.command import environment
from tests.support.consoles import Shell, agrees, steps
from tests.support.project import ROOT
from tests.support.rpms import Rpm
from tests.support.world import World

DEFECTS: Final = ROOT / "docs/reference/spma-defects.md"
MIGRATE: Final = ROOT / "docs/how-to/migrate"
SCENARIOS: Final = ROOT / "tests/scenario"
OF_DEFECTS: Final = "test_spma_defects.py"

# What only the text of dnf.conf can say has no name of its own in a profile.
_FROM_TEXT: Final = {"weak_deps": "install_weak_deps", "allow_vendor_change": "allow_vendor_change", "proxy": "proxy"}
_SPELLED: Final = {"timeout_s": "timeout", "product_id": "product-id", "subscription_manager": "subscription-manager"}


def rows() -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield the number of each defect and the tests that it names, each as file::test."""
    for line in DEFECTS.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if cells[0].isdigit():
            named = re.findall(r"`(?:([\w.]+)::)?(\w+)`", cells[-1])
            yield int(cells[0]), tuple(f"{file or OF_DEFECTS}::{test}" for file, test in named)


@cache
def named_in(file: str) -> frozenset[str]:
    tree = ast.parse((SCENARIOS / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_every_known_defect_has_a_row() -> None:
    assert [number for number, _ in rows()] == list(range(1, 17))


@pytest.mark.parametrize(("number", "tests"), tuple(rows()))
def test_a_row_names_tests_that_exist(number: int, tests: tuple[str, ...]) -> None:
    assert tests, f"row {number} names no test"
    assert [name for name in tests if name.partition("::")[2] not in named_in(name.partition("::")[0])] == []


def test_every_test_of_a_defect_is_in_a_row() -> None:
    named = {test for _, tests in rows() for test in tests}
    of_defects = {f"{OF_DEFECTS}::{name}" for name in named_in(OF_DEFECTS) if name.startswith("test_")}
    assert of_defects - named == set()


def test_every_option_has_a_row() -> None:
    text = (MIGRATE / "options.md").read_text(encoding="utf-8")
    names = {field.name for kind in (SpmaOptions, MainOptions, Plugins) for field in msgspec.structs.fields(kind)}
    spelled = {_SPELLED.get(name, _FROM_TEXT.get(name, name)) for name in names}
    assert {"proxyrandom", "keepcache", "quattor_os_file"} <= spelled
    assert [name for name in sorted(spelled) if not re.search(rf"[`/]{name}`", text) and f"## {name}" not in text] == []


def test_every_field_of_a_repository_has_a_row() -> None:
    text = (MIGRATE / "repositories.md").read_text(encoding="utf-8")
    source = (ROOT / "spma/profile/repositories.py").read_text(encoding="utf-8")
    read = set(re.findall(r"(?:fields|protocol)\.(?:boolean|integer|words|texts|text|each)\(\"(\w+)\"", source))
    assert {"enabled", "clientkey", "owner", "protocols"} <= read
    assert [name for name in sorted(read) if f"`{name}`" not in text and f"/{name}`" not in text] == []


@pytest.mark.skipif(os.getuid() != 0, reason="rpm changes an install root only as root")
def test_what_changes_is_found_out_as_described(world: World) -> None:
    old = Rpm("httpd", "2.4-1"), Rpm("openssl", "3.0-2"), Rpm("telnet", "0.17-1"), Rpm("hp-health")
    base = world.repository(
        "base",
        *(Rpm("httpd", evr) for evr in ("2.4-1", "2.4-2")),
        *(Rpm("openssl", evr) for evr in ("3.0-1", "3.0-2")),
        *(Rpm("glibc", "2.34-1", arch=arch) for arch in ("i686", "x86_64")),
    )
    world.root(*old, name="web01")
    world.profile({"httpd": {}, "openssl": {"3.0-1": {}}, "glibc.i686": {}}, [base], spma={"pkgpaths": []})
    path = {"YUMBRIDGE": str(ROOT), "PATH": f"{ROOT}/.venv/bin:{os.environ['PATH']}"}
    shell = Shell(world.path, environment() | path)
    tried = [(step, shell.run(step.command)) for step in steps((MIGRATE.parent / "migrate.md").read_text("utf-8"))]
    shell.close()
    assert len(tried) == 4
    assert [("$ " + step.command, *printed) for step, printed in tried if not agrees(step.printed, printed)] == []
