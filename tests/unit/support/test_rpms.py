"""Packages of the test worlds are real rpms that real dnf installs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support import tool
from tests.support.cache import Cache
from tests.support.dnf import dnf
from tests.support.kernels import kernels
from tests.support.rpmbuild import build
from tests.support.rpms import Rpm
from tests.support.trees import Tree
from tests.support.world import World

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="rpm changes its root directory")

GLIBC = Rpm("glibc", "2.34-1", arch="x86_64", source="glibc", files={"/lib64/libc.so.6": "%c\n"})
COMMON = Rpm("glibc-common", "2.34-1", arch="x86_64", source="glibc", requires=("glibc = 2.34-1",))


def header(path: Path, queryformat: str) -> str:
    return tool.run("rpm", "--query", "--nosignature", "--queryformat", queryformat, "--package", path)


def test_a_package_is_the_same_bytes_whatever_it_is_built_with(tmp_path: Path) -> None:
    (alone,) = build([GLIBC], tmp_path / "alone", Cache(tmp_path / "cache-1"))
    among, *_ = build([GLIBC, COMMON, Rpm("bash")], tmp_path / "among", Cache(tmp_path / "cache-2"))

    assert alone.read_bytes() == among.read_bytes()


def test_a_package_built_before_is_not_built_again(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    build([GLIBC], tmp_path / "first", cache)
    before = Tree.of(tmp_path / "cache")
    build([GLIBC], tmp_path / "second", cache)

    # Building would have made a work directory in it.
    assert before.changes(Tree.of(tmp_path / "cache")) == ()


def test_an_epoch_of_nought_is_stored_and_none_is_not(tmp_path: Path, rpm_cache: Cache) -> None:
    nought, none = build([Rpm("a", "0:1-1"), Rpm("b", "1-1")], tmp_path, rpm_cache)

    assert (header(nought, "%{EPOCH}"), header(none, "%{EPOCH}")) == ("0", "(none)")


def test_a_package_without_siblings_is_of_a_source_of_its_own(tmp_path: Path, rpm_cache: Cache) -> None:
    sources = [header(path, "%{SOURCERPM}") for path in build([GLIBC, COMMON, Rpm("bash")], tmp_path, rpm_cache)]

    assert sources == ["glibc-2.34-1.src.rpm", "glibc-2.34-1.src.rpm", "bash-1-1.src.rpm"]


def test_sub_packages_may_have_versions_of_their_own(tmp_path: Path, rpm_cache: Cache) -> None:
    rpms = [Rpm(f"perl-{name}", f"{name}-1", source="perl-5.32-1.src.rpm") for name in ("1", "2")]

    written = [header(path, "%{VERSION} %{SOURCERPM}") for path in build(rpms, tmp_path, rpm_cache)]
    assert written == ["1 perl-5.32-1.src.rpm", "2 perl-5.32-1.src.rpm"]


def test_packages_that_would_overwrite_each_other_are_refused(tmp_path: Path, rpm_cache: Cache) -> None:
    with pytest.raises(ValueError, match=r"more than one package for bash-1-1\.noarch\.rpm"):
        build([Rpm("bash"), Rpm("bash", requires=("libc",))], tmp_path, rpm_cache)


@needs_root
def test_dnf_installs_every_arch_with_its_files(world: World) -> None:
    i686 = Rpm("glibc", "2.34-1", arch="i686", files={"/lib/libc.so.6": "32"}, source="glibc")
    docs = Rpm("glibc-doc", "1:2.34-1", files={"/usr/share/a doc/": "", "/usr/share/a doc/100%": ""})
    base = world.repository("base", GLIBC, i686, COMMON, docs)
    root = world.root()

    done = dnf(root.path, "install", "glibc.i686", "glibc.x86_64", "glibc-common", "glibc-doc", repositories=[base])

    assert done.code == 0, done.stderr
    assert root.installed() == {rpm.nevra for rpm in (GLIBC, i686, COMMON, docs)}
    assert (root.path / "lib64/libc.so.6").read_text() == "%c\n"
    assert (root.path / "usr/share/a doc/100%").is_file()


@needs_root
def test_lua_scriptlets_run_in_a_root_without_a_shell(world: World) -> None:
    speaks = Rpm("speaks", scriptlets={"post": 'print("100% spoken")'})
    refuses = Rpm("refuses", scriptlets={"pre": 'error("not today")'})
    base = world.repository("base", speaks, refuses)
    root = world.root()

    done = dnf(root.path, "install", "speaks", "refuses", repositories=[base])

    assert "100% spoken" in done.stdout + done.stderr
    assert "not today" in done.stdout + done.stderr
    assert root.installed() == {"speaks-1-1.noarch"}


@needs_root
def test_kernels_install_side_by_side(world: World) -> None:
    root = world.root(*kernels("5.14.0-1.el9"))
    base = world.repository("base", *kernels("5.14.0-1.el9", "5.14.0-2.el9"))

    done = dnf(root.path, "install", "kernel-5.14.0-2.el9", repositories=[base])

    assert done.code == 0, done.stderr
    assert root.tags("kernel-core", "%{VERSION}-%{RELEASE}") == ("5.14.0-1.el9", "5.14.0-2.el9")
