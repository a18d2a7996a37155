"""The forms of /software/packages."""

from __future__ import annotations

import pytest

from spma.profile.finding import Severity
from spma.profile.packages import read_packages
from spma.profile.tree import Tree
from yumbridge.desired.spec import Spec

ROOT = "/software/packages"


def specs(packages: Tree, packager: str = "yumdnf") -> list[Spec]:
    """Return the specs of a package list without problems, in a profile with the repository "r"."""
    found, findings = read_packages(packages, frozenset({"r"}), packager)
    assert [each for each in findings if each.severity is Severity.PROBLEM] == []
    return list(found)


def problems(packages: Tree) -> list[str]:
    _, findings = read_packages(packages, frozenset({"r"}), "yumdnf")
    return [str(each) for each in findings if each.severity is Severity.PROBLEM]


def warnings(packages: Tree, packager: str = "yumdnf") -> list[str]:
    _, findings = read_packages(packages, frozenset({"r"}), packager)
    return [str(each) for each in findings if each.severity is Severity.WARNING]


def spec(name: str, origin: str, evr: str | None = None, arch: str | None = None, repo: str | None = None) -> Spec:
    return Spec(name=name, evr=evr, arch=arch, repo_id=repo, origin=f"{ROOT}/{origin}")


@pytest.mark.parametrize(
    ("packages", "wanted"),
    [
        pytest.param({"nginx": {}}, [spec("nginx", "nginx")], id="any-version"),
        pytest.param({"baz": {"_": {"arch": {"_": ""}}}}, [spec("baz", "baz/_")], id="yumng-any-version"),
        pytest.param({"baz": {"": {"arch": {"": ""}}}}, [spec("baz", "baz/")], id="empty-keys"),
        pytest.param({"baz": {"_": {}}}, [spec("baz", "baz/_")], id="yumng-without-arch"),
        pytest.param(
            {"qux": {"_": {"arch": {"x86_64": ""}}}},
            [spec("qux", "qux/_/arch/x86_64", arch="x86_64")],
            id="yumng-arch-only",
        ),
        pytest.param(
            {"libstdc_2b_2b": {"_311_2e4_2d3_2eel9": {}}},
            [spec("libstdc++", "libstdc_2b_2b/_311_2e4_2d3_2eel9", "11.4-3.el9")],
            id="version-without-arch",
        ),
        pytest.param(
            {"bar": {"_31_2d1": {"arch": {}}}},
            [spec("bar", "bar/_31_2d1", "1-1")],
            id="version-with-empty-arch",
        ),
        pytest.param(
            {"bar": {"_31_2d1": {"arch": {"_": ""}}}},
            [spec("bar", "bar/_31_2d1", "1-1")],
            id="version-with-any-arch",
        ),
        pytest.param(
            {"glibc": {"_32_2d1": {"arch": {"x86_64": "", "i686": ""}}}},
            [
                spec("glibc", "glibc/_32_2d1/arch/i686", "2-1", "i686"),
                spec("glibc", "glibc/_32_2d1/arch/x86_64", "2-1", "x86_64"),
            ],
            id="several-arches-are-all-wanted",
        ),
        pytest.param(
            {"bar": {"_31_2d1": {"arch": {"noarch": "r"}}}},
            [spec("bar", "bar/_31_2d1/arch/noarch", "1-1", "noarch", "r")],
            id="repository-of-the-profile",
        ),
        pytest.param(
            {"_37zip": {"_2a": {"arch": {"x86_64": ""}}}},
            [spec("7zip", "_37zip/_2a/arch/x86_64", "*", "x86_64")],
            id="any-version-of-one-arch",
        ),
        pytest.param(
            {"kernel_2a": {"_35_2e_2a": {"arch": {"x86_64": ""}}}},
            [spec("kernel*", "kernel_2a/_35_2e_2a/arch/x86_64", "5.*", "x86_64")],
            id="globs",
        ),
        pytest.param(
            {"bar": {"_31_3a2_2e0_2d1": {}}},
            [spec("bar", "bar/_31_3a2_2e0_2d1", "1:2.0-1")],
            id="epoch",
        ),
        pytest.param(
            {"kernel": {"_31_2d1": {}, "_32_2d1": {}}},
            [spec("kernel", "kernel/_31_2d1", "1-1"), spec("kernel", "kernel/_32_2d1", "2-1")],
            id="two-versions-are-both-wanted",
        ),
        pytest.param({"glibc.i686": {}}, [spec("glibc.i686", "glibc.i686")], id="name-arch-stays-a-name"),
        pytest.param({"_40core": {}}, [spec("@core", "_40core")], id="group-or-alias"),
        pytest.param(
            {"_40core": {"_2a": {"arch": {"_": ""}}}},
            [spec("@core", "_40core/_2a")],
            id="group-of-any-version",
        ),
    ],
)
def test_each_form_means_its_specs(packages: Tree, wanted: list[Spec]) -> None:
    assert specs(packages) == wanted


