from __future__ import annotations

import gzip
import re
import time
from collections import Counter
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

import pytest

from snapshots.choice.date import last_moment, seconds
from snapshots.choice.recipe import Recipe, recipe_of
from snapshots.choice.selection import Offer, Selection, select
from snapshots.choice.verdict import Reason
from snapshots.intake.upstream import read_upstream
from tests.support.data import sample
from tests.support.offers import advisory, in_order, stored

OLD = stored("a-1-1.x86_64", "2026-01-01")
NEW = stored("a-2-1.x86_64", "2026-02-01")
OTHER = stored("b-1-1.noarch", "2026-02-01")
KERNEL = stored("kernel-1-1.x86_64", "2026-01-01")
KERNEL_2 = stored("kernel-2-1.x86_64", "2026-02-01")
ALL = in_order([OLD, NEW, OTHER, KERNEL, KERNEL_2])

# "gone" is in the base only.
GONE = stored("gone-1-1.x86_64")
BASE = in_order([OLD, KERNEL, GONE])

FIX = advisory("FIX", "a-2-1.x86_64", issued="2026-02-02")
BUG = advisory("BUG", "kernel-2-1.x86_64", issued="2026-03-02", kind="bugfix", severity="")
ADVISORIES = (BUG, FIX)


def chosen(tree: object, offer: Offer | None = None) -> Selection:
    return select(recipe_of(tree, "recipe"), [offer or Offer(repo_id="r", packages=ALL, advisories=ADVISORIES)])


def names(selection: Selection) -> list[str]:
    return [package.text.rpartition("-1.")[0] for part in selection.repositories for package in part.packages]


def reason(selection: Selection, text: str) -> tuple[Reason, str]:
    for part in selection.repositories:
        for package, verdict in (*zip(part.packages, part.verdicts, strict=True), *part.dropped):
            if package.text == text:
                return verdict.reason, verdict.rule
    raise AssertionError(text)


BASED: Final = Offer(
    repo_id="r",
    packages=ALL,
    advisories=ADVISORIES,
    base_packages=BASE,
    base_advisories=(advisory("BASED", "gone-1-1.x86_64"),),
)


def test_without_rules_everything_is_kept() -> None:
    selection = chosen({})
    assert selection.repositories[0].packages == ALL
    assert set(selection.repositories[0].verdicts) == {selection.repositories[0].verdicts[0]}
    assert reason(selection, "a-1-1.x86_64") == (Reason.OFFERED, "")
    assert selection.warnings == ()


def test_the_base_stays_and_what_mirrors_have_comes() -> None:
    selection = chosen({"base": "x"}, BASED)
    assert names(selection) == ["a-1", "a-2", "b-1", "gone-1", "kernel-1", "kernel-2"]
    assert reason(selection, "gone-1-1.x86_64") == (Reason.BASE, "base")
    assert selection.repositories[0].base == {OLD.pkgid, KERNEL.pkgid, GONE.pkgid}


def test_what_the_base_has_is_taken_as_the_base_has_it() -> None:
    from_mirror = stored("a-1-1.x86_64", "2026-06-01")
    offer = Offer(repo_id="r", packages=(from_mirror,), base_packages=(OLD,))
    assert chosen({"base": "x"}, offer).repositories[0].packages == (OLD,)


def test_as_of_takes_what_was_built_by_the_end_of_that_day() -> None:
    assert names(chosen({"as_of": "2026-01-31"})) == ["a-1", "kernel-1"]
    assert names(chosen({"as_of": "2026-02-01"})) == ["a-1", "a-2", "b-1", "kernel-1", "kernel-2"]
    assert names(chosen({"as_of": "2026-02-01T23:59:58Z"})) == ["a-1", "kernel-1"]
    assert reason(chosen({"as_of": "2026-01-31"}), "b-1-1.noarch") == (Reason.TOO_NEW, "as_of: 2026-01-31")


