"""Whole profiles."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from spma.errors import EmptyPackageListError, ProfileError
from spma.profile.configuration import configuration_of
from spma.profile.reading import Profile, read_profile
from spma.profile.tree import Tree
from tests.support.data import sample
from yumbridge.desired.policy import Policy
from yumbridge.desired.spec import Spec
from yumbridge.desired.state import DesiredState, Network

DATA = Path(__file__).parent / "data"
SOFTWARE: Tree = {
    "packages": {"nginx": {}, "bar": {"_31_2d1": {"arch": {"x86_64": "a"}}}},
    "repositories": [{"name": "a", "protocols": [{"name": "http", "url": "http://h/a"}]}],
    "components": {"spma": {"run": "no", "userpkgs": "yes"}, "yumbridge": {"holds": []}},
    "groups": {"core": {}},
    "modules": {"nodejs": {"stream": "18"}},
}


def read(tree: Tree) -> Profile:
    return read_profile(json.dumps(tree).encode())


def problems(tree: Tree) -> tuple[str, ...]:
    with pytest.raises(ProfileError) as caught:
        read(tree)
    return caught.value.details


def small_cases() -> list[Path]:
    return sorted(DATA.iterdir())


@pytest.mark.parametrize("path", small_cases(), ids=lambda path: path.name)
def test_compiled_profiles_load(path: Path) -> None:
    assert read_profile(path.read_bytes()).repositories


def test_every_sample_profile_loads() -> None:
    paths = [path for path in sample("profiles").iterdir() if path.suffix in {".json", ".xml"}]

    assert len(paths) > 10
    for path in paths:
        read_profile(path.read_bytes())


def test_json_and_xml_of_one_profile_are_the_same() -> None:
    as_json, as_xml = ((DATA / f"upstream-simple.{suffix}").read_bytes() for suffix in ("json", "xml"))

    assert read_profile(as_json) == read_profile(as_xml)


@pytest.mark.parametrize(
    "tree",
    [
        pytest.param({"software": SOFTWARE, "hardware": {}, "system": {}}, id="whole"),
        pytest.param({"software": SOFTWARE}, id="software-with-its-key"),
        pytest.param(SOFTWARE, id="software-without-its-key"),
    ],
)
def test_a_profile_may_be_whole_or_its_software_part(tree: Tree) -> None:
    profile = read(tree)

    assert profile == read(SOFTWARE)
    assert [spec.name for spec in profile.specs] == ["bar", "nginx"]
    assert profile.specs[0].repo_id == "a"
    assert not profile.run
    assert profile.bridge == {"holds": []}
    assert [group.name for group in profile.groups] == ["core"]


def test_a_packed_profile_is_the_same() -> None:
    assert read_profile(gzip.compress(json.dumps(SOFTWARE).encode())) == read(SOFTWARE)


def test_a_profile_means_a_desired_state() -> None:
    profile = read(SOFTWARE)
    policy = Policy(removal_limit=7, keep_user_packages=True)

    assert profile.desired_state(Policy(removal_limit=7)) == DesiredState(
        specs=(Spec(name="@core", is_group=True, origin="/software/groups/core"), *profile.specs),
        repositories=profile.repositories,
        modules=profile.modules,
        policy=policy,
        network=Network(),
        configuration=configuration_of(profile.options, policy, Network(), profile.modules),
    )


def test_a_component_is_not_needed() -> None:
    profile = read({"packages": {"nginx": {}}})

    assert profile.run
    assert profile.bridge == {}
    assert profile.desired_state(Policy()).policy == Policy()


@pytest.mark.parametrize(
    "packages",
    [pytest.param({"packages": {}}, id="empty"), pytest.param({"repositories": []}, id="missing")],
)
def test_an_empty_package_list_loads_but_means_no_state(packages: Tree) -> None:
    profile = read({"software": packages})

    with pytest.raises(EmptyPackageListError) as caught:
        profile.desired_state(Policy())
    assert caught.value.kind == "empty-package-list"


@pytest.mark.parametrize(
    ("tree", "details"),
    [
        pytest.param({}, ("/software: missing",), id="nothing"),
        pytest.param({"hardware": {}, "system": {}}, ("/software: missing",), id="other-parts-only"),
        pytest.param({"software": []}, ("/software: want a dict, got a list",), id="list"),
        pytest.param({"software": None}, ("/software: want a dict, got null",), id="null"),
        pytest.param(
            {"software": {"components": []}},
            ("/software/components: want a dict, got a list",),
            id="components",
        ),
        pytest.param(
            {"software": {"components": {"yumbridge": "x"}}},
            ("/software/components/yumbridge: want a dict, got 'x'",),
            id="bridge",
        ),
    ],
)
def test_a_profile_of_the_wrong_shape_is_refused(tree: Tree, details: tuple[str, ...]) -> None:
    assert problems(tree) == details


def test_a_list_is_no_profile() -> None:
    with pytest.raises(ProfileError, match="profile is no dict but a list"):
        read([])


def test_all_problems_of_all_parts_are_raised_at_once_and_sorted() -> None:
    tree: Tree = {
        "software": {
            "packages": {"a_zz": {}, "b": {"_31": {"arch": {"vax": ""}}}},
            "repositories": [{"name": "../x", "protocols": []}],
            "components": {"spma": {"run": "perhaps"}},
            "groups": {"core": 1},
            "modules": {"x": 1},
        }
    }

    with pytest.raises(ProfileError, match=r"^profile has 7 problems$") as caught:
        read(tree)

    assert [line.partition(": ")[0] for line in caught.value.details] == [
        "/software/components/spma/run",
        "/software/groups/core",
        "/software/modules/x",
        "/software/packages/a_zz",
        "/software/packages/b/_31/arch/vax",
        "/software/repositories/0/name",
        "/software/repositories/0/protocols",
    ]


def test_one_problem_is_counted_in_words_that_fit() -> None:
    with pytest.raises(ProfileError, match=r"^profile has 1 problem$"):
        read({"packages": {"a_zz": {}}})


def test_warnings_are_sorted_and_do_not_stop_a_profile() -> None:
    profile = read({"packages": {"b": {"_31": {}}, "a": {"_31": {}}}, "components": {"spma": {"x": 1}}})

    assert [each.path for each in profile.warnings] == [
        "/software/components/spma/x",
        "/software/packages/a/_31",
        "/software/packages/b/_31",
    ]


def test_modules_switched_off_are_ignored_with_a_warning() -> None:
    profile = read(
        {"packages": {"a": {}}, "modules": {"m": {"stream": "1"}}, "components": {"spma": {"modules": False}}}
    )

    assert profile.desired_state(Policy()).modules == ()
    assert [str(each) for each in profile.warnings] == [
        "/software/components/spma/modules: switched off: /software/modules is ignored"
    ]


def test_a_second_forward_proxy_is_told_to_be_of_no_use() -> None:
    profile = read({"packages": {"a": {}}, "components": {"spma": {"proxyhost": "p1,p2"}}})

    assert profile.desired_state(Policy()).network.proxy == "http://p1"
    assert [str(each) for each in profile.warnings] == [
        "/software/components/spma/proxyhost: dnf knows one forward proxy: only p1 is used"
    ]


def test_the_proxies_of_the_component_are_in_the_desired_state() -> None:
    profile = read_profile((DATA / "el9accept.json").read_bytes())

    state = profile.desired_state(Policy())

    assert profile.repositories[0].urls == ("http://repo.example.org/snapshots/20260301/el9_baseos",)
    assert state.repositories[0].urls == (
        "http://proxy1.example.org:3128/snapshots/20260301/el9_baseos",
        "http://proxy2.example.org:3128/snapshots/20260301/el9_baseos",
    )
    assert state.repositories[1] == profile.repositories[1]
    assert state.policy.excludes == ("kernel-debug*",)
