"""Metapackages as rpmbuild makes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.signing import SigningKey
from tests.support.tool import run
from yumbridge.errors import HostError
from yumbridge.rpm.evr import EVR
from yumbridge.rpm.metapackage import Metapackage
from yumbridge.run.rpmbuild import build, put

HOSTILE = (
    "100 % sure",
    "%{lua:rpm.expand('%(touch {MARK})')} %(touch {MARK})",
    "%%(touch {MARK}) %%%(touch {MARK})",
    "\\%(touch {MARK}) \\%%{lua:os.remove('{MARK}')} \\\\%{",
    "%{ %[ %( never closed",
    "\\%{ and \\%( never closed, behind what hides one of two",
    "at the end \\",
    "a\nRequires: evil\n%pre\ntouch {MARK}\n%post -p <lua>\n%if 0",
    "%pre",
    "ü \x1b[2J \u202e \x00",
    "x" * 100_000,
)


def metapackage(summary: str = "What it is for", requires: tuple[str, ...] = ("a",)) -> Metapackage:
    return Metapackage(name="metadependency-m", evr=EVR(0, "1", "1"), summary=summary, requires=requires)


def query(path: Path, queryformat: str) -> str:
    return run("rpm", "--query", "--package", "--nosignature", path, "--queryformat", queryformat)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_summary_is_never_a_macro(tmp_path: Path, text: str) -> None:
    mark = tmp_path / "mark"
    mark.write_text("", encoding="utf-8")
    mark.unlink()
    written = text.replace("{MARK}", str(mark))

    path = put(metapackage(written), build(metapackage(written)), tmp_path)

    expected = "".join(letter if letter.isprintable() else "?" for letter in " ".join(written.split()))
    assert query(path, "%{SUMMARY}") == expected
    assert query(path, "[%{REQUIRENAME}\n]").splitlines()[0] == "a"
    assert query(path, "%{PREIN}%{POSTIN}") == "(none)(none)"
    assert not mark.exists()


def test_names_that_are_words_of_the_syntax_are_names(tmp_path: Path) -> None:
    requires = ("((and and if) or or or libstdc++)",)

    path = put(metapackage(requires=requires), build(metapackage(requires=requires)), tmp_path)

    assert requires[0] in query(path, "[%{REQUIRENAME}\n]").splitlines()


def test_the_same_package_is_the_same_bytes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whoever builds it, when and where: neither macros of the user nor the place take part."""
    first = build(metapackage())
    (tmp_path / ".rpmmacros").write_text("%vendor somebody\n%_buildhost here\n", encoding="ascii")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "elsewhere"))

    assert build(metapackage()) == first
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_the_time_of_the_environment_is_the_time_of_the_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")

    assert query(put(metapackage(), build(metapackage()), tmp_path), "%{BUILDTIME}") == "1700000000"


def test_without_rpmbuild_the_package_to_install_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(HostError, match="rpmbuild is missing: install the package rpm-build, or rpm on Debian"):
        build(metapackage())


def test_what_rpmbuild_refuses_is_told_in_its_words() -> None:
    with pytest.raises(HostError) as refused:
        build(metapackage(requires=("(a or",)))

    assert any("(a or" in line for line in refused.value.details)


def test_an_rpm_is_not_replaced_by_another_one(tmp_path: Path) -> None:
    before = build(metapackage())
    path = put(metapackage(), before, tmp_path / "out/rpms")

    with pytest.raises(HostError, match=r"is there, with another content: raise version or release"):
        put(metapackage(), build(metapackage(requires=("b",))), path.parent)

    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_an_rpm_that_was_signed_meanwhile_stays(tmp_path: Path, signing_key: SigningKey) -> None:
    content = build(metapackage())
    path = put(metapackage(), content, tmp_path)
    signing_key.sign([path])
    signed = path.read_bytes()

    put(metapackage(), content, tmp_path)

    assert signed != content
    assert path.read_bytes() == signed