def test_as_of_takes_what_was_first_seen_by_then_as_well() -> None:
    seen = {OTHER.pkgid: "2026-01-31T23:59:59Z", NEW.pkgid: "2026-02-01T00:00:00Z"}
    offer = Offer(repo_id="r", packages=ALL, first_seen=seen)
    assert names(chosen({"as_of": "2026-01-31"}, offer)) == ["a-1", "b-1", "kernel-1"]


def test_a_held_name_stays_at_the_builds_of_the_base() -> None:
    selection = chosen({"base": "x", "packages": {"hold": ["kern*"]}}, BASED)
    assert names(selection) == ["a-1", "a-2", "b-1", "gone-1", "kernel-1"]
    assert reason(selection, "kernel-2-1.x86_64") == (Reason.HELD, "packages.hold: kern*")


@pytest.mark.parametrize(
    ("packages", "kept"),
    [
        ({"exclude": ["a", "kernel*"]}, ["b-1"]),
        ({"exclude": ["*.noarch"]}, ["a-1", "a-2", "kernel-1", "kernel-2"]),
        ({"exclude": ["*"], "include": [{"name": "a", "evr": ">= 2"}]}, ["a-2"]),
        ({"exclude": ["*"], "include": [{"name": "*", "evr": ["> 0", "< 2"]}]}, ["a-1", "b-1", "kernel-1"]),
        ({"exclude": ["*"], "include": ["b", {"name": "kernel", "evr": "= 2-1"}]}, ["b-1", "kernel-2"]),
    ],
)
def test_an_include_beats_an_exclude(packages: object, kept: list[str]) -> None:
    assert names(chosen({"packages": packages})) == kept


def test_an_exclude_beats_the_base_and_an_include_the_hold() -> None:
    recipe = {
        "base": "x",
        "packages": {"hold": ["kernel"], "exclude": ["gone"], "include": [{"name": "kernel", "evr": "= 2"}]},
    }
    selection = chosen(recipe, BASED)
    assert names(selection) == ["a-1", "a-2", "b-1", "kernel-1", "kernel-2"]
    assert reason(selection, "kernel-2-1.x86_64") == (Reason.INCLUDED, "packages.include: kernel = 2")
    assert reason(selection, "gone-1-1.x86_64") == (Reason.EXCLUDED, "packages.exclude: gone")


@pytest.mark.parametrize(
    ("rules", "kept", "frozen"),
    [
        ({}, ["a-1", "a-2", "b-1", "kernel-1", "kernel-2"], ["BUG", "FIX"]),
        ({"types": ["security"]}, ["a-1", "a-2", "b-1", "kernel-1"], ["FIX"]),
        ({"types": ["bugfix"]}, ["a-1", "b-1", "kernel-1", "kernel-2"], ["BUG"]),
        ({"severity": ["important"]}, ["a-1", "a-2", "b-1", "kernel-1"], ["FIX"]),
        ({"severity": ["none"]}, ["a-1", "b-1", "kernel-1", "kernel-2"], ["BUG"]),
        ({"until": "2026-02-02"}, ["a-1", "a-2", "b-1", "kernel-1"], ["FIX"]),
        ({"until": "2026-02-01"}, ["a-1", "b-1", "kernel-1"], []),
        ({"until": "2026-02-01", "include": ["BUG"]}, ["a-1", "b-1", "kernel-1", "kernel-2"], ["BUG"]),
        ({"include": ["BUG"]}, ["a-1", "b-1", "kernel-1", "kernel-2"], ["BUG"]),
        ({"exclude": ["BUG"]}, ["a-1", "a-2", "b-1", "kernel-1"], ["FIX"]),
    ],
)
def test_advisories_are_selected_by_date_type_severity_and_id(
    rules: object, kept: list[str], frozen: list[str]
) -> None:
    selection = chosen({"advisories": rules})
    assert names(selection) == kept
    assert [each.advisory_id for each in selection.repositories[0].advisories] == frozen


def test_the_updated_date_counts_when_that_is_asked_for() -> None:
    late = advisory("LATE", "a-2-1.x86_64", issued="2026-02-02", updated="2026-05-01T00:00:00Z")
    offer = Offer(repo_id="r", packages=ALL, advisories=(late,))
    assert "a-2" in names(chosen({"advisories": {"until": "2026-03-01"}}, offer))
    assert "a-2" not in names(chosen({"advisories": {"until": "2026-03-01", "updated": True}}, offer))


