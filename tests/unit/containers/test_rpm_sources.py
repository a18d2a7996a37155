"""The sources of the rpm are what git tracks, whoever checked it out and when."""

from __future__ import annotations

import os
import shutil
import tarfile
import tomllib
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

import pytest

from containers.rpm.sources import ROOT, Target, epoch, pins, tracked_files, version, write_checkout
from tests.support.tool import run

needs_checkout = pytest.mark.skipif(not (ROOT / ".git").exists(), reason="this is no checkout of git")


def test_wheels_are_chosen_for_the_target_alone() -> None:
    options = Target("3.14", "aarch64").wheel_options

    assert {"--only-binary=:all:", "--python-version=3.14", "--abi=cp314"} <= {*options}
    assert [option for option in options if option.startswith("--platform=") and option.endswith("_x86_64")] == []


def test_every_library_of_a_run_is_pinned() -> None:
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    names = {name.partition(">")[0].lower().replace("_", "-") for name in needed}

    assert names <= {name for name, _ in pins()}
    assert version() == metadata.version("yumbridge")


@needs_checkout
def test_the_same_files_of_one_commit_are_the_same_archive(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    for name in tracked_files():
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, copy / name)
        os.utime(copy / name, (1, 1))
    (copy / "dev").chmod(0o700)
    commit(copy, tracked_files(), at=epoch())
    (copy / "untracked").write_text("ours", encoding="utf-8")
    (tmp_path / "ours").mkdir()
    (tmp_path / "theirs").mkdir()

    ours = write_checkout(tmp_path / "ours")
    theirs = write_checkout(tmp_path / "theirs", copy)

    assert theirs.read_bytes() == ours.read_bytes()
    with tarfile.open(ours) as archive:
        members = archive.getmembers()
    assert {(member.uid, member.uname, member.mtime) for member in members} == {(0, "root", epoch())}
    assert {member.name: oct(member.mode) for member in members}[f"yumbridge-{version()}/dev"] == "0o755"


def commit(checkout: Path, files: Iterable[str], *, at: int) -> None:
    """Make a checkout of some files, which were committed at a time in seconds."""
    who = {f"GIT_{role}_{what}": "a@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    env = {**os.environ, **who, "GIT_COMMITTER_DATE": f"{at} +0000"}
    for words in (("init", "--quiet"), ("add", "--force", *files), ("commit", "--quiet", "--message=all")):
        run("git", "-C", checkout, "-c", "commit.gpgsign=false", *words, env=env)
