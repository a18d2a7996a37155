"""Splicing: a file of repodata put together from frames that others have and chunks that are compressed anew."""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final, TypeAlias
from zlib import crc32

import msgspec

from snapshots.repodata.chunk_source import Sourced, in_turn
from snapshots.repodata.frame import Encoder, FrameFile, WrittenFile
from snapshots.repodata.index import ChunkFile, ChunkKind, Frame, IndexedRepository
from snapshots.repodata.updateinfo import END, HEAD, advisory_chunk, advisory_writer
from yumbridge.rpm.advisory import Advisory

# One package in 32 begins a run: its pkgid is spread evenly.
_RUN: Final = "08"
ADVISORIES_A_RUN: Final = 8
# What one thread is given at once, so that handing it over costs little; and how many of these are ahead of the writer.
_BATCH_BYTES: Final = 1 << 19
_AHEAD: Final = 4

# As createrepo_c writes them.
_HEADS: Final = {
    ChunkKind.PRIMARY: (
        '<?xml version="1.0" encoding="UTF-8"?>\n<metadata xmlns="http://linux.duke.edu/metadata/common"'
        ' xmlns:rpm="http://linux.duke.edu/metadata/rpm" packages="%d">\n'
    ),
    ChunkKind.FILELISTS: (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<filelists xmlns="http://linux.duke.edu/metadata/filelists" packages="%d">\n'
    ),
    ChunkKind.OTHER: (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<otherdata xmlns="http://linux.duke.edu/metadata/other" packages="%d">\n'
    ),
}
_ENDS: Final = {
    ChunkKind.PRIMARY: b"</metadata>",
    ChunkKind.FILELISTS: b"</filelists>",
    ChunkKind.OTHER: b"</otherdata>",
}

Chunks: TypeAlias = Callable[[Sequence[int]], Iterator[bytes]]
# A frame as stored, its content, and the sha256 of it as stored.
_Made: TypeAlias = tuple[bytes, bytes, bytes]


@dataclass(frozen=True, slots=True)
class Span:
    """`count` chunks from number `first` on, which are to be one frame. Equal keys are equal bytes."""

    first: int
    count: int
    key: bytes


@dataclass(frozen=True, slots=True)
class Row:
    """What a file is made of: its head, its spans, its end; `chunks` yields any of them by their numbers, rising.

    `files` are those of other repositories whose frames may be taken over.
    """

    head: bytes
    spans: tuple[Span, ...]
    end: bytes
    chunks: Chunks
    files: tuple[tuple[IndexedRepository, ChunkFile], ...]


def spans(starts: Sequence[int], total: int, key: Callable[[int, int], bytes]) -> tuple[Span, ...]:
    """Return the spans that begin at these numbers; `key` is told where one begins and ends."""
    return tuple(Span(first, end - first, key(first, end)) for first, end in pairwise([*starts, total]))


def package_row(kind: ChunkKind, whole: Sourced, reusable: Iterable[IndexedRepository]) -> Row:
    """Return what primary, filelists or other is made of."""
    packages = whole.packages
    chunks = [package.chunks for package in packages]

    def key(first: int, end: int) -> bytes:
        return hashlib.sha256("".join(chunks[first:end]).encode()).digest()

    return Row(
        (_HEADS[kind] % len(packages)).encode(),
        spans([number for number, each in enumerate(packages) if not number or each.pkgid < _RUN], len(packages), key),
        _ENDS[kind],
        lambda numbers: whole.chunks(kind, numbers),
        tuple((repository, file) for repository in reusable if (file := repository.index.files.get(kind))),
    )


def advisory_row(advisories: Sequence[Advisory], reusable: Iterable[IndexedRepository]) -> Row:
    """Return what updateinfo is made of."""
    version = advisory_writer()
    written = tuple(repository for repository in reusable if repository.index.advisory_writer == version)

    def key(first: int, end: int) -> bytes:
        return hashlib.sha256(msgspec.msgpack.encode(advisories[first:end])).digest()

    starts = [
        number
        for number, advisory in enumerate(advisories)
        if not number or not crc32(advisory.advisory_id.encode()) % ADVISORIES_A_RUN
    ]
    return Row(
        HEAD,
        spans(starts, len(advisories), key),
        END,
        lambda numbers: _advisory_chunks([advisories[number] for number in numbers], written),
        tuple((repository, file) for repository in written if (file := repository.index.updateinfo)),
    )


