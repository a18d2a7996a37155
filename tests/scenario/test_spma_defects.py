"""What ncm-spma gets wrong, done right."""

from __future__ import annotations

import json
import os

import pytest

from tests.support.comps import module
from tests.support.kernels import kernels
from tests.support.plans import applied, moves, planned
from tests.support.profiles import Json, Packages, repository_entry
from tests.support.repositories import Contents
from tests.support.rpms import Rpm
from tests.support.trees import Tree
from tests.support.world import World


def test_what_leaves_the_profile_leaves_the_host(world: World) -> None:
    """A package that the profile once listed goes when it is dropped, although dnf has it down as a user's wish."""
    base = world.repository("base", Rpm("app", requires=("lib",)), Rpm("lib"), Rpm("other"))
    root = world.root()
    applied(world, world.profile(["app", "other"], [base]), root)
    assert root.reasons()["app-1-1.noarch"] == "user"

    report = applied(world, world.profile(["other"], [base]), root)

    assert report["outcome"] == "as-planned"
    assert root.installed() == {"other-1-1.noarch"}


def test_only_our_own_lines_of_dnf_conf_change(world: World) -> None:
    """Other options, comments and sections that have a word in common with ours stay, and a second run changes none."""
    base = world.repository("base", Rpm("app"))
    root = world.root()
    foreign = (
        "# exclude: see the wiki, timeout too\n[main]\ncolor=never\nmy_timeout=3\n[other]\nexclude=mine\ntimeout=9"
    )
    file = root.write("etc/dnf/dnf.conf", foreign.replace("color", "exclude=old\ntimeout=1\ncolor") + "\n")
    profile = world.profile(["app"], [base], spma={"excludes": ["new"], "main_options": {"timeout": 5}})

    applied(world, profile, root)

    lines = file.read_text(encoding="utf-8").splitlines()
    first, last = (number for number, line in enumerate(lines) if line.startswith("# yumbridge"))
    assert [*lines[:first], *lines[last + 1 :]] == foreign.splitlines()
    assert {"excludepkgs=new", "timeout=5"} < set(lines[first:last])
    planned(world, profile, root, "--check", code=0)


def test_a_chain_of_leaves_goes_in_one_run(world: World) -> None:
    """A chain of packages that nothing wants any more goes in one run, not leaf by leaf over several."""
    chain = [Rpm(f"link{n}", requires=(f"link{n + 1}",) if n < 5 else ()) for n in range(6)]
    base = world.repository("base", Rpm("app"), *chain)
    root = world.root(Rpm("app"), *chain)

    applied(world, world.profile(["app"], [base]), root)

    assert root.installed() == {"app-1-1.noarch"}


def test_the_preview_is_the_difference(world: World) -> None:
    """The preview shows upgrades, downgrades and removals, does nothing, and is the plan that apply takes."""
    base = world.repository("base", Rpm("up", "2-1"), Rpm("down", "1-1"))
    root = world.root(Rpm("up", "1-1"), Rpm("down", "2-1"), Rpm("gone"))
    profile = world.profile(["up", "down"], [base])
    before = Tree.of(root.rpmdb)

    plan = planned(world, profile, root)

    assert [change["action"] for change in plan["changes"]] == ["downgrade", "remove", "upgrade"]
    assert before.changes(Tree.of(root.rpmdb)) == ()
    assert applied(world, profile, root)["plan"] == plan["id"]


def test_a_preview_fails_where_the_change_would(world: World) -> None:
    """A preview of what is impossible ends with 12, also from a profile with modules, and not with a success."""
    base = world.repository("base", Rpm("app"))
    modules: dict[str, Json] = {"software": {"modules": {"nodejs": {"enable": True, "stream": "18"}}}}
    root = world.root()

    good = world.profile(["app"], [base], spma={"modules": True}, extra=modules)
    bad = world.profile(["app", "gone"], [base], spma={"modules": True}, extra=modules, name="bad.json")

    assert moves(planned(world, good, root)) == ["install app.noarch 1-1"]
    assert [problem["kind"] for problem in planned(world, bad, root, code=12)["problems"]] == ["not-found"]


def test_a_version_without_an_arch_counts(world: World) -> None:
    """A version without an arch is a pin, and not dropped in silence."""
    base = world.repository("base", Rpm("baz", "2.0-1"), Rpm("baz", "3.0-1"))

    plan = planned(world, world.profile({"baz": {"2.0-1": {}}}, [base]), world.root())

    assert moves(plan) == ["install baz.noarch 2.0-1"]


def test_a_name_with_an_arch_is_not_removed_and_installed_at_once(world: World) -> None:
    """A `name.arch` that is installed already is nothing to do."""
    base = world.repository("base", Rpm("example"))

    assert moves(planned(world, world.profile(["example.noarch"], [base]), world.root(Rpm("example")))) == []


