"""Real profiles on the metadata of real repositories."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.data import sample
from tests.support.plans import notes, planned, problems
from tests.support.profiles import escape
from tests.support.world import World

PROFILES = (
    "argus.example.org.json",
    "el9accept.json",
    "el9node.json",
    "el9node.xml",
    "ui.example.org.xml",
    "upstream-light.json",
    "upstream-noaction.json",
    "upstream-reposdirs.json",
    "upstream-repository_schema.json",
    "upstream-simple.json",
    "upstream-simple.xml",
    "upstream-with_pkgs.json",
    "upstream-with_pkgs_filter.json",
    "upstream-with_proxy.json",
    "upstream-yumdnf_simple.json",
    "wn.example.org.json",
    "yumng-form.json",
)
ABSENT = {"7zip", "ncm-spma", "screen"}
OTHER_VERSION = {"glibc", "kernel*", "libstdc++"}
PROVIDED = {"centos-release", "centos-release-eula", "grub2", "udev", "vim"}


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_of_the_field_is_read(world: World, name: str) -> None:
    """Every profile that Quattor's own compiler wrote can be shown, in JSON as in XML."""
    outcome = world.run("profile", "show", sample(f"profiles/{name}"), "--json")

    assert outcome.code == 0, outcome
    assert outcome.json()["document"] == "yumbridge-desired"


def test_every_profile_of_the_sample_is_tried() -> None:
    """No profile of the sample data is left out."""
    folder = sample("profiles")

    assert {path.name for path in folder.iterdir()} - {"README.md"} == set(PROFILES)


def node(world: World, *, without: frozenset[str] = frozenset(), process_obsoletes: bool = False) -> Path:
    """Write the profile of an EL9 node, less some keys of its package list, for the repositories of the sample."""
    content = json.loads(sample("profiles/el9node.json").read_text(encoding="utf-8"))
    software = content.get("software", content)
    for key in without:
        del software["packages"][key]
    software["components"]["spma"]["process_obsoletes"] = process_obsoletes
    software["repositories"] = [
        {
            "name": repo_id,
            "owner": "ops@example.org",
            "module_hotfixes": True,
            "protocols": [{"name": "file", "url": sample(f"repos/{repo_id}").as_uri()}],
        }
        for repo_id in ("cs9-appstream", "cs9-baseos", "cs9-closure")
    ]
    path = world.path / "node.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_a_real_node_is_planned(world: World) -> None:
    """An EL9 node on 18,774 packages of CentOS Stream 9: what is offered is planned, what is not is told at once."""
    profile = node(world)

    plan = planned(world, profile, world.root(), "--repos-from", sample("repos"), code=12)

    assert problems(plan) == [
        ("not-found", "7zip-*.x86_64", "/software/packages/_37zip/_2a/arch/x86_64"),
        ("not-found", "glibc-2.34-100.el9.i686", "/software/packages/glibc/_32_2e34_2d100_2eel9/arch/i686"),
        ("not-found", "glibc-2.34-100.el9.x86_64", "/software/packages/glibc/_32_2e34_2d100_2eel9/arch/x86_64"),
        (
            "not-found",
            "kernel*-5.14.0-427.13.1.el9_4.x86_64",
            "/software/packages/kernel_2a/_35_2e14_2e0_2d427_2e13_2e1_2eel9_5f4/arch/x86_64",
        ),
        ("not-found", "libstdc++-11.4.1-3.el9", "/software/packages/libstdc_2b_2b/_311_2e4_2e1_2d3_2eel9"),
        ("not-found", "ncm-spma-26.2.0-1.noarch", "/software/packages/ncm_2dspma/_326_2e2_2e0_2d1/arch/noarch"),
        ("not-found", "screen", "/software/packages/screen"),
    ]
    assert {note["text"].partition(" ")[0] for note in plan["notes"] if note["kind"] == "provided-by"} == PROVIDED
    assert len(plan["changes"]) == 385
    assert all(change["why"] for change in plan["changes"])


@pytest.mark.parametrize("process_obsoletes", [False, True])
def test_the_closure_of_a_real_node(world: World, process_obsoletes: bool) -> None:
    """The names a real node lists literally come to 379 packages, and obsoleters in place of names cost a note."""
    dropped = frozenset(map(escape, ABSENT | OTHER_VERSION | PROVIDED))
    profile = node(world, without=dropped, process_obsoletes=process_obsoletes)
    plan = planned(world, profile, world.root(), "--repos-from", sample("repos"))

    assert len(plan["changes"]) == 379
    passed_over = [nevra for kind, nevra in notes(plan) if kind == "not-newest"]
    if process_obsoletes:
        assert [nevra.rsplit("-", 2)[0] for nevra in passed_over] == ["systemd-boot-unsigned"]
    else:
        assert passed_over == []