def _advisory_chunks(advisories: Sequence[Advisory], written: Sequence[IndexedRepository]) -> Iterator[bytes]:
    """Yield what is to be said of these advisories: as another repository says it, or anew, which takes longer."""
    known = [
        {advisory.advisory_id: number for number, advisory in enumerate(repository.index.advisories)}
        for repository in written
    ]
    turns: list[int | bytes] = []
    wanted: list[list[int]] = [[] for _ in written]
    for advisory in advisories:
        for source, numbers in enumerate(known):
            number = numbers.get(advisory.advisory_id)
            if number is not None and written[source].index.advisories[number] == advisory:
                wanted[source].append(number)
                turns.append(source)
                break
        else:
            turns.append(advisory_chunk(advisory))
    return in_turn(turns, [each.advisory_chunks(numbers) for each, numbers in zip(written, wanted, strict=True)])


def written_row(
    row: Row, folder: Path, name: str, encoder: Encoder
) -> tuple[WrittenFile, tuple[Frame, ...], tuple[int, ...]]:
    """Write a file, and return it with its frames and the sizes of its chunks. Raises StoreError, OSError."""
    frames: list[Frame] = []
    sizes: list[int] = []
    with ExitStack() as open_files, FrameFile(folder, name) as file:
        steps = _steps(row, _kept(row, open_files), sizes)
        file.add(encoder.encoded(row.head), row.head)
        for span, (stored, content, digest) in zip(row.spans, _made(steps, encoder), strict=True):
            begin = file.add(stored, content)
            frames.append(Frame(span.first, span.count, begin, len(stored), span.key, digest))
        file.add(encoder.encoded(row.end), row.end)
        return file.finish(), tuple(frames), tuple(sizes)


@dataclass(frozen=True, slots=True)
class _Kept:
    """A frame of another repository, whose file is open."""

    repository: IndexedRepository
    file: ChunkFile
    descriptor: int
    frame: Frame

    @property
    def sizes(self) -> tuple[int, ...]:
        return self.file.sizes[self.frame.first : self.frame.first + self.frame.count]

    def made(self) -> _Made:
        return *self.repository.content(self.descriptor, self.file, self.frame), self.frame.digest


def _kept(row: Row, open_files: ExitStack) -> dict[bytes, _Kept]:
    wanted = {span.key for span in row.spans}
    found: dict[bytes, _Kept] = {}
    for repository, file in row.files:
        fresh = [frame for frame in file.frames if frame.key in wanted and frame.key not in found]
        if fresh:
            descriptor = open_files.enter_context(repository.opened(file.path))
            found |= {frame.key: _Kept(repository, file, descriptor, frame) for frame in fresh}
    return found


def _steps(row: Row, kept: dict[bytes, _Kept], sizes: list[int]) -> Iterator[tuple[int, _Kept | bytes]]:
    """Yield what each frame is made of, with its size, and note the sizes of its chunks."""
    fresh = [
        number for span in row.spans if span.key not in kept for number in range(span.first, span.first + span.count)
    ]
    chunks = row.chunks(fresh)
    for span in row.spans:
        found = kept.get(span.key)
        run = [] if found else [next(chunks) for _ in range(span.count)]
        these = found.sizes if found else [len(chunk) for chunk in run]
        sizes += these
        yield sum(these), found or b"".join(run)


def _made(steps: Iterator[tuple[int, _Kept | bytes]], encoder: Encoder) -> Iterator[_Made]:
    """Yield the frames, in their order, while the next ones are at work."""
    waiting: deque[Future[list[_Made]]] = deque()
    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as workers:
        for batch in _batches(steps):
            waiting.append(workers.submit(_made_batch, batch, encoder))
            if len(waiting) > _AHEAD:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()


def _batches(steps: Iterator[tuple[int, _Kept | bytes]]) -> Iterator[list[_Kept | bytes]]:
    batch: list[_Kept | bytes] = []
    filled = 0
    for size, step in steps:
        batch.append(step)
        filled += size
        if filled >= _BATCH_BYTES:
            yield batch
            batch, filled = [], 0
    yield batch


def _made_batch(batch: Sequence[_Kept | bytes], encoder: Encoder) -> list[_Made]:
    return [step.made() if isinstance(step, _Kept) else _fresh(step, encoder) for step in batch]


def _fresh(content: bytes, encoder: Encoder) -> _Made:
    stored = encoder.encoded(content)
    return stored, content, hashlib.sha256(stored).digest()
