"""The pages of the reference that are written by hand say what the code says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import msgspec
import pytest

import snapshots.errors
import spma.errors
import yumbridge.errors
from docs.generate.verbs import verbs
from snapshots.choice.recipe import AdvisoryRules, PackageRules, Recipe, read_recipe
from snapshots.choice.verdict import Reason
from snapshots.errors import SnapshotError
from snapshots.storage.store import INDEX_FOLDER, MARKER, Store
from spma.cli.exits import MEANINGS, exit_of
from spma.errors import SpmaError
from tests.support.project import ROOT
from yumbridge.config import SYSTEM_FILE, Layer, PolicyOverrides, read_configuration
from yumbridge.desired.policy import Policy
from yumbridge.engine.child import COMMAND_VARIABLE, INTERPRETER_VARIABLE, INTERPRETERS
from yumbridge.errors import BridgeError
from yumbridge.plan.document import KeptReason
from yumbridge.run.state import StateFolder

SOURCES: Final = tuple(
    path.read_text(encoding="utf-8")
    for folder in ("spma", "snapshots", "yumbridge")
    for path in sorted((ROOT / folder).rglob("*.py"))
)
READ_FROM_ENVIRONMENT: Final = re.compile(r'environ(?:\.get\(|\[)"(\w+)"|"(\w+)" (?:not )?in os\.environ')


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def rows(text: str, heading: str = "") -> dict[str, list[str]]:
    """Return the rows of the tables below a heading: the first cell, without ticks, and the others."""
    section = text if not heading else text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line.strip("|").split(" | ") for line in section.splitlines() if line.startswith("|")]
    return {first.strip("` "): [cell.strip() for cell in others] for first, *others in lines}


def test_every_exit_code_is_documented_as_it_is_meant() -> None:
    text = page("reference/exit-codes.md").partition("\n## ")[0]
    documented = {code: cells[0] for code, cells in rows(text).items() if code.isdigit()}
    assert documented == {str(int(code)): meaning for code, meaning in MEANINGS.items()}


def test_every_kind_of_error_is_documented_with_its_code() -> None:
    table = rows(page("reference/exit-codes.md"), "Kinds of errors")
    documented = {kind.strip("` "): cells[0] for kinds, cells in table.items() for kind in kinds.split(",")}
    classes = [
        each
        for module in (spma.errors, snapshots.errors, yumbridge.errors)
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, (BridgeError, SnapshotError, SpmaError))
    ]
    codes = {each.kind: str(int(exit_of(each.__new__(each)))) for each in classes}
    del codes["failure"]
    assert {kind: documented.get(kind) for kind in codes} == codes


def test_every_key_of_the_configuration_is_documented() -> None:
    text = page("reference/configuration.md")
    keys = {name for name in rows(text, "Keys") if name not in {"key", "---"}}
    assert keys == {field.name for field in msgspec.structs.fields(Layer)}


def test_every_key_of_the_policy_is_documented_with_its_default() -> None:
    table = rows(page("reference/configuration.md"), "Policy")
    spelled = {(): "none", True: "true", False: "false", None: "null"}
    defaults = {
        field.name: spelled[value] if (value := getattr(Policy(), field.name)) in spelled else str(value)
        for field in msgspec.structs.fields(PolicyOverrides)
    }
    assert {name: cells[1] for name, cells in table.items() if name not in {"key", "---"}} == defaults


def test_the_example_of_a_configuration_is_one(tmp_path: Path) -> None:
    example = re.findall(r"^```yaml\n(.*?)^```", page("reference/configuration.md"), re.MULTILINE | re.DOTALL)
    path = tmp_path / SYSTEM_FILE
    path.parent.mkdir(parents=True)
    # Those of aliases and of the engine are parts of one.
    for text in reversed(example):
        path.write_text(text, encoding="utf-8")
        # The engine is not chosen by the files of an image.
        read = read_configuration(tmp_path, path)
        assert read.aliases or read.engine.command
    policy = read_configuration(tmp_path).applied_to(Policy())
    assert policy.removal_limit == 200
    assert {field.name for field in msgspec.structs.fields(PolicyOverrides)} <= set(re.findall(r"\w+", example[0]))


def test_every_file_of_the_state_is_documented() -> None:
    text = page("reference/state.md")
    folder = StateFolder(Path("/"))
    properties = [name for name, value in vars(StateFolder).items() if isinstance(value, property)]
    paths = [getattr(folder, name) for name in properties]
    assert folder.lock in paths
    assert [path for path in paths if f"`{path}`" not in text and f"`{path.name}`" not in text] == []


def test_every_environment_variable_is_documented() -> None:
    text = page("reference/state.md")
    read = {name for each in SOURCES for pair in READ_FROM_ENVIRONMENT.findall(each) for name in pair if name}
    names = read | {INTERPRETER_VARIABLE, COMMAND_VARIABLE}
    assert {"NO_COLOR", "XDG_CACHE_HOME"} <= names
    assert [name for name in (*sorted(names), *INTERPRETERS) if f"`{name}`" not in text] == []


def test_every_reason_to_stay_is_explained() -> None:
    explained = set(rows(page("concepts.md"), "What stays")) - {"reason", "---"}
    assert explained == {reason.value for reason in KeptReason}


RECIPE: Final[dict[str, type[msgspec.Struct]]] = {
    "Keys": Recipe,
    "Advisories": AdvisoryRules,
    "Packages": PackageRules,
}


@pytest.mark.parametrize("heading", RECIPE)
def test_every_key_of_a_recipe_is_documented_with_its_option(heading: str) -> None:
    (cut,) = (verb for verb in verbs() if verb.name == "yumbridge snapshot cut")
    options = {option for row in cut.options for option in re.findall(r"--[a-z-]+", row.names)}
    table = {key: cells[0].strip("` ") for key, cells in rows(page("reference/recipe.md"), heading).items()}
    keys = {field.name for field in msgspec.structs.fields(RECIPE[heading])}
    assert table.keys() - {"key", "---"} == keys
    assert [option for key, option in table.items() if key in keys and option and option not in options] == []


def test_the_example_of_a_recipe_is_one() -> None:
    (example,) = re.findall(r"^```yaml\n(.*?)^```", page("reference/recipe.md"), re.MULTILINE | re.DOTALL)
    recipe = read_recipe(example, "the example")
    assert recipe.advisories is not None
    for kind in RECIPE.values():
        assert {field.name for field in msgspec.structs.fields(kind)} <= set(re.findall(r"\w+", example))


# Two verdicts of one rule, what no rule says, and what comes after the rules.
SAME_OR_LATER: Final = {"advisory-not-selected", "offered", "not-newest", "closure"}


def test_every_rule_of_a_recipe_is_documented() -> None:
    section = page("reference/recipe.md").partition("\n## Which rule wins\n")[2]
    numbered = re.findall(r"^\d\. (.*)$", section, re.MULTILINE)
    assert len(numbered) == len([reason for reason in Reason if reason.value not in SAME_OR_LATER])


def test_every_file_of_a_store_is_documented() -> None:
    text = page("reference/store.md")
    store = Store(Path("/store"))
    paths = (store.lock, store.pool, store.snapshot("NAME"), store.ref("REF"), store.mirror("REPO_ID"))
    files = (store.recorded_lock("NAME"), store.first_seen("REPO_ID"), store.path / MARKER)
    assert [path for path in (*paths, *files) if f"`{path.relative_to(store.path)}" not in text] == []
    assert f"/{INDEX_FOLDER}/`" in text
