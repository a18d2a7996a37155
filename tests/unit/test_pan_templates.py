"""What is shipped for a site's template library."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path
from types import UnionType
from typing import Final, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import UnsetType

from tests.support.project import ROOT
from yumbridge.condition.condition import Condition
from yumbridge.condition.reading import MAX_MINUTES
from yumbridge.config import Layer, PolicyOverrides
from yumbridge.desired.alias import AliasDefinition, When
from yumbridge.desired.hold import Hold, HoldExceptions
from yumbridge.desired.policy import BootMethod

LIBRARY: Final = ROOT / "spma/quattor/pan"
TEMPLATES: Final = (
    "components/packager/config",
    "components/packager/named/packager",
    "components/packager/named/spma",
    "components/packager/schema",
    "components/yumbridge/config",
    "components/yumbridge/schema",
)
OTHER_FILES: Final = ("NCM/Component/yumbridge.pm", "logrotate/yumbridge", "systemd/yumbridge-boot.service")
SCHEMA: Final = LIBRARY / "components/yumbridge/schema.pan"
KINDS: Final = {
    bool: "boolean",
    int: "long(0..)",
    str: "string",
    tuple[str, ...]: "string[]",
    BootMethod: f"string with match(SELF, '^({'|'.join(BootMethod)})$')",
}


def test_every_template_says_the_name_by_which_pan_finds_it() -> None:
    found = {
        path.relative_to(LIBRARY).with_suffix("").as_posix(): path for path in LIBRARY.rglob("*") if path.is_file()
    }

    assert tuple(sorted(found)) == TEMPLATES
    assert [name for name, path in found.items() if f" template {name};\n" not in path.read_text("utf-8")] == []


def test_an_annotation_ends_where_it_seems_to() -> None:
    """pan ends it at the first closing brace, whatever it means in the text."""
    for path in LIBRARY.rglob("*.pan"):
        for annotation in path.read_text(encoding="utf-8").split("@{")[1:]:
            assert annotation.partition("}")[0].endswith("\n"), path


def test_the_templates_travel_in_the_wheel(tmp_path: Path) -> None:
    command = (sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path))
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (wheel,) = tmp_path.glob("*.whl")

    packed = zipfile.ZipFile(wheel).namelist()

    assert [name for name in TEMPLATES if f"spma/quattor/pan/{name}.pan" not in packed] == []
    assert [name for name in OTHER_FILES if f"spma/quattor/{name}" not in packed] == []


def records() -> dict[str, dict[str, tuple[str, str]]]:
    """Return the keys of each record of the schema, each with its mark ("?" if it may be missing) and its type."""
    text = SCHEMA.read_text(encoding="utf-8")
    found = re.findall(r"^type (\w+) = \{\n(.*?)^\};", text, re.MULTILINE | re.DOTALL)
    line = re.compile(r"^    '(\w+)' ([?:]) (.+)$", re.MULTILINE)
    return {name: {key: (mark, kind) for key, mark, kind in line.findall(body)} for name, body in found}


def checked_keys(what: str) -> set[str]:
    """Return the keys that the schema's functions let a dict have, which messages call `what`."""
    text = SCHEMA.read_text(encoding="utf-8")
    (keys,) = re.findall(rf"yumbridge_has_only\([^(]+, list\(([^)]*)\), '{what}'\)", text)
    return set(re.findall(r"'(\w+)'", keys))


def names(kind: type[msgspec.Struct]) -> set[str]:
    return {field.encode_name for field in msgspec.structs.fields(kind)}


def pan_kind(annotation: object) -> str:
    """Return the type of pan for the annotation of a field, whatever says that it may be missing left out."""
    members = [each for each in get_args(annotation) if each not in (UnsetType, type(None), Ellipsis)]
    is_union = isinstance(annotation, UnionType) or get_origin(annotation) is Union
    return KINDS[members[0] if is_union else annotation]  # type: ignore[index]


def test_the_schema_has_the_keys_of_the_reader() -> None:
    # Which engine runs is for the administrator of the machine to say.
    assert records()["component_yumbridge"].keys() == names(Layer) - {"engine"}
    assert records()["yumbridge_hold"].keys() == names(Hold) - {"origin"}
    assert records()["yumbridge_exceptions"].keys() == names(HoldExceptions)
    assert checked_keys("alias") == names(AliasDefinition)
    assert checked_keys("when") == names(When)
    # A profile may name no command, nor the time limit of one.
    assert checked_keys("condition") == names(Condition) - {"command", "timeout_s"}


def test_the_schema_has_the_types_of_the_reader() -> None:
    hints = get_type_hints(PolicyOverrides)
    policy = {key: kind.removesuffix(" with SELF != 1") for key, (_, kind) in records()["yumbridge_policy"].items()}
    assert policy == {key: pan_kind(hint) for key, hint in hints.items() if key in names(PolicyOverrides)}
    assert records()["yumbridge_policy"]["installonly_limit"][1].endswith(" with SELF != 1")
    assert {kind for _, kind in records()["yumbridge_exceptions"].values()} == {"string[]"}
    assert records()["yumbridge_hold"] == {
        "packages": (":", "string[1..]"),
        "source": ("?", "boolean"),
        "install": ("?", "boolean"),
        "until": ("?", "element with yumbridge_is_until(SELF)"),
        "except": ("?", "yumbridge_exceptions"),
        "why": ("?", "string"),
    }
    assert f"entry <= {MAX_MINUTES};" in SCHEMA.read_text(encoding="utf-8")


def test_every_key_of_the_schema_is_optional_but_the_packages_of_a_hold() -> None:
    required = {(name, key) for name, keys in records().items() for key, (mark, _) in keys.items() if mark == ":"}
    assert required == {("yumbridge_hold", "packages")}


def test_the_braces_of_every_template_are_closed() -> None:
    """There is no compiler here: at least nothing is left open."""
    for path in LIBRARY.rglob("*.pan"):
        code = re.sub(r"'[^'\n]*'", "''", re.sub(r"@\{.*?\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL))
        for opened, closed in ("{}", "()", "[]"):
            assert code.count(opened) == code.count(closed), (path, opened)