def test_specs_are_sorted_by_origin() -> None:
    assert [each.name for each in specs({"b": {}, "a_2dx": {}, "a": {}, "_37": {}})] == [
        "7",
        "a",
        "a-x",
        "b",
    ]


@pytest.mark.parametrize(
    ("packages", "kept"),
    [
        pytest.param({"_": {}, "_31_2d1": {}}, ["_31_2d1"], id="any-and-a-version"),
        pytest.param(
            {"_2a": {"arch": {"x86_64": ""}}, "_31_2d1": {"arch": {"x86_64": ""}}},
            ["_31_2d1/arch/x86_64"],
            id="same-arch",
        ),
        pytest.param(
            {"_": {"arch": {"_": ""}}, "_31_2d1": {"arch": {"x86_64": ""}}},
            ["_31_2d1/arch/x86_64"],
            id="any-arch-and-one",
        ),
        pytest.param(
            {"_": {"arch": {"i686": ""}}, "_31_2d1": {"arch": {"x86_64": ""}}},
            ["_/arch/i686", "_31_2d1/arch/x86_64"],
            id="two-arches-are-both-wanted",
        ),
    ],
)
def test_a_versioned_entry_beats_an_unversioned_one_of_its_name(packages: Tree, kept: list[str]) -> None:
    assert [each.origin for each in specs({"bar": packages})] == [f"{ROOT}/bar/{x}" for x in kept]


def test_what_is_beaten_is_told() -> None:
    assert warnings({"bar": {"_": {}, "_31": {"arch": {"noarch": ""}}}}) == [
        f"{ROOT}/bar/_: ignored: {ROOT}/bar/_31/arch/noarch gives a version"
    ]


def test_the_same_package_under_two_spellings_is_one_spec() -> None:
    packages: Tree = {"a-b": {}, "a_2db": {}}

    assert specs(packages) == [spec("a-b", "a-b")]
    assert warnings(packages) == [f"{ROOT}/a_2db: says the same as {ROOT}/a-b"]


def test_one_package_cannot_come_from_two_repositories() -> None:
    version: Tree = {"_31": {"arch": {"noarch": "r"}}}
    other: Tree = {"_31": {"arch": {"noarch": ""}}}

    assert problems({"a-b": version, "a_2db": other}) == [
        f"{ROOT}/a_2db/_31/arch/noarch: names another repository than {ROOT}/a-b/_31/arch/noarch"
    ]