def test_an_advisory_without_a_date_is_not_until_any() -> None:
    offer = Offer(repo_id="r", packages=ALL, advisories=(advisory("A", "a-2-1.x86_64", issued=""),))
    assert "a-2" not in names(chosen({"advisories": {"until": "2099-01-01"}}, offer))
    assert "a-2" in names(chosen({"advisories": {}}, offer))


def test_advisories_without_a_date_are_warned_of() -> None:
    undated = [advisory(f"A-{number}", "a-2-1.x86_64", issued="") for number in range(6)]
    others = (advisory("BUG", "b-1-1.noarch", issued="", kind="bugfix"), FIX)
    offer = Offer(repo_id="r", packages=ALL, advisories=(*undated, *others))
    rules = {"until": "2026-02-01", "types": ["security"], "include": ["A-0"], "exclude": ["A-1"]}
    assert chosen({"advisories": rules}, offer).warnings == (
        "advisories.until: no date is known of 4 advisories, and packages of them alone stay out: A-2, A-3, A-4, A-5",
        "1 advisory was issued after 2026-02-01, and packages of it are in: FIX",
    )
    one = chosen({"advisories": {"until": "2026-03-01", "types": ["bugfix"]}}, offer)
    assert one.warnings == ("advisories.until: no date is known of 1 advisory, and packages of it alone stay out: BUG",)
    assert chosen({"advisories": {"types": ["bugfix"]}}, offer).warnings == ()
    dated = advisory("D", "a-2-1.x86_64", issued="", updated="2026-01-01T00:00:00Z")
    assert chosen({"advisories": {"until": "2026-03-01"}}, Offer(repo_id="r", advisories=(dated,))).warnings == ()


def test_what_no_advisory_covers_may_be_dropped() -> None:
    selection = chosen({"advisories": {"types": ["security"]}, "packages": {"without_advisory": "drop"}})
    assert names(selection) == ["a-2"]
    assert reason(selection, "b-1-1.noarch") == (Reason.WITHOUT_ADVISORY, "packages.without_advisory: drop")
    assert reason(selection, "kernel-2-1.x86_64") == (Reason.ADVISORY_NOT_SELECTED, "advisories: BUG")
    assert reason(selection, "a-2-1.x86_64") == (Reason.ADVISORY, "advisories: FIX")
    assert names(chosen({"packages": {"without_advisory": "drop"}})) == ["a-2", "kernel-2"]


def test_an_included_advisory_brings_its_packages_past_dates_and_holds() -> None:
    recipe = {"base": "x", "as_of": "2026-01-01", "advisories": {"include": ["BUG"]}, "packages": {"hold": ["kernel"]}}
    selection = chosen(recipe, BASED)
    assert names(selection) == ["a-1", "gone-1", "kernel-1", "kernel-2"]
    assert reason(selection, "kernel-2-1.x86_64") == (Reason.ADVISORY_INCLUDED, "advisories.include: BUG")


def test_an_excluded_advisory_takes_its_packages_out_of_the_base_unless_another_has_them() -> None:
    offer = Offer(
        repo_id="r",
        base_packages=in_order([OLD, NEW, OTHER]),
        base_advisories=(advisory("BAD", "a-2-1.x86_64", "b-1-1.noarch"), advisory("GOOD", "b-1-1.noarch")),
    )
    selection = chosen({"base": "x", "advisories": {"exclude": ["BAD"]}}, offer)
    assert names(selection) == ["a-1", "b-1"]
    assert [each.advisory_id for each in selection.repositories[0].base_advisories] == ["GOOD"]


