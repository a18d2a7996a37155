from __future__ import annotations

import pytest

from snapshots.choice.coverage import (
    Held,
    Streams,
    chosen_copies,
    covering_of,
    held_advisories,
    held_of,
    partial_advisories,
)
from snapshots.content.provenance import PartialAdvisory
from tests.support.offers import advisory, stored
from yumbridge.rpm.advisory import Advisory, AdvisoryModule

NODE = "nodejs-1:20.1-1.module_el9+1+aa.x86_64"


def held(advisories: tuple[Advisory, ...], *nevras: str, streams: Streams | None = None) -> Held:
    return held_of(map(stored, nevras), streams or {}, advisories)


def entries(found: tuple[Advisory, ...]) -> dict[str, list[str]]:
    return {each.advisory_id: [package.text for package in each.packages] for each in found}


@pytest.mark.parametrize(
    ("nevra", "is_met"),
    [
        ("a-1-2.x86_64", True),
        ("a-1-10.x86_64", True),
        ("a-1:0.1-1.x86_64", True),
        ("a-1-1.x86_64", False),
        ("a-1~rc-9.x86_64", False),
        ("a-1-2.i686", False),
        ("ab-1-2.x86_64", False),
    ],
)
def test_an_entry_is_met_by_its_package_or_a_later_build(nevra: str, *, is_met: bool) -> None:
    known = (advisory("A", "a-1-2.x86_64"),)
    assert bool(held_advisories(known, held(known, nevra))) is is_met


def test_an_advisory_keeps_the_entries_that_are_met() -> None:
    known = (advisory("B", "a-1-1.x86_64", "b-1-1.x86_64"), advisory("A", "c-1-1.x86_64"), advisory("C"))
    assert entries(held_advisories(known, held(known, "b-2-1.x86_64"))) == {"B": ["b-1-1.x86_64"]}


def test_an_advisory_that_is_met_whole_stays_as_it_is() -> None:
    known = (advisory("B", "b-1-1.noarch"), advisory("A", "a-1-1.noarch"))
    assert held_advisories(known, held(known, "a-1-1.noarch", "b-1-1.noarch")) == (known[1], known[0])


def test_the_entries_of_a_module_go_by_the_version_of_its_stream() -> None:
    module = AdvisoryModule("nodejs", "20", 9, "aa", "x86_64")
    known = (advisory("A", NODE, module=module),)
    later = "nodejs-1:20.1-1.module_el9+2+bb.x86_64"
    other = "nodejs-1:22.1-1.module_el9+3+aa.x86_64"
    assert held_advisories(known, held(known, NODE))
    assert held_advisories(known, held(known, later, streams={later: {("nodejs", "20"): 9}}))
    assert not held_advisories(known, held(known, later, streams={later: {("nodejs", "20"): 8}}))
    assert not held_advisories(known, held(known, later, streams={later: {("nodejs", "22"): 9}}))
    assert not held_advisories(known, held(known, "nodejs-1:22.1-1.el9.x86_64", streams={later: {("nodejs", "20"): 9}}))
    # That another package of the stream is held says nothing of this one.
    streams = {other: {("nodejs", "22"): 10}, "npm-1-1.module_el9+3+aa.x86_64": {("nodejs", "20"): 10}}
    assert not held_advisories(known, held(known, other, "npm-1-1.module_el9+3+aa.x86_64", streams=streams))


def test_entries_of_modules_that_do_not_say_so_go_by_the_metadata_of_modules() -> None:
    known = (advisory("A", NODE),)
    later = "nodejs-1:20.1-2.module_el9+2+aa.x86_64"
    earlier = "nodejs-1:20.0-1.module_el9+0+aa.x86_64"
    own = {("nodejs", "20"): 1}
    assert held_advisories(known, held(known, NODE))
    assert held_advisories(known, held(known, later, streams={NODE: own, later: own}))
    assert not held_advisories(known, held(known, earlier, streams={NODE: own, earlier: own}))
    assert not held_advisories(known, held(known, later, streams={NODE: own, later: {("nodejs", "22"): 2}}))
    assert not held_advisories(known, held(known, later, streams={later: own}))
    assert not held_advisories(known, held(known, "nodejs-1:22-1.el9.x86_64", streams={NODE: own}))


def test_an_entry_of_no_module_is_not_met_by_a_build_of_one() -> None:
    known = (advisory("A", "nodejs-1:16-1.el9.x86_64"),)
    assert not held_advisories(known, held(known, NODE, "nodejs-1:15-1.el9.x86_64"))
    assert held_advisories(known, held(known, NODE, "nodejs-1:16-2.el9.x86_64"))


@pytest.mark.parametrize(
    ("held_nevras", "title"),
    [
        (("a-1-1.x86_64",), "base"),
        (("a-1-1.x86_64", "b-1-1.x86_64"), "base"),
        (("a-2-1.x86_64",), "mirror"),
        (("a-1-1.x86_64", "a-2-1.x86_64", "b-1-1.x86_64"), "mirror"),
        (("a-2-1.x86_64", "c-1-1.x86_64"), "base"),
    ],
)
def test_an_edited_advisory_stays_as_the_base_has_it_where_that_repairs_more(
    held_nevras: tuple[str, ...], title: str
) -> None:
    based = (advisory("A", "a-1-1.x86_64", "c-1-1.x86_64", title="base"),)
    offered = (advisory("A", "a-2-1.x86_64", "b-1-1.x86_64", title="mirror"), advisory("B", "b-1-1.x86_64"))
    chosen = chosen_copies(offered, based, held((*based, *offered), *held_nevras))
    assert [(each.advisory_id, each.title) for each in chosen] == [("A", title), ("B", "")]
    assert chosen[0] in (*based, *offered)


def test_an_advisory_of_the_base_that_nothing_is_held_of_goes() -> None:
    based = (advisory("A", "a-1-1.x86_64"),)
    assert chosen_copies((), based, held(based, "b-1-1.x86_64")) == ()


def test_an_advisory_is_partial_when_the_sources_have_more_of_it() -> None:
    known = (
        advisory("A", "a-2-1.x86_64", "b-2-1.x86_64", "gone-2-1.x86_64"),
        advisory("B", "a-2-1.x86_64", "gone-2-1.x86_64"),
        advisory("C", "b-2-1.x86_64"),
    )
    offered = held(known, "a-2-1.x86_64", "b-2-1.x86_64", "b-1-1.x86_64")
    kept = held_advisories(known, held(known, "a-3-1.x86_64", "b-1-1.x86_64"))
    assert partial_advisories(known, kept, offered) == (
        PartialAdvisory(advisory_id="A", held=("a-2-1.x86_64",), missing=("b-2-1.x86_64",)),
    )


def test_a_package_is_covered_by_the_advisories_that_name_its_very_build() -> None:
    covering = covering_of([advisory("B", "a-1-1.noarch"), advisory("A", "a-1-1.noarch", "a-2-1.noarch")])
    assert covering.ids(stored("a-1-1.noarch")) == ("A", "B")
    assert covering.ids(stored("a-2-1.noarch")) == ("A",)
    assert covering.ids(stored("a-3-1.noarch")) == ()
    assert covering.ids(stored("a-1-1.x86_64")) == ()