@pytest.mark.parametrize(
    ("packages", "place", "why"),
    [
        pytest.param([], "", "want a dict, got a list", id="list-of-packages"),
        pytest.param({"a": "1.0"}, "/a", "want a dict of versions", id="version-as-string"),
        pytest.param({"a": None}, "/a", "want a dict of versions, got null", id="null"),
        pytest.param({"a": {"_31": []}}, "/a/_31", "want a dict with arch", id="list-in-version"),
        pytest.param({"a": {"_31": {"arch": ["x86_64"]}}}, "/a/_31/arch", "got a list", id="list-of-arches"),
        pytest.param(
            {"a": {"_31": {"arch": {"x86_64": 1}}}},
            "/a/_31/arch/x86_64",
            "want a repository name or an empty string, got 1",
            id="number-as-repository",
        ),
        pytest.param(
            {"a": {"_31": {"arch": {"x86-64": ""}}}},
            "/a/_31/arch/x86-64",
            "'x86-64' is no rpm arch",
            id="unknown-arch",
        ),
        pytest.param({"a": {"_31": {"arch": {"src": ""}}}}, "/a/_31/arch/src", "no rpm arch", id="source"),
        pytest.param({"a_zz": {}}, "/a_zz", "bad escape '_zz'", id="bad-escape-in-name"),
        pytest.param({"a": {"_3": {}}}, "/a/_3", "bad escape '_3'", id="bad-escape-in-version"),
        pytest.param({"_": {}}, "/_", "'' is no package name", id="no-name"),
        pytest.param({"foo_5bbar": {}}, "/foo_5bbar", "'foo[bar'", id="bracket"),
        pytest.param({"a_2fb": {}}, "/a_2fb", "'a/b' is no package name", id="slash"),
        pytest.param({"a b": {}}, "/a b", "'a b' is no package name", id="space"),
        pytest.param({"a_0a": {}}, "/a_0a", "'a\\n' is no package name", id="newline"),
        pytest.param({"_2drf": {}}, "/_2drf", "'-rf' is no package name", id="leading-dash"),
        pytest.param({"_e9": {}}, "/_e9", "'é' is no package name", id="latin-1"),
        pytest.param({"a\x1b": {}}, "/a\\x1b", "no package name", id="path-is-printable"),
        pytest.param({"a": {"_31_2d2_2d3": {}}}, "/a/_31_2d2_2d3", "'1-2-3' is no version", id="two-dashes"),
        pytest.param({"a": {"x_3a1": {}}}, "/a/x_3a1", "'x:1' is no version", id="epoch-no-number"),
        pytest.param({"a": {"_31_2d": {}}}, "/a/_31_2d", "no version", id="empty-release"),
        pytest.param({"_40": {}}, "/_40", "no name of an alias or group", id="at-alone"),
        pytest.param({"_40a": {"_31": {}}}, "/_40a/_31", "an alias or group has no version", id="group-pin"),
        pytest.param(
            {"_40a": {"_": {"arch": {"noarch": ""}}}},
            "/_40a/_/arch/noarch",
            "an alias or group has neither arch nor repository",
            id="group-arch",
        ),
    ],
)
def test_what_is_wrong_is_a_problem_at_its_path(packages: Tree, place: str, why: str) -> None:
    (found,) = problems(packages)

    assert found.startswith(f"{ROOT}{place}: ")
    assert why in found


def test_all_problems_are_found_not_the_first() -> None:
    packages: Tree = {"a_zz": {}, "b": {"_3": {}, "_31": {"arch": {"x": "", "y": ""}}}, "c": 1}

    assert len(problems(packages)) == 5


@pytest.mark.parametrize(
    ("packages", "packager", "warned"),
    [
        pytest.param({"a": {}}, "yumng", f"{ROOT}/a: any version is wanted", id="empty-yumng"),
        pytest.param({"a": {}}, "dnf", f"{ROOT}/a: any version is wanted", id="empty-dnf"),
        pytest.param({"a": {"_31": {}}}, "yum", f"{ROOT}/a/_31: the version is wanted", id="drop"),
        pytest.param({"a_2ex86_5f64": {}}, "yum", f"{ROOT}/a_2ex86_5f64: ncm-spma removes", id="name-arch"),
        pytest.param({"_2adevel": {}}, "yum", f"{ROOT}/_2adevel: ncm-spma reads", id="early-glob"),
        pytest.param(
            {"a": {"_31": {"arch": {"noarch": "gone"}}}},
            "yum",
            f"{ROOT}/a/_31/arch/noarch: no repository 'gone'",
            id="unknown-repository",
        ),
        pytest.param(
            {"a": {"_31": {"arch": {"noarch": ""}, "x": 1}}},
            "yum",
            f"{ROOT}/a/_31/x: unknown field",
            id="unknown-field",
        ),
    ],
)
def test_what_upstream_gets_wrong_silently_is_a_warning(packages: Tree, packager: str, warned: str) -> None:
    (found,) = warnings(packages, packager)

    assert found.startswith(warned)


@pytest.mark.parametrize("packager", ["yum", "yumdnf"])
def test_an_unversioned_package_is_the_normal_form_elsewhere(packager: str) -> None:
    assert warnings({"a": {}, "b": {"_31": {"arch": {"noarch": ""}}}}, packager) == []


def test_an_unknown_repository_pins_nothing() -> None:
    (found,) = specs({"a": {"_31": {"arch": {"noarch": "gone"}}}})

    assert found.repo_id is None
