"""What is written from the code is what the code says now, and leaves nothing out."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import PurePosixPath

import msgspec
import pytest

from docs.generate import commands, documents, manuals
from docs.generate.documents import DOCUMENTS, document_name, documented_types, section_name
from docs.generate.meanings import FIELDS, STEPS, VALUES
from docs.generate.tree import ROOT, generators, leftovers
from docs.generate.verbs import Verb, verbs
from yumbridge.plan.closure import EdgeKind


def written(path: PurePosixPath) -> str:
    page = ROOT / path
    return page.read_text(encoding="utf-8") if page.is_file() else ""


@pytest.mark.parametrize("name", generators())
def test_generated_pages_are_current(name: str) -> None:
    outdated = [path for path, content in generators()[name]().items() if written(path) != content]
    assert outdated == [], "run .venv/bin/python -m docs.generate"


def test_nothing_generated_is_left_over() -> None:
    assert leftovers() == ()


@pytest.mark.parametrize("verb", verbs(), ids=lambda verb: verb.slug)
def test_every_verb_is_documented_with_every_option_and_an_example(verb: Verb) -> None:
    (page,) = commands.pages().values()
    section = re.split(rf"^## {re.escape(verb.name)}$", page, flags=re.MULTILINE)[1].partition("\n## ")[0]
    assert [row for row in verb.options if f"| `{row.names}` | {row.does} |" not in section] == []
    assert [row for row in verb.options if not row.does] == []
    assert verb.examples or verb.children
    assert [example for example in verb.examples if example not in section] == []
    assert PurePosixPath(f"man/{verb.slug}.1") in manuals.pages()


def test_what_an_option_is_without_is_told() -> None:
    (mirror,) = (verb for verb in verbs() if verb.name == "yumbridge snapshot mirror")
    told = {row.names: row.does for row in mirror.options}
    assert told["--workers N"] == "Download N at once. Default: 4."
    assert told["--metadata-only"] == "Leave the rpms where they are, from now on."


@pytest.mark.skipif(shutil.which("man") is None or shutil.which("groff") is None, reason="no man and groff")
@pytest.mark.parametrize("path", manuals.pages(), ids=str)
def test_a_manual_page_has_no_warnings(path: PurePosixPath) -> None:
    command = ("man", "--warnings", "--local-file", str(ROOT / path))
    shown = subprocess.run(command, capture_output=True, check=True, encoding="utf-8", timeout=60)
    assert shown.stderr == ""
    assert "SYNOPSIS" in shown.stdout


def test_every_field_and_value_has_a_meaning_and_nothing_else_has() -> None:
    structs, enums = documented_types()
    fields = {
        (each.__name__, field)
        for kind in structs
        for each in kind.__mro__
        for field in getattr(each, "__annotations__", {})
        if issubclass(each, msgspec.Struct) and not field.startswith("_")
    }
    values = {(enum.__name__, str(member.value)) for enum in enums for member in enum}
    assert {(name, field) for name, meanings in FIELDS.items() for field in meanings} == fields
    assert {(name, value) for name, meanings in VALUES.items() for value in meanings} == values


@pytest.mark.parametrize("kind", [kind for kind, _ in DOCUMENTS], ids=section_name)
def test_a_schema_describes_every_field(kind: type[msgspec.Struct]) -> None:
    name = section_name(kind)
    schema = json.loads(documents.pages()[PurePosixPath(f"docs/reference/schema/{name}.json")])
    described = schema["$defs"][kind.__name__]["properties"]
    assert set(described) == {field.encode_name for field in msgspec.structs.fields(kind)}
    fields = [field for each in schema["$defs"].values() for field in each.get("properties", {}).values()]
    assert [field for field in fields if not field.get("description")] == []


def test_every_document_of_the_product_is_documented() -> None:
    paths = [path for folder in ("spma", "snapshots", "yumbridge") for path in (ROOT / folder).rglob("*.py")]
    sources = [path.read_text(encoding="utf-8") for path in paths]
    named = {name for source in sources for name in re.findall(r'document: Literal\["([\w-]+)"\]', source)}
    assert named == {document_name(kind) for kind, _ in DOCUMENTS}


def test_every_step_of_a_chain_is_documented() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "yumbridge/plan").glob("*.py")]
    kinds = [text for source in sources for text in re.findall(r"Why\(kind=([^,)]+)", source)]
    literal = {kind for text in kinds for kind in re.findall(r'"([\w-]+)"', text)}
    edges = {kind.value for kind in EdgeKind}
    assert {"profile", "not-in-profile"} <= literal
    assert {kind for kind, *_ in STEPS} == literal | edges