def test_a_package_of_32_bits_comes_beside_the_other(world: World) -> None:
    """An i686 build beside the x86_64 one is asked for by arch, and is kept from run to run."""
    base = world.repository("base", Rpm("lib", arch="i686"), Rpm("lib", arch="x86_64"))
    profile = world.profile({"lib": {"*": {"i686": "", "x86_64": ""}}}, [base])
    root = world.root(Rpm("lib", arch="x86_64"))

    applied(world, profile, root)

    assert root.installed() == {"lib-1-1.i686", "lib-1-1.x86_64"}
    assert planned(world, profile, root)["changes"] == []


def test_a_wildcard_does_not_unlock_a_version(world: World) -> None:
    """A package with a version of its own keeps it though a wildcard covers it too, whichever is written first."""
    rpms = (Rpm(f"{prefix}kernel-rt", evr) for prefix in ("", "a") for evr in ("1-1", "2-1"))
    base = world.repository("base", *rpms)
    wanted: Packages = {"*kernel*": {"*": {"noarch": ""}}, "kernel-rt": {"1-1": {"noarch": ""}}}

    plan = planned(world, world.profile(wanted, [base]), world.root())

    assert moves(plan) == ["install akernel-rt.noarch 2-1", "install kernel-rt.noarch 1-1"]


def test_an_epoch_can_be_given(world: World) -> None:
    """An epoch in a version chooses between builds that differ in nothing else."""
    base = world.repository("base", Rpm("app", "1:1-1"))
    other = world.repository("other", Rpm("app", "2:1-1"))

    plan = planned(world, world.profile({"app": {"1:1-1": {"noarch": ""}}}, [base, other]), world.root())

    assert moves(plan) == ["install app.noarch 1:1-1"]


def test_only_what_is_pinned_is_locked(world: World) -> None:
    """A pin of one package does not lock its dependencies: they are the newest that fit."""
    base = world.repository("base", Rpm("app", "1-1", requires=("lib",)), Rpm("app", "2-1"), Rpm("lib", "1-1"))
    updates = world.repository("updates", Rpm("lib", "2-1"))
    root = world.root(Rpm("app", "1-1"), Rpm("lib", "1-1"))

    plan = planned(world, world.profile({"app": {"1-1": {}}}, [base, updates]), root)

    assert moves(plan) == ["upgrade lib.noarch 1-1 -> 2-1"]


def test_proxies_can_be_switched_off(world: World) -> None:
    """With proxy = no the proxies of the profile are not used."""
    base = world.repository("base", Rpm("app"))
    spma: dict[str, Json] = {"proxy": "no", "proxyhost": "127.0.0.1:9", "proxytype": "forward"}

    with world.serving() as server:
        plan = planned(world, world.profile(["app"], [base.at(server.url)], spma=spma), world.root())

    assert moves(plan) == ["install app.noarch 1-1"]


def test_a_leaf_that_a_newcomer_needs_stays(world: World) -> None:
    """An unlisted package that a newly listed one needs, over several steps, stays where it is in that very run."""
    base = world.repository("base", Rpm("app", requires=("step",)), Rpm("step", requires=("leaf",)), Rpm("leaf"))
    root = world.root(Rpm("leaf"), Rpm("other-leaf"))

    plan = planned(world, world.profile(["app"], [base]), root)

    assert moves(plan) == ["install app.noarch 1-1", "remove other-leaf.noarch 1-1", "install step.noarch 1-1"]


def test_broken_dependencies_are_a_failure(world: World) -> None:
    """A package that cannot be installed ends the run with 12, and is not skipped with a success."""
    base = world.repository("base", Rpm("good"), Rpm("broken", requires=("nothing",)))
    root = world.root()

    report = applied(world, world.profile(["good", "broken"], [base]), root, code=12)

    assert report["outcome"] == "refused"
    assert root.installed() == frozenset()


def test_a_profile_needs_no_groups(world: World) -> None:
    """A profile without /software/groups and with the backend yumng or dnf is planned as any other."""
    base = world.repository("base", Rpm("app"))
    for packager, run in (("yumng", "yes"), ("dnf", True)):
        spma: dict[str, Json] = {"packager": packager, "run": run}
        profile = world.profile({"app": {"": {"": ""}}}, [base], spma=spma)
        content = json.loads(profile.read_text(encoding="utf-8"))
        del content["software"]["groups"]
        profile.write_text(json.dumps(content), encoding="utf-8")

        assert moves(planned(world, profile, world.root())) == ["install app.noarch 1-1"]


def test_a_name_with_brackets_is_no_name(world: World) -> None:
    """A name with brackets is refused, and not taken for what stands before them."""
    base = world.repository("base", Rpm("foo"))

    outcome = world.run("plan", world.profile(["foo[bar"], [base]), "--root", world.root().path, "--json")

    assert outcome.code == 10
    assert outcome.json()["details"] == ["/software/packages/foo_5bbar: 'foo[bar' is no package name"]


