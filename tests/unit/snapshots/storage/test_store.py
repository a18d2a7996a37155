"""Folders that are stores, become stores, or are something else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from snapshots.errors import StoreError
from snapshots.storage.store import create_store, open_store


@pytest.mark.parametrize("is_there", [False, True])
def test_where_no_store_is_the_verbs_are_named_that_make_one(tmp_path: Path, *, is_there: bool) -> None:
    path = tmp_path / "store"
    if is_there:
        path.mkdir()
    with pytest.raises(StoreError, match=f"^no snapshot store in {path}: snapshot mirror and snapshot adopt make one$"):
        open_store(path)
    assert open_store(create_store(path).path).path == path


def test_a_store_that_was_not_finished_is_made_whole(tmp_path: Path) -> None:
    (create_store(tmp_path).path / "store.json").unlink()
    with pytest.raises(StoreError, match=r"^no snapshot store in "):
        open_store(tmp_path)
    assert open_store(create_store(tmp_path).path).names() == ()


def test_a_folder_of_something_else_stays_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "letters").touch()
    for make in (open_store, create_store):
        with pytest.raises(StoreError, match=f"^{tmp_path} is not empty, and no snapshot store$"):
            make(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["letters"]


def test_a_path_that_is_not_utf_8_is_told_so_that_it_can_be_printed(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"stor\xe9")
    for make in (open_store, create_store):
        with pytest.raises(StoreError, match=r"stor\\xe9 cannot be a store: its path is not in UTF-8$") as caught:
            make(path)
        assert caught.value.message.isascii()
    assert not path.exists()
