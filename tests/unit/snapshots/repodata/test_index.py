"""The index of a composed repository, and what is read through it."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from snapshots.errors import StoreError
from snapshots.repodata.compose import Compression, Contents
from snapshots.repodata.index import ChunkKind, IndexedRepository, RepositoryIndex, read_index, written_index
from tests.support.chunks import Made, composed, made

SOURCE = made((name, build) for name in "abcdefgh" for build in range(1, 40))


@pytest.fixture(params=list(Compression))
def repository(request: pytest.FixtureRequest, tmp_path: Path) -> IndexedRepository:
    """Return a composed repository of several frames."""
    contents = Contents(repo_id="r", packages=SOURCE.packages, sources=(SOURCE,), comps=b"<comps/>", modules=b"---\n")
    return composed(contents, tmp_path / "r", request.param)[0]


def chunks(source: IndexedRepository | Made, kind: ChunkKind, numbers: list[int]) -> list[bytes]:
    return list(source.chunks(kind, numbers))


def test_chunks_are_found_in_any_order(repository: IndexedRepository) -> None:
    assert len(repository.index.files[ChunkKind.PRIMARY].frames) > 3
    numbers = [300, 5, 5, 0, len(SOURCE.packages) - 1, 6]
    for kind in ChunkKind:
        assert chunks(repository, kind, numbers) == chunks(SOURCE, kind, numbers)


def test_comps_and_modules_are_read_back(repository: IndexedRepository) -> None:
    assert (repository.comps, repository.modules) == (b"<comps/>", b"---\n")


def test_a_repository_without_comps_and_modules_has_none(tmp_path: Path) -> None:
    repository, _ = composed(Contents(repo_id="r", packages=SOURCE.packages, sources=(SOURCE,)), tmp_path / "r")
    assert (repository.comps, repository.modules) == (b"", b"")


def test_a_damaged_frame_is_refused_and_the_others_are_read(repository: IndexedRepository) -> None:
    file = repository.index.files[ChunkKind.OTHER]
    frame = file.frames[1]
    path = repository.tree / file.path
    content = bytearray(path.read_bytes())
    content[frame.offset + frame.size_bytes // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(StoreError, match="is damaged"):
        chunks(repository, ChunkKind.OTHER, [frame.first])
    assert chunks(repository, ChunkKind.OTHER, [0]) == chunks(SOURCE, ChunkKind.OTHER, [0])


def test_a_file_that_ends_too_early_is_refused(repository: IndexedRepository) -> None:
    path = repository.tree / repository.index.files[ChunkKind.PRIMARY].path
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(StoreError, match="is damaged"):
        chunks(repository, ChunkKind.PRIMARY, [len(SOURCE.packages) - 1])


@pytest.mark.parametrize("name", ["comps", "modules"])
def test_damaged_comps_and_modules_are_refused(repository: IndexedRepository, name: str) -> None:
    file = getattr(repository.index, name)
    path = repository.tree / file.path
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(StoreError, match="is damaged"):
        getattr(repository, name)


def test_what_is_not_there_is_refused(repository: IndexedRepository) -> None:
    (repository.tree / repository.index.files[ChunkKind.PRIMARY].path).unlink()
    with pytest.raises(StoreError, match="cannot be read: No such file"):
        chunks(repository, ChunkKind.PRIMARY, [0])
    assert repository.index.comps is not None
    (repository.tree / repository.index.comps.path).unlink()
    with pytest.raises(StoreError, match="cannot be read: No such file"):
        assert repository.comps


def index_file(index: RepositoryIndex, path: Path) -> Path:
    path.write_bytes(written_index(index))
    return path


def test_an_index_is_read_as_it_was_written(repository: IndexedRepository, tmp_path: Path) -> None:
    assert read_index(index_file(repository.index, tmp_path / "index.msgpack")) == repository.index


def test_a_damaged_bit_anywhere_in_an_index_is_refused(repository: IndexedRepository, tmp_path: Path) -> None:
    path = index_file(repository.index, tmp_path / "index.msgpack")
    whole = path.read_bytes()
    for position in range(0, len(whole), 997):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :])
        with pytest.raises(StoreError, match="is damaged"):
            read_index(path)


@pytest.mark.parametrize("size", [0, 10, 32, 100])
def test_an_index_that_ends_too_early_is_refused(repository: IndexedRepository, tmp_path: Path, size: int) -> None:
    path = index_file(repository.index, tmp_path / "index.msgpack")
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(StoreError):
        read_index(path)


def test_an_index_of_another_version_is_refused(repository: IndexedRepository, tmp_path: Path) -> None:
    newer = msgspec.structs.replace(repository.index, version=99)
    with pytest.raises(StoreError, match="is of version 99"):
        read_index(index_file(newer, tmp_path / "index.msgpack"))


def test_an_index_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be read: No such file"):
        read_index(tmp_path / "index.msgpack")
