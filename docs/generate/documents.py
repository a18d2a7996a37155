"""The page of documents, docs/reference/documents.md, and their JSON Schemas beside it."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from pathlib import PurePosixPath
from typing import Final

import msgspec
from msgspec import inspect

from docs.generate.meanings import FIELDS, STEPS, VALUES
from docs.generate.tree import Pages
from snapshots.check import SnapshotCheck
from snapshots.comparison.difference import SnapshotDifference
from snapshots.content.lockfile import Lock
from snapshots.content.manifest import Manifest
from snapshots.content.provenance import MirrorRecord, Provenance
from snapshots.prune import Marked, Swept
from spma.cli.aliases import AliasDocument, AliasExport
from spma.cli.components import ComponentCheck
from spma.cli.conditions import ConditionDocument
from spma.cli.error import ErrorDocument
from spma.cli.profiles import Checked, Desired
from spma.cli.snapshot.document import SnapshotDocument, SnapshotList
from spma.cli.snapshot.lockfile import LockRelease
from spma.cli.snapshot.mirror import MirrorRun
from spma.cli.snapshot.publish import Publication
from spma.cli.snapshot.selection import CutPlan
from spma.cli.snapshot.verify import Verification
from spma.profile.difference import ProfileDifference
from yumbridge.plan.document import Plan
from yumbridge.plan.explanation import Explanation
from yumbridge.run.boot import BootRecord
from yumbridge.run.report import Intent, Inventory, Report
from yumbridge.run.standing import Status

# Each document, and what prints or stores it.
DOCUMENTS: Final[tuple[tuple[type[msgspec.Struct], str], ...]] = (
    (Plan, "`plan --json` prints it, `plan --out` stores it, `apply` takes it."),
    (Explanation, "`why --json` prints it."),
    (Report, "`apply --json` prints it; it is stored as `report.json`."),
    (Status, "`status --json` prints it."),
    (Inventory, "A run that changed something stores it as `inventory.json`, for a site to collect."),
    (AliasDocument, "`alias list --json` and `alias show --json` print it."),
    (AliasExport, "`alias export --json` prints it."),
    (ConditionDocument, "`condition check --json` prints it."),
    (BootRecord, "`boot status --json` prints it; it is stored as `boot.json`."),
    (Intent, "Stored as `intent.json` while packages change."),
    (Desired, "`profile show --json` prints it."),
    (Checked, "`profile check --json` prints it for a profile without problems."),
    (ComponentCheck, "`component check --json` prints it."),
    (ProfileDifference, "`profile diff --json` prints it."),
    (SnapshotDocument, "`snapshot show --json` prints it, and so do `cut`, `realise`, `adopt` and `lock`."),
    (SnapshotList, "`snapshot list --json` prints it."),
    (CutPlan, "`snapshot cut --plan --json` prints it."),
    (MirrorRun, "`snapshot mirror --json` prints it."),
    (SnapshotDifference, "`snapshot diff --json` prints it."),
    (SnapshotCheck, "`snapshot check --json` prints it."),
    (Verification, "`snapshot verify --json` prints it."),
    (Publication, "`snapshot publish --json` prints it."),
    (Marked, "`snapshot prune --plan --json` prints it."),
    (Swept, "`snapshot prune --json` prints it."),
    (Lock, "`snapshot lock --out` stores it, `snapshot realise` takes it."),
    (LockRelease, "`snapshot lock --release --json` prints it."),
    (Manifest, "Stored as `manifest.json` in each snapshot."),
    (Provenance, "Stored as `snapshot.json` beside it."),
    (MirrorRecord, "Stored as `record.json` in the current state of each mirror."),
    (ErrorDocument, "Every verb prints it with `--json` when there is no other document to print."),
)
_PAGE: Final = PurePosixPath("docs/reference/documents.md")
_SCHEMAS: Final = PurePosixPath("docs/reference/schema")
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

_NAMES: Final[dict[type[inspect.Type], str]] = {
    inspect.StrType: "string",
    inspect.IntType: "integer",
    inspect.BoolType: "boolean",
    inspect.FloatType: "number",
    inspect.NoneType: "null",
    inspect.AnyType: "any value",
}

_INTRODUCTION: Final = """\
# Documents

Written from the types by `python -m docs.generate`.

A document is JSON in UTF-8, its keys sorted, with one newline at its end; `document` says what it is. Every field is
always there. A reader of ours refuses fields that it does not know. Lists are sorted unless a field says otherwise.

- The canonical form, over which every digest and id is taken, is compact: no spaces, separators `,` and `:`.
- An EVR is written `epoch:version-release`, the epoch only when it is not 0. A NEVRA is
  `name-[epoch:]version-release.arch`.