def test_a_wildcard_may_stand_anywhere(world: World) -> None:
    """A wildcard is understood at the start and in the middle of a name too."""
    base = world.repository("base", Rpm("a-lib"), Rpm("b-lib"), Rpm("lib-devel"))

    plan = planned(world, world.profile(["?-lib", "l*l"], [base]), world.root())

    assert [change["name"] for change in plan["changes"]] == ["a-lib", "b-lib", "lib-devel"]


def test_obsoletes_of_a_newcomer_are_always_honoured(world: World) -> None:
    """Whatever process_obsoletes says, a package that a listed one obsoletes is gone afterwards."""
    base = world.repository("base", Rpm("new", obsoletes=("old",)))
    for value in (True, False):
        root = world.root(Rpm("old"), name=f"root-{value}")

        applied(world, world.profile(["new"], [base], spma={"process_obsoletes": value}), root)

        assert root.installed() == {"new-1-1.noarch"}


def test_removals_do_not_depend_on_process_obsoletes(world: World) -> None:
    """What the profile does not list goes, whether process_obsoletes is on or off: it only says what meets a name."""
    base = world.repository("base", Rpm("app"))
    root = world.root(Rpm("app"), Rpm("gone"))

    for value in (True, False):
        plan = planned(world, world.profile(["app"], [base], spma={"process_obsoletes": value}), root)
        assert moves(plan) == ["remove gone.noarch 1-1"]


def test_the_running_kernel_stays_beside_two_listed_ones(world: World) -> None:
    """Two listed kernels are installed side by side, and the running one stays though the profile is without it."""
    running, first, second = (f"5.14.0-{release}.el9" for release in (1, 2, 3))
    base = world.repository("base", *kernels(first, second))
    root = world.root(*kernels(running))
    wanted: Packages = {"kernel": {evr: {"x86_64": ""} for evr in (first, second)}}

    applied(world, world.profile(wanted, [base]), root, "--kernel-release", f"{running}.x86_64")

    assert root.installed() == {rpm.nevra for rpm in kernels(running, first, second)}


def test_no_program_of_dnf_or_rpm_is_run(world: World) -> None:
    """Nothing depends on what dnf, yum, repoquery or rpm print: without them a profile is planned and applied."""
    programs = world.path / "bin"
    programs.mkdir()
    for name in ("dnf", "dnf5", "package-cleanup", "repoquery", "rpm", "yum"):
        (programs / name).write_text('#!/bin/sh\necho "$0 $*" >&2\nexit 1\n', encoding="utf-8")
        (programs / name).chmod(0o755)
    base = world.repository("base", Rpm("app", "2-1"))
    root = world.root(Rpm("app", "1-1"), Rpm("gone"))
    path = {"PATH": f"{programs}:{os.environ['PATH']}"}

    outcome = world.run("apply", world.profile(["app"], [base]), "--root", root.path, "--json", env=path)

    assert (outcome.code, outcome.stderr) == (0, "")
    assert root.installed() == {"app-2-1.noarch"}


@pytest.mark.parametrize("packager", ["yum", "yumng", "yumdnf", "dnf"])
def test_every_backend_gives_the_same_plan(world: World, packager: str) -> None:
    """Whichever backend a profile was written for, its packages, pins and options mean the same changes."""
    base = world.repository("base", *(Rpm(name, evr) for name in ("app", "lib", "tool") for evr in ("1-1", "2-1")))
    wanted: Packages = {"app": {"": {"": ""}}, "lib": {"1-1": {"noarch": ""}}, "tool": {}}
    root = world.root(Rpm("lib", "2-1"), Rpm("gone"), Rpm("hp-tool"))
    spma: dict[str, Json] = {"packager": packager, "whitelist": ["hp-"], "userpkgs_retry": False}

    plan = planned(world, world.profile(wanted, [base], spma=spma), root)

    assert moves(plan) == [
        "install app.noarch 2-1",
        "remove gone.noarch 1-1",
        "downgrade lib.noarch 2-1 -> 1-1",
        "install tool.noarch 2-1",
    ]


def test_numbers_may_stand_where_the_schema_has_strings(world: World) -> None:
    """Values that pan or Perl made numbers of, or strings of numbers, are read as what they are meant to be."""
    rpms = (Rpm("app", "1-1"), Rpm("app", "18-1"))
    documents = module("app", "1", ["app-0:1-1.noarch"]), module("app", "18", ["app-0:18-1.noarch"])
    world.publish("base", Contents(rpms=rpms, modules="".join(documents)))
    extra: dict[str, Json] = {"software": {"modules": {"app": {"enable": 1, "stream": 18}}}}

    with world.serving() as proxy:
        spma: dict[str, Json] = {
            "main_options": {"timeout": "30", "installonly_limit": "3", "best": "0"},
            "proxyhost": "127.0.0.1",
            "proxyport": proxy.port,
            "run": 1,
        }
        entry = repository_entry(("base", "http://mirror.example.org/base"), priority="10", gpgcheck="0")
        profile = world.profile(["app"], [entry], spma=spma, extra=extra)
        plan = planned(world, profile, world.root(), "--releasever", "9")

    assert moves(plan) == ["install app.noarch 18-1"]
