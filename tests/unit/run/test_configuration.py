"""The files that dnf reads, on the disk."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.trees import Tree
from yumbridge.desired.configuration import DnfConfiguration, PluginFile, VersionLock
from yumbridge.desired.state import DesiredState
from yumbridge.errors import HostError
from yumbridge.plan.configuration import Prescription, WantedFile
from yumbridge.run.configuration import read_current, write_files, write_prescribed

MANAGED = DnfConfiguration(
    manage=True,
    plugins=(PluginFile(name="p.conf", sections=()),),
    versionlock=VersionLock(enabled=True, path="/etc/locks"),
)
REPO = "/etc/yum.repos.d/a.repo"


def put(root: Path, path: str, content: bytes = b"x\n") -> Path:
    place = root / path.lstrip("/")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    return place


def wanted(path: str = REPO, content: str | None = "new\n", *, private: bool = False) -> WantedFile:
    return WantedFile(path=path, content=content, private=private)


def permissions(place: Path) -> str:
    return f"{place.stat().st_mode & 0o7777:o}"


def test_an_empty_root_has_no_files(tmp_path: Path) -> None:
    assert read_current(tmp_path, MANAGED) == {}


def test_the_files_that_a_plan_may_change_are_read(tmp_path: Path) -> None:
    mine = ["/etc/dnf/dnf.conf", "/etc/dnf/modules.d/m.module", "/etc/dnf/plugins/p.conf", "/etc/locks"]
    mine += ["/etc/yum.repos.d/a.pkgs", "/etc/yum.repos.d/a.repo"]
    others = ["/etc/dnf/plugins/q.conf", "/etc/yum.repos.d/.b.repo", "/etc/yum.repos.d/b.repo.rpmnew"]
    for path in (*mine, *others):
        put(tmp_path, path, path.encode())

    assert read_current(tmp_path, MANAGED) == {path: path for path in mine}
    assert read_current(tmp_path, DnfConfiguration()) == {}


def test_bytes_that_are_no_text_survive(tmp_path: Path) -> None:
    place = put(tmp_path, REPO, b"\xff\r\nend")
    text = read_current(tmp_path, MANAGED)[REPO]

    assert write_files(tmp_path, [wanted(content=text)]) == ()
    assert write_files(tmp_path, [wanted(content=f"{text}!")]) == (REPO,)
    assert place.read_bytes() == b"\xff\r\nend!"


def test_a_file_and_its_folders_are_made(tmp_path: Path) -> None:
    mask = os.umask(0o077)
    try:
        assert write_files(tmp_path, [wanted()]) == (REPO,)
    finally:
        os.umask(mask)

    place = tmp_path / REPO[1:]
    assert place.read_text() == "new\n"
    assert permissions(place) == "644"
    assert permissions(place.parent) == "755"
    assert list(place.parent.iterdir()) == [place]


def test_what_is_as_wanted_is_not_touched(tmp_path: Path) -> None:
    write_files(tmp_path, [wanted(), wanted("/etc/b", private=True)])
    before = Tree.of(tmp_path)

    assert write_files(tmp_path, [wanted(), wanted("/etc/b", private=True), wanted("/etc/absent", None)]) == ()
    assert before.changes(Tree.of(tmp_path)) == ()


def test_a_file_keeps_its_mode(tmp_path: Path) -> None:
    place = put(tmp_path, REPO)
    place.chmod(0o640)

    assert write_files(tmp_path, [wanted()]) == (REPO,)
    assert permissions(place) == "640"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_keeps_its_owner(tmp_path: Path) -> None:
    place = put(tmp_path, REPO)
    os.chown(place, 12, 34)
    write_files(tmp_path, [wanted()])

    assert (place.stat().st_uid, place.stat().st_gid) == (12, 34)


def test_a_private_file_is_closed_to_others(tmp_path: Path) -> None:
    place = put(tmp_path, REPO)
    place.chmod(0o664)

    assert write_files(tmp_path, [wanted("/etc/new", private=True), wanted(private=True)]) == ("/etc/new", REPO)
    assert permissions(tmp_path / "etc/new") == permissions(place) == "600"

    place.chmod(0o644)
    assert write_files(tmp_path, [wanted(private=True)]) == (REPO,)
    assert permissions(place) == "600"


def test_a_file_is_removed_and_of_a_link_the_link_only(tmp_path: Path) -> None:
    put(tmp_path, "/srv/real")
    put(tmp_path, REPO)
    link = tmp_path / "etc/yum.repos.d/b.repo"
    link.symlink_to("../../srv/real")

    assert write_files(tmp_path, [wanted(content=None), wanted("/etc/yum.repos.d/b.repo", None)]) == (
        REPO,
        "/etc/yum.repos.d/b.repo",
    )
    assert list(link.parent.iterdir()) == []
    assert (tmp_path / "srv/real").exists()


def test_a_link_inside_of_the_root_is_written_through(tmp_path: Path) -> None:
    real = put(tmp_path, "/etc/dnf/real.conf")
    link = tmp_path / "etc/dnf/dnf.conf"
    link.symlink_to("real.conf")

    assert write_files(tmp_path, [wanted("/etc/dnf/dnf.conf")]) == ("/etc/dnf/dnf.conf",)
    assert link.is_symlink()
    assert real.read_text() == "new\n"


def test_a_link_to_nothing_is_an_empty_file(tmp_path: Path) -> None:
    link = tmp_path / REPO[1:]
    link.parent.mkdir(parents=True)
    link.symlink_to("../../srv/later")

    assert read_current(tmp_path, MANAGED) == {REPO: ""}
    assert write_files(tmp_path, [wanted()]) == (REPO,)
    assert (tmp_path / "srv/later").read_text() == "new\n"


@pytest.mark.parametrize("is_absolute", [True, False])
@pytest.mark.parametrize("linked", ["", "/yum.repos.d", "/yum.repos.d/a.repo"])
def test_nothing_is_read_or_written_outside_of_the_root(tmp_path: Path, linked: str, *, is_absolute: bool) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    put(outside, "/yum.repos.d/a.repo")
    link = root / f"etc{linked}"
    link.parent.mkdir(parents=True)
    target = f"{outside}{linked}"
    link.symlink_to(target if is_absolute else os.path.relpath(target, link.parent))
    before = Tree.of(tmp_path)

    with pytest.raises(HostError, match="leads out of"):
        read_current(root, MANAGED)
    with pytest.raises(HostError, match="leads out of"):
        write_files(root, [wanted()])
    assert before.changes(Tree.of(tmp_path)) == ()
    if link.name == "a.repo":
        assert write_files(root, [wanted(content=None)]) == (REPO,)
    else:
        with pytest.raises(HostError, match="leads out of"):
            write_files(root, [wanted(content=None)])
    assert (outside / "yum.repos.d/a.repo").exists()


@pytest.mark.parametrize("path", ["/etc/../../x", "etc/x", "/../x"])
def test_a_path_does_not_climb(tmp_path: Path, path: str) -> None:
    for content in ("x", None):
        with pytest.raises(HostError, match="no absolute path"):
            write_files(tmp_path / "root", [wanted(path, content)])


def test_a_pipe_is_no_file_and_does_not_keep_us_waiting(tmp_path: Path) -> None:
    place = tmp_path / REPO[1:]
    place.parent.mkdir(parents=True)
    os.mkfifo(place)

    with pytest.raises(HostError, match="no regular file"):
        read_current(tmp_path, MANAGED)


def test_a_file_of_no_sensible_size_is_refused(tmp_path: Path) -> None:
    place = put(tmp_path, REPO)
    with place.open("r+b") as handle:
        handle.truncate(8 * 1024 * 1024 + 1)

    with pytest.raises(HostError, match="larger than"):
        read_current(tmp_path, MANAGED)


def test_a_file_in_the_place_of_a_folder_is_told(tmp_path: Path) -> None:
    put(tmp_path, "/etc/yum.repos.d")

    assert read_current(tmp_path, MANAGED) == {}
    assert write_files(tmp_path, [wanted(content=None)]) == ()
    with pytest.raises(HostError, match="cannot write"):
        write_files(tmp_path, [wanted()])


def test_what_a_transaction_brought_is_seen(tmp_path: Path) -> None:
    state = DesiredState(specs=(), repositories=(), configuration=DnfConfiguration(manage=True, main=(("best", "1"),)))
    prescription = Prescription(state=state)
    planned = prescription.wanted(read_current(tmp_path, state.configuration))
    put(tmp_path, "/etc/dnf/dnf.conf", b"[main]\ngpgcheck=1\nbest=0\n")

    assert write_prescribed(tmp_path, prescription) == ("/etc/dnf/dnf.conf",)
    text = (tmp_path / "etc/dnf/dnf.conf").read_text()
    assert text == (planned[0].content or "") + "gpgcheck=1\n"
    assert write_prescribed(tmp_path, prescription) == ()


def test_links_in_a_circle_are_told(tmp_path: Path) -> None:
    (tmp_path / "etc/dnf").mkdir(parents=True)
    (tmp_path / "etc/dnf/dnf.conf").symlink_to("dnf.conf")

    with pytest.raises(HostError, match=r"cannot read .*dnf\.conf: Too many levels of symbolic links"):
        read_current(tmp_path, MANAGED)
