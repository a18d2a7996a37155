"""What a root says of its host."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from yumbridge.run.host import host_name, read_host


def with_os_release(root: Path, text: str) -> Path:
    (root / "etc").mkdir(exist_ok=True)
    (root / "etc/os-release").write_text(text, encoding="utf-8")
    return root


@pytest.mark.parametrize(
    ("text", "releasever", "major"),
    [
        pytest.param('ID="almalinux"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.4"\n', "9", 9, id="enterprise-linux"),
        pytest.param("ID=fedora\nVERSION_ID=41\n", "41", 41, id="fedora"),
        pytest.param('ID=debian\nVERSION_ID="12"\n', "12", 12, id="debian"),
        pytest.param("ID=debian\n", None, None, id="no-version"),
        pytest.param(f"ID=debian\nVERSION_ID={'9' * 5000}\n", "9" * 5000, None, id="endless"),
    ],
)
def test_the_release_of_a_root(tmp_path: Path, text: str, releasever: str | None, major: int | None) -> None:
    facts = read_host(with_os_release(tmp_path, text))
    assert (facts.releasever, facts.os_major) == (releasever, major)


def test_an_empty_root_says_nothing(tmp_path: Path) -> None:
    facts = read_host(tmp_path)
    assert (facts.releasever, facts.kernel_release, facts.platform_id) == (None, None, None)


def test_what_is_given_beats_what_the_root_says(tmp_path: Path) -> None:
    root = with_os_release(tmp_path, "ID=fedora\nVERSION_ID=41\nPLATFORM_ID=platform:f41\n")
    facts = read_host(root, arch="aarch64", releasever="42", kernel_release="6.1")
    assert (facts.arch, facts.releasever, facts.kernel_release, facts.platform_id) == (
        "aarch64",
        "42",
        "6.1",
        "platform:f41",
    )


def test_only_the_machine_itself_runs_a_kernel(tmp_path: Path) -> None:
    assert read_host(tmp_path).kernel_release is None
    assert read_host(Path("/")).kernel_release == os.uname().release


def test_a_link_out_of_the_root_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("ID=fedora\nVERSION_ID=41\n", encoding="utf-8")
    root = tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    (root / "etc/os-release").symlink_to(tmp_path / "outside")
    assert read_host(root).releasever is None


def test_the_name_of_a_host_is_that_of_its_root(tmp_path: Path) -> None:
    assert host_name(tmp_path) == ""
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/hostname").write_text("web01.example.org\n", encoding="utf-8")
    assert host_name(tmp_path) == "web01.example.org"
    assert host_name(Path("/")) == os.uname().nodename


def test_a_name_that_lies_outside_of_the_root_is_none(tmp_path: Path) -> None:
    (tmp_path / "root/etc").mkdir(parents=True)
    (tmp_path / "hostname").write_text("ours\n", encoding="utf-8")
    (tmp_path / "root/etc/hostname").symlink_to(tmp_path / "hostname")
    assert host_name(tmp_path / "root") == ""