def test_advisories_may_be_frozen_that_are_selected_or_of_the_base() -> None:
    mirrored = (advisory("A", "a-2-1.x86_64", title="new"), advisory("B", "b-1-1.noarch", kind="bugfix", title="new"))
    frozen = tuple(advisory(name, "a-1-1.x86_64", title="old", kind="bugfix") for name in "ABC")
    offer = Offer(repo_id="r", packages=ALL, advisories=mirrored, base_packages=BASE, base_advisories=frozen)
    selection = chosen({"base": "x", "advisories": {"types": ["security"]}}, offer)
    (part,) = selection.repositories
    assert [(each.advisory_id, each.title) for each in part.advisories] == [("A", "new")]
    assert part.base_advisories == frozen


def test_an_advisory_of_one_repository_covers_packages_of_another() -> None:
    offers = [
        Offer(repo_id="s", packages=(OTHER,)),
        Offer(repo_id="r", packages=(NEW,), advisories=(advisory("A", "b-1-1.noarch"), FIX)),
    ]
    recipe = recipe_of({"advisories": {"include": ["A"]}, "packages": {"without_advisory": "drop"}}, "recipe")
    selection = select(recipe, offers)
    assert [(part.repo_id, part.packages) for part in selection.repositories] == [("r", ()), ("s", (OTHER,))]


def test_newest_only_keeps_one_build_of_a_name_and_arch() -> None:
    packages = in_order(map(stored, ["a-1-9.x86_64", "a-1-10.x86_64", "a-1-2.i686", "b-1:1-1.noarch", "b-2-1.noarch"]))
    selection = chosen({"newest_only": True}, Offer(repo_id="r", packages=packages))
    assert [package.text for package in selection.repositories[0].packages] == [
        "a-1-2.i686",
        "a-1-10.x86_64",
        "b-1:1-1.noarch",
    ]
    assert reason(selection, "b-2-1.noarch")[0] is Reason.NOT_NEWEST


def test_newest_only_spares_what_is_included_and_what_is_held() -> None:
    recipe = {
        "base": "x",
        "newest_only": True,
        "packages": {"hold": ["kernel"], "include": [{"name": "a", "evr": "= 1"}]},
    }
    offer = Offer(repo_id="r", packages=ALL, base_packages=in_order([KERNEL, KERNEL_2, OLD]))
    assert names(chosen(recipe, offer)) == ["a-1", "a-2", "b-1", "kernel-1", "kernel-2"]


def test_newest_only_keeps_the_newest_of_each_module_stream() -> None:
    builds = [
        stored(f"nodejs-{evr}.module_el9+{number}+aa.x86_64")
        for number, evr in enumerate(["18.1-1", "18.2-1", "20.1-1"])
    ]
    streams = {builds[0].text: "nodejs:18", builds[1].text: "nodejs:18", builds[2].text: "nodejs:20"}
    known = Offer(repo_id="r", packages=in_order(builds), streams=streams)
    assert chosen({"newest_only": True}, known).repositories[0].packages == in_order(builds[1:])
    unknown = Offer(repo_id="r", packages=in_order(builds))
    assert chosen({"newest_only": True}, unknown).repositories[0].packages == in_order(builds)


def test_words_that_mean_nothing_are_warned_of() -> None:
    recipe = {
        "base": "x",
        "advisories": {"include": ["FIX"], "exclude": ["NEITHER"]},
        "packages": {"hold": ["krenel"], "exclude": ["a.src"], "include": ["b", {"name": "b", "evr": "> 7"}]},
    }
    assert chosen(recipe, BASED).warnings == (
        "advisories.exclude: no repository has NEITHER",
        "packages.hold: no package is called krenel",
        "packages.exclude: no package is called a.src",
        "packages.include: no package is b > 7",
    )


def test_dates_that_disagree_are_warned_of() -> None:
    issued_late = advisory("LATE", "a-1-1.x86_64", issued="2026-05-01")
    issued_early = advisory("EARLY", "kernel-1-1.x86_64", issued="2025-01-01")
    offer = Offer(
        repo_id="r",
        packages=ALL,
        advisories=(issued_early, issued_late, FIX),
        base_packages=in_order([OTHER, OLD]),
    )
    assert chosen({"base": "x", "as_of": "2026-01-15"}, offer).warnings == (
        "1 advisory was issued after 2026-01-15, and packages of it are in: LATE",
        "1 advisory was issued before packages of it were built: EARLY",
        "as_of: 1 package of the base came after 2026-01-15: the base stays as it is",
    )
    assert chosen({"base": "x"}, offer).warnings == ()


