"""Module metadata, limited to what a repository holds: each document stays as it was written, or goes.

What stays is sorted: the order of the documents means nothing, and no two mirrors need have the same.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import msgspec

from snapshots.errors import UpstreamError

# In the first column a marker ends whatever was open, a block of text too. Source: YAML 1.2.2, 9.1.4.
_MARKER: Final = re.compile(rb"^(---|\.\.\.)(?=\s|\Z).*\n?", re.MULTILINE)
# What may stand before a document without being one, and of it what says nothing: comments and space.
_NOTHING: Final = re.compile(rb"(?:\s|[#%].*(?:\n|\Z))*")
_REMARKS: Final = re.compile(rb"(?:[ \t\r]*(?:#.*)?\n)*")
_BEGUN: Final = re.compile(rb"%|---(?=\s|\Z)")
_BEGIN: Final = b"---\n"
_END: Final = b"\n...\n"
# libyaml recurses in C, and a document that nests deeply enough ends the process. What opens a collection is a bracket,
# or stands in the run of blanks and indicators that a line begins with.
_BRACKET: Final = re.compile(rb"[\[{]")
_BRACKETS: Final = 1000
_INDENTED: Final = re.compile(rb"^[ ?:-]{400}", re.MULTILINE)
_BUILDS: Final = frozenset({"modulemd", "modulemd-stream"})


class ModuleStream(msgspec.Struct, frozen=True):
    """A build of a module stream. `artifacts` are the NEVRAs of its packages, as `StoredPackage.text` has them."""

    name: str
    stream: str
    version: int
    context: str
    arch: str
    artifacts: frozenset[str]


class _Artifacts(msgspec.Struct, frozen=True):
    rpms: tuple[str, ...] | str = ()


class _Data(msgspec.Struct):
    """What a document is about: a build says `name`, every other kind `module`. A key without a value is a text."""

    name: str = ""
    module: str = ""
    stream: str = ""
    version: str = "0"
    context: str = ""
    arch: str = ""
    artifacts: _Artifacts | str = _Artifacts()


class _Head(msgspec.Struct):
    document: str
    data: _Data


@dataclass(frozen=True, slots=True)
class _Document:
    """One document: its bytes, its kind, and the module and stream that it is about; `build` if it is a build."""

    content: bytes
    kind: str
    module: str
    stream: str
    context: str
    build: ModuleStream | None

    @property
    def subject(self) -> tuple[str, ...]:
        """What it is about, unless it is a build: the defaults are of all streams of a module."""
        return (self.kind, self.module) if self.kind == "modulemd-defaults" else (self.kind, self.module, self.stream)

    @property
    def order(self) -> tuple[str, str, str, int, str, str, bytes]:
        """The order of documents in what we write."""
        version, arch = (self.build.version, self.build.arch) if self.build else (0, "")
        return (self.kind, self.module, self.stream, version, self.context, arch, self.content)


def streams(modules: bytes) -> tuple[ModuleStream, ...]:
    """Return every build of a module stream, in the order of the documents. Raises UpstreamError: it is no metadata."""
    return tuple(document.build for document in _documents(modules) if document.build)


def streams_by_artifact(builds: Iterable[ModuleStream]) -> dict[str, dict[tuple[str, str], int]]:
    """Return of each artifact the streams that it is of, by name and stream, with the newest version that has it."""
    found: defaultdict[str, dict[tuple[str, str], int]] = defaultdict(dict)
    for build in builds:
        key = (build.name, build.stream)
        for artifact in build.artifacts:
            known = found[artifact]
            known[key] = max(build.version, known.get(key, build.version))
    return dict(found)


def held_modules(modules: bytes, nevras: Collection[str]) -> bytes:
    """Return the documents about what is held; `nevras` are spelled as `StoredPackage.text` does.

    A build of a stream stays when one of its artifacts is held, and when it has none: nothing of it is missing then.
    The defaults of a module stay while a build of any of its streams does, all else (obsoletes, translations) while a
    build of the same stream does. What stays is the same bytes, its list of artifacts whole, sorted by kind and by what
    it is about, each once; comments before it go. Nothing is returned when no build is left. Raises UpstreamError: it
    is no module metadata.
    """
    held = frozenset(nevras)
    documents = _documents(modules)
    builds = [each.build for each in documents if each.build and _is_held(each.build, held)]
    names = {build.name for build in builds}
    kept_streams = {(build.name, build.stream) for build in builds}

    def stays(document: _Document) -> bool:
        if document.build:
            return _is_held(document.build, held)
        if document.kind == "modulemd-defaults":
            return document.module in names
        return (document.module, document.stream) in kept_streams

    return _written(document for document in documents if stays(document))


def joined(modules: bytes, others: bytes) -> bytes:
    """Return module metadata with those builds of streams that only `others` has, and what else is about these.

    Raises UpstreamError: one of them is no module metadata.
    """
    if not others or others == modules:
        return modules
    known = {_identity(build) for build in streams(modules)}
    named = {each.subject for each in _documents(modules)}

    def is_more(document: _Document) -> bool:
        return _identity(document.build) not in known if document.build else document.subject not in named

    more = [document for document in _documents(others) if is_more(document)]
    return _written((*_documents(modules), *more)) if more else modules


def _written(documents: Iterable[_Document]) -> bytes:
    by_content = {document.content: document for document in documents}
    return b"".join(document.content for document in sorted(by_content.values(), key=lambda each: each.order))


def _identity(build: ModuleStream) -> tuple[str, str, int, str, str]:
    return (build.name, build.stream, build.version, build.context, build.arch)


def _is_held(build: ModuleStream, nevras: frozenset[str]) -> bool:
    return not build.artifacts or not build.artifacts.isdisjoint(nevras)


def _bounded(content: bytes) -> bytes:
    """Return a document with begin and end marked, so that whatever is before it or follows it is another one.

    Comments before it and space around it go: they stand there because of other documents.
    """
    bare = content.removeprefix(b"\xef\xbb\xbf")
    remarks = _REMARKS.match(bare)
    bare = bare[remarks.end() if remarks else 0 :].rstrip()
    if bare.endswith(b"\n..."):
        bare = bare.removesuffix(b"...").rstrip()
    return (b"" if _BEGUN.match(bare) else _BEGIN) + bare + _END


# What is held is asked of the same metadata several times, and reading YAML is slow.
@lru_cache(maxsize=4)
def _documents(modules: bytes) -> tuple[_Document, ...]:
    found = []
    for number, content in enumerate(_split(modules), 1):
        document = _document(content, number)
        if document is not None:
            found.append(document)
    return tuple(found)


def _split(modules: bytes) -> Iterator[bytes]:
    """Yield the documents of a stream, each from the end of the one before to its own."""
    begin = 0
    for marker in _MARKER.finditer(modules):
        if marker[1] == b"...":
            yield modules[begin : marker.end()]
            begin = marker.end()
        elif not _NOTHING.fullmatch(modules, begin, marker.start()):
            yield modules[begin : marker.start()]
            begin = marker.start()
    yield modules[begin:]


def _document(content: bytes, number: int) -> _Document | None:
    import yaml

    if _INDENTED.search(content) or len(_BRACKET.findall(content)) > _BRACKETS:
        raise UpstreamError(f"document {number} of the module metadata cannot be read: it nests too deeply")
    # Every scalar as it is written: a stream "1.10" is not 1.1.
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        tree = yaml.load(content, Loader=loader)  # noqa: S506 - the base loader makes texts, lists and mappings only
        if not tree:
            return None
        head = msgspec.convert(tree, _Head, strict=False)
        version = int(head.data.version)
    except (yaml.YAMLError, msgspec.ValidationError, ValueError, RecursionError) as error:
        raise UpstreamError(f"document {number} of the module metadata cannot be read: {error}") from error
    data = head.data
    if head.document not in _BUILDS:
        return _Document(_bounded(content), head.document, data.module, data.stream, data.context, None)
    rpms = data.artifacts.rpms if isinstance(data.artifacts, _Artifacts) else ()
    artifacts = frozenset(artifact.replace("-0:", "-", 1) for artifact in rpms)
    build = ModuleStream(data.name, data.stream, version, data.context, data.arch, artifacts)
    return _Document(_bounded(content), head.document, data.name, data.stream, data.context, build)
