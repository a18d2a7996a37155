"""The solver's phrases in plain words."""

from __future__ import annotations

import pytest

from yumbridge.plan.wording import joined, mentioned, nevras, plain

NEEDS = "package foo-2-1.noarch requires bar >= 2, but none of the providers can be installed"

# As libdnf of dnf 4 says it; dnf 5 names the repository of a package.
PHRASES = {
    "nothing provides lib >= 2 needed by app-1-1.noarch": "app-1-1.noarch needs lib >= 2, which no package provides",
    "nothing provides (a if b) needed by a-1-1.noarch from x": "a-1-1.noarch needs (a if b), which no package provides",
    "nothing provides requested foo": "no package provides foo",
    NEEDS: "foo-2-1.noarch needs bar >= 2, and nothing that provides it can be installed",
    f"{NEEDS}; package bar-2-1.noarch is filtered out by exclude filtering": (
        "foo-2-1.noarch needs bar >= 2; bar-2-1.noarch is excluded"
    ),
    "installed package foo-2-1.noarch requires bar, but none of the providers can be installed; conflicting requests": (
        "foo-2-1.noarch needs bar, and nothing that provides it can be installed"
    ),
    "cannot install both a-1-1.noarch and a-2-1.noarch": "only one of a-1-1.noarch and a-2-1.noarch can be installed",
    "cannot install both a-1-1.noarch from base and b-2-1.noarch from base": (
        "a-1-1.noarch cannot be installed beside b-2-1.noarch"
    ),
    "package a-1-1.noarch conflicts with b provided by b-1-1.noarch": "a-1-1.noarch conflicts with b-1-1.noarch",
    "package a-1-1.noarch from x conflicts with c > 1 provided by b-1-1.noarch from y": (
        "a-1-1.noarch conflicts with c > 1, which b-1-1.noarch provides"
    ),
    "package a-1-1.noarch conflicts with c provided by itself": (
        "a-1-1.noarch conflicts with c, which it provides itself"
    ),
    "package a-1-1.noarch obsoletes b < 2 provided by b-1-1.noarch": (
        "a-1-1.noarch obsoletes b < 2, which b-1-1.noarch provides"
    ),
    "installed package a-1-1.noarch obsoletes b provided by b-1-1.noarch": "a-1-1.noarch obsoletes b-1-1.noarch",
    "package a-1-1.noarch implicitly obsoletes b provided by b-1-1.noarch": "a-1-1.noarch obsoletes b-1-1.noarch",
    "both package a-1-1.noarch and b-1-1.noarch obsolete c": "a-1-1.noarch and b-1-1.noarch both obsolete c",
    "package a-1-1.noarch is filtered out by modular filtering": "module streams keep a-1-1.noarch out",
    "package a-1-1.noarch is excluded": "a-1-1.noarch is excluded",
    "package a-1-1.ppc64 does not have a compatible architecture": "a-1-1.ppc64 is for another architecture",
    "a-1-1.i686 has inferior architecture": "a-1-1.i686 gives way to a better architecture",
    "package a-1-1.noarch is not installable": "a-1-1.noarch cannot be installed",
    "a-1-1.noarch does not belong to a distupgrade repository": "a-1-1.noarch is in none of the repositories",
    "package foo does not exist": "no package is named foo",
    "problem with installed package a-1-1.noarch": "a-1-1.noarch is installed and stays",
    "The operation would result in removing the following protected packages: dnf": (
        "dnf would be removed, and is protected"
    ),
    "The operation would result in removing of running kernel: kernel-1-1.noarch": (
        "kernel-1-1.noarch would be removed, and is the running kernel"
    ),
    "module app:1:1:x.noarch requires module(b:2), but none of the providers can be installed; conflicting requests": (
        "app:1:1:x.noarch needs module(b:2), and nothing that provides it can be installed"
    ),
    "nothing provides module(b) needed by module app:1:1:x.noarch": (
        "app:1:1:x.noarch needs module(b), which no package provides"
    ),
    "conflicting requests": "what is asked for excludes each other",
    "cannot install the best candidate for the job": "the newest build cannot be installed",
    "cannot install the best update candidate for package a-1-1.noarch": "the newest build cannot be installed",
    "some dependency problem": "a dependency cannot be met",
    "foo is provided by the system": "foo is provided by the system",
    "what no solver says; conflicting requests": "what no solver says",
    "": "",
}


@pytest.mark.parametrize("text", PHRASES)
def test_a_phrase_of_the_solver_becomes_a_plain_sentence(text: str) -> None:
    assert plain(text) == PHRASES[text]


@pytest.mark.parametrize("text", PHRASES)
def test_plain_words_stay_as_they_are(text: str) -> None:
    assert plain(plain(text)) == plain(text)


def test_the_same_is_said_once_and_of_many_builds_together() -> None:
    builds = [f"app-{version}-1.noarch" for version in (2, 10, 1)]
    excluded = [f"package {build} is filtered out by exclude filtering" for build in builds]

    assert plain("; ".join([*excluded, *excluded])) == "3 builds of app (1-1 to 10-1) are excluded"
    assert plain("; ".join(excluded[:2])) == "app-2-1.noarch and app-10-1.noarch are excluded"


def test_builds_that_exclude_each_other_do_so_arch_by_arch() -> None:
    both = [f"cannot install both lib-2-1.{arch} and lib-1-1.{arch}" for arch in ("i686", "x86_64")]

    assert plain("; ".join(both)) == (
        "only one of lib-2-1.i686 and lib-1-1.i686 can be installed; "
        "only one of lib-2-1.x86_64 and lib-1-1.x86_64 can be installed"
    )
    assert plain("cannot install both lib-2-1.i686 and lib-1-1.x86_64") == (
        "lib-2-1.i686 cannot be installed beside lib-1-1.x86_64"
    )


def test_that_a_package_stays_is_told_last() -> None:
    text = "problem with installed package a-1-1.noarch; package a-1-1.noarch conflicts with b provided by b-1-1.noarch"

    assert plain(text) == "a-1-1.noarch conflicts with b-1-1.noarch; a-1-1.noarch is installed and stays"


def test_names_and_packages_are_found_in_the_solvers_words() -> None:
    text = f"{NEEDS}; conflicting requests; nothing provides (x if y) needed by app-1-1.noarch; or so"

    assert mentioned(text) == {"foo", "bar", "app", "x"}
    assert nevras(text) == {"foo-2-1.noarch", "app-1-1.noarch"}


def test_what_is_too_much_is_counted() -> None:
    assert joined([]) == ""
    assert joined(["a", "b"]) == "a and b"
    assert joined([str(number) for number in range(9)]) == "0, 1, 2, 3, 4 and 4 more"