def test_several_advisories_of_other_dates_are_told_in_the_plural() -> None:
    late = [advisory(name, "a-1-1.x86_64", issued="2026-05-01") for name in ("LATE", "LATER")]
    early = [advisory(name, "kernel-1-1.x86_64", issued="2025-01-01") for name in ("EARLIER", "EARLY")]
    offer = Offer(repo_id="r", packages=ALL, advisories=(*late, *early), base_packages=in_order([OTHER, OLD]))
    assert chosen({"base": "x", "as_of": "2026-01-15"}, offer).warnings[:2] == (
        "2 advisories were issued after 2026-01-15, and packages of them are in: LATE, LATER",
        "2 advisories were issued before packages of them were built: EARLIER, EARLY",
    )


# --- real metadata --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def appstream() -> Path:
    return sample("repos/cs9-appstream/repodata")


@pytest.fixture(scope="module")
def offer(appstream: Path, tmp_path_factory: pytest.TempPathFactory) -> Offer:
    upstream = read_upstream(appstream, tmp_path_factory.mktemp("work"))
    return Offer(repo_id="appstream", packages=upstream.packages, advisories=upstream.advisories)


def test_a_selection_of_a_distribution_is_what_its_xml_says(appstream: Path, offer: Offer) -> None:
    xml = gzip.decompress((appstream / "cs9-appstream-primary.xml.gz").read_bytes()).decode()
    day = "2024-06-01"
    end_s = seconds(last_moment(day))
    packages = re.findall(
        r'<name>(.+?)</name>\s+<arch>(.+?)</arch>\s+<version epoch="(\d+)" ver="(.+?)" rel="(.+?)"/>.+?build="(\d+)"',
        xml,
        re.DOTALL,
    )
    assert len(packages) == 17_649
    built_by_then = {entry[:5] for entry in packages if int(entry[5]) <= end_s}
    updates = ET.fromstring(gzip.decompress((appstream / "updateinfo.xml.gz").read_bytes()))  # noqa: S314 - sample data
    fixes: set[tuple[str, ...]] = set()
    covered: set[tuple[str, ...]] = set()
    keys = ("name", "arch", "epoch", "version", "release")
    for update in updates.iter("update"):
        issued = update.find("issued")
        assert issued is not None
        entries = {tuple(entry.get(key, "") for key in keys) for entry in update.iter("package")}
        covered |= entries
        severity = update.findtext("severity") or ""
        if (
            update.get("type") == "security"
            and severity in {"Critical", "Important"}
            and issued.get("date", "") < "2024-06-02"
        ):
            fixes |= entries

    selection = chosen(
        {"as_of": day, "advisories": {"types": ["security"], "severity": ["critical", "important"], "until": day}},
        offer,
    )
    assert {
        (package.name, package.arch, str(package.epoch), package.version, package.release)
        for package in selection.repositories[0].packages
    } == built_by_then - (covered - fixes)
    by_reason = Counter(verdict.reason for verdict in selection.repositories[0].verdicts)
    assert by_reason[Reason.ADVISORY] == len(built_by_then & fixes) > 1000


def test_a_distribution_is_selected_from_in_no_time(offer: Offer) -> None:
    recipe: Recipe = recipe_of(
        {
            "as_of": "2024-06-01",
            "advisories": {"types": ["security"], "until": "2024-06-01", "exclude": ["ALSA-2022:5244"]},
            "packages": {"exclude": ["*-debuginfo", "*.i686"], "include": [{"name": "openssl*", "evr": ">= 1:3.0"}]},
            "newest_only": True,
        },
        "recipe",
    )
    times = []
    for _ in range(5):
        begin = time.process_time()
        select(recipe, [offer])
        times.append(time.process_time() - begin)
    assert min(times) < 0.5, "0.07 s where it was measured"