- A digest is written `sha256:<hex>`; the checksum of an rpm has the type that the repository states before the colon.
- Times are RFC 3339 in UTC, to the second.
"""


def pages() -> Pages:
    """Return the page and a schema per document."""
    schemas = {_SCHEMAS / f"{section_name(kind)}.json": _schema(kind) for kind, _ in DOCUMENTS}
    return {_PAGE: "\n".join(_lines()).rstrip() + "\n", **schemas}


def document_name(kind: type[msgspec.Struct]) -> str:
    """Return what stands in the field `document` of a document."""
    field = next(field for field in msgspec.structs.fields(kind) if field.name == "document")
    return str(field.default)


def section_name(kind: type[msgspec.Struct]) -> str:
    """Return what the section and the schema of a document are called: two have one kind, and differ in form."""
    return f"{document_name(kind)}-list" if kind is SnapshotList else document_name(kind)


def documented_types() -> tuple[tuple[type[msgspec.Struct], ...], tuple[type[Enum], ...]]:
    """Return every struct and every enumeration that a document may hold, each once, in the order they are met."""
    structs: dict[type[msgspec.Struct], None] = {}
    enums: dict[type[Enum], None] = {}
    for kind, _ in DOCUMENTS:
        for found in _types_in(inspect.type_info(kind), frozenset()):
            if isinstance(found, inspect.StructType):
                structs.setdefault(found.cls)
            else:
                enums.setdefault(found.cls)
    return tuple(structs), tuple(enums)


def _types_in(
    kind: inspect.Type, around: frozenset[type[msgspec.Struct]]
) -> Iterator[inspect.StructType | inspect.EnumType]:
    """Yield what a type is made of. `around` are the structs that it stands in: one of them may come again."""
    match kind:
        case inspect.StructType() if kind.cls in around:
            return
        case inspect.StructType():
            yield kind
            for field in kind.fields:
                yield from _types_in(field.type, around | {kind.cls})
        case inspect.EnumType():
            yield kind
        case inspect.VarTupleType():
            yield from _types_in(kind.item_type, around)
        case inspect.UnionType():
            for each in kind.types:
                yield from _types_in(each, around)
        case _:
            return


def meaning(kind: type[msgspec.Struct], field: str) -> str:
    """Return what a field means. Raises KeyError: nobody has said so."""
    for each in kind.__mro__:
        if field in FIELDS.get(each.__name__, {}):
            return FIELDS[each.__name__][field]
    raise KeyError(f"docs/generate/meanings.py: {kind.__name__}.{field}")


def _lines() -> Iterator[str]:
    structs, enums = documented_types()
    yield _INTRODUCTION
    yield "| document | of | schema |"
    yield "| --- | --- | --- |"
    for kind, source in DOCUMENTS:
        name = section_name(kind)
        yield f"| [`{document_name(kind)}`](#{name}) | {source} | [{name}.json](schema/{name}.json) |"
    yield ""
    documents = [kind for kind, _ in DOCUMENTS]
    for kind in (*documents, *(each for each in structs if each not in documents)):
        yield from _section(kind, is_document=kind in documents)
    yield from _steps()
    yield "## Values"
    yield ""
    for enum in enums:
        yield from _enumeration(enum)


def _section(kind: type[msgspec.Struct], *, is_document: bool) -> Iterator[str]:
    yield f"## {section_name(kind) if is_document else kind.__name__}"
    yield ""
    yield (kind.__doc__ or "").partition("\n")[0].replace("None", "null")
    yield ""
    yield "| field | type | meaning |"
    yield "| --- | --- | --- |"
    info = inspect.type_info(kind)
    for field in info.fields if isinstance(info, inspect.StructType) else ():
        yield f"| `{field.encode_name}` | {_type_text(field.type)} | {meaning(kind, field.name)} |"
    yield ""


def _type_text(kind: inspect.Type) -> str:
    match kind:
        case inspect.StructType() if kind.cls in dict(DOCUMENTS):
            return f"[{section_name(kind.cls)}](#{section_name(kind.cls)})"
        case inspect.StructType() | inspect.EnumType():
            return f"[{kind.cls.__name__}](#{kind.cls.__name__.lower()})"
        case inspect.LiteralType():
            return " or ".join(f"`{value}`" for value in kind.values)
        case inspect.VarTupleType():
            return f"list of {_type_text(kind.item_type)}"
        case inspect.DictType():
            return f"object of {_type_text(kind.value_type)}"
        case inspect.UnionType():
            return " or ".join(_type_text(each) for each in kind.types)
        case _:
            return _NAMES[type(kind)]


def _steps() -> Iterator[str]:
    yield "## Steps of a chain"
    yield ""
    yield "A chain leads from something a person wrote to a package; its last step is the nearest reason."
    yield ""
    yield "| kind | `ref` | `via` | meaning |"
    yield "| --- | --- | --- | --- |"
    yield from (f"| `{kind}` | {ref} | {via} | {text} |" for kind, ref, via, text in STEPS)
    yield ""


def _enumeration(enum: type[Enum]) -> Iterator[str]:
    yield f"### {enum.__name__}"
    yield ""
    yield (enum.__doc__ or "").partition("\n")[0]
    yield ""
    yield "| value | meaning |"
    yield "| --- | --- |"
    yield from (f"| `{member.value}` | {VALUES[enum.__name__][member.value]} |" for member in enum)
    yield ""


def _schema(kind: type[msgspec.Struct]) -> str:
    """Return the JSON Schema of a document, with the meaning of each field as its description."""
    schema = msgspec.json.schema(kind)
    structs = {each.__name__: each for each in documented_types()[0]}
    for name, definition in schema["$defs"].items():
        if name not in structs:
            continue
        fields = {field.encode_name: field.name for field in msgspec.structs.fields(structs[name])}
        for field, described in definition.get("properties", {}).items():
            text = meaning(structs[name], fields[field])
            # A reference stands alone in old dialects; in this one it may have company.
            described["description"] = text
    content = msgspec.json.encode({"$schema": _DIALECT, "title": document_name(kind), **schema}, order="sorted")
    return msgspec.json.format(content, indent=2).decode() + "\n"
