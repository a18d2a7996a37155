"""Laws of the difference of two profiles."""

from __future__ import annotations

import gzip
import json
import random
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from spma.errors import ProfileError
from spma.profile.difference import ProfileDifference, compare
from spma.profile.meaning import Meaning, meaning_of
from spma.profile.reading import BRIDGE, read_profile
from spma.profile.tree import Tree
from tests.support.profiles import escape
from yumbridge.config import read_layer
from yumbridge.desired.policy import Policy
from yumbridge.plan.document import ProfileRef

NAMES = st.sampled_from(["kernel", "glibc", "7zip", "libstdc++", "app", "kernel*", "glibc.i686"])
VERSIONS = st.sampled_from(["", "*", "1-1", "1:2-1", "3"])
ARCHES = st.dictionaries(st.sampled_from(["x86_64", "i686", "_"]), st.sampled_from(["", "base"]), max_size=2)
FORMS = st.dictionaries(VERSIONS.map(escape), ARCHES.map(lambda each: {"arch": each}), max_size=2)
PACKAGES = st.dictionaries(
    NAMES.map(escape), FORMS.filter(lambda forms: len({key for form in forms.values() for key in form["arch"]}) < 3)
)
REPOSITORIES = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.sampled_from(["base", "extras", "epel"]),
            "protocols": st.lists(
                st.sampled_from(["http://a:b@h/x", "http://a:c@h/x", "file:///srv"]).map(lambda url: {"url": url}),
                min_size=1,
                max_size=2,
            ),
        },
        optional={"priority": st.integers(1, 3), "excludepkgs": st.permutations(["a", "b"])},
    ),
    max_size=3,
    unique_by=lambda repository: str(repository["name"]),
)
HOLDS = st.lists(
    st.fixed_dictionaries(
        {"packages": st.lists(NAMES, min_size=1, max_size=3)},
        optional={"install": st.booleans(), "until": st.sampled_from(["boot", {"between": "02:00-04:00"}])},
    ),
    max_size=3,
)
ALIASES = st.dictionaries(
    st.sampled_from(["mta", "web", "hpc"]),
    st.fixed_dictionaries({"any_of": st.permutations(["x", "y"])})
    | st.fixed_dictionaries({"all_of": st.permutations(["x", "y", "z"])}),
    max_size=2,
)
PROFILES: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {
        "packages": PACKAGES.map(lambda packages: {"always": {}, **packages}),
        "repositories": REPOSITORIES,
        "components": st.fixed_dictionaries(
            {
                "spma": st.fixed_dictionaries(
                    {},
                    optional={
                        "userpkgs": st.sampled_from(["yes", "no"]),
                        "excludes": st.permutations(["a", "b"]),
                        "dnfconf": st.sampled_from(["debuglevel=1", "debuglevel=2", "best=1"]),
                        "run": st.booleans(),
                    },
                ),
                "yumbridge": st.fixed_dictionaries({"holds": HOLDS, "aliases": ALIASES}),
            }
        ),
    }
)


def meaning(content: bytes) -> Meaning | None:
    """Return what a profile means, None for one that contradicts itself."""
    try:
        profile = read_profile(content)
    except ProfileError:
        return None
    layer = read_layer(profile.bridge, BRIDGE, commands=False)
    return meaning_of(profile.desired_state(Policy(), layer.applied_to, layer.aliases), profile.options)


def compared(before: Meaning, after: Meaning) -> ProfileDifference:
    refs = tuple(ProfileRef(source=name, digest="") for name in ("old", "new"))
    return compare(before, after, (refs[0], refs[1]))


def sections(difference: ProfileDifference) -> list[tuple[set[Any], set[Any], set[Any]]]:
    """Return what comes, what goes, and what changes from what to what, of each section."""
    return [
        (
            set(section.added),
            set(section.removed),
            {(change.before, change.after, change.fields) for change in section.changed},
        )
        for section in (
            difference.specs,
            difference.repositories,
            difference.modules,
            difference.options,
            difference.holds,
            difference.aliases,
        )
    ]


MEANINGS = PROFILES.map(lambda tree: meaning(json.dumps(tree).encode())).filter(bool)


@given(MEANINGS)
def test_a_profile_does_not_differ_from_itself(one: Meaning) -> None:
    """The difference of a profile with itself is empty."""
    assert compared(one, one).is_empty


@given(MEANINGS, MEANINGS)
def test_a_difference_read_backwards_is_that_of_the_other_way(one: Meaning, other: Meaning) -> None:
    """What comes goes, what goes comes, and what changes changes back."""
    there, back = sections(compared(one, other)), sections(compared(other, one))
    mirrored = [(gone, come, {(b, a, fields) for a, b, fields in changed}) for come, gone, changed in back]
    assert there == mirrored


@given(MEANINGS, MEANINGS)
def test_no_difference_means_one_meaning(one: Meaning, other: Meaning) -> None:
    """Nothing is overlooked: two profiles that do not differ mean the same but for where it is written."""
    is_empty = compared(one, other).is_empty
    assert is_empty is (stripped(one) == stripped(other))


def stripped(one: Meaning) -> list[set[str]]:
    """Return what a profile means as text, without the places."""
    entries = (one.specs, one.repositories, one.modules, one.options, one.holds, one.aliases)
    return [
        {msgspec.json.encode({**msgspec.structs.asdict(e), "origin": ""}).decode() for e in each} for each in entries
    ]


def shuffled(tree: Tree, order: random.Random) -> Tree:
    """Return a tree with the keys of each dict in another order."""
    match tree:
        case dict():
            keys = list(tree)
            order.shuffle(keys)
            return {key: shuffled(tree[key], order) for key in keys}
        case list():
            return [shuffled(each, order) for each in tree]
        case _:
            return tree


def respelled(tree: dict[str, Tree], order: random.Random) -> bytes:
    """Return the bytes of a profile that means the same as `tree`."""
    packages, repositories = tree["packages"], tree["repositories"]
    assert isinstance(packages, dict)
    assert isinstance(repositories, list)
    forms: list[Tree] = [{}, {"_": {}}, {"_": {"arch": {}}}, {"_": {"arch": {"_": ""}}}]
    spelled = {key: order.choice(forms) if value == {} else value for key, value in packages.items()}
    listed: list[Tree] = [
        {"enabled": True, "gpgcheck": False, **each} for each in repositories if isinstance(each, dict)
    ]
    order.shuffle(listed)
    other = shuffled({**tree, "packages": spelled, "repositories": listed}, order)
    content = json.dumps(order.choice([other, {"software": other}])).encode()
    return order.choice([content, gzip.compress(content)])


@given(PROFILES, st.randoms(use_true_random=False))
def test_another_spelling_is_no_difference(tree: dict[str, Tree], order: random.Random) -> None:
    """Order of keys and of repositories, forms of an entry, defaults written out, whole or part, packed or not."""
    one = meaning(json.dumps(tree).encode())
    if one is not None:
        other = meaning(respelled(tree, order))
        assert other is not None
        assert compared(one, other).is_empty
