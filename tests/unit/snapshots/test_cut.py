"""Cuts of real mirrors of real repositories."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from snapshots.choice.recipe import recipe_of, tree
from snapshots.choice.verdict import Reason
from snapshots.content.manifest import Manifest
from snapshots.cut import PlannedCut, carry_out, plan_cut
from snapshots.errors import IncompleteError, NoSnapshotError, SnapshotExistsError
from snapshots.mirror import mirror_repositories
from snapshots.mirror_repository import MirrorOptions, MirrorSource
from snapshots.storage.store import Store, create_store, writing
from tests.support.advisories import Advisory
from tests.support.comps import comps, default_stream, group, module
from tests.support.dnf import dnf
from tests.support.repositories import Contents, Repository
from tests.support.rpms import Rpm
from tests.support.tool import Outcome
from tests.support.world import World

# Before the rpms were built, so that it is when they were first seen that decides.
FIRST = datetime(2020, 1, 1, tzinfo=UTC)
SECOND = datetime(2020, 2, 1, tzinfo=UTC)

A, A_2 = Rpm("a"), Rpm("a", "2-1")
B = Rpm("b", requires=("lib >= 2",))
LIBS = (Rpm("lib"), Rpm("lib", "2-1"), Rpm("lib", "3-1"))


@pytest.fixture
def store(world: World) -> Store:
    return create_store(world.store)


def mirror(store: Store, *repositories: Repository, at: datetime = FIRST, metadata_only: bool = False) -> None:
    wanted = [MirrorSource(repository.repo_id, repository.url) for repository in repositories]
    mirror_repositories(store, wanted, MirrorOptions(at=at, metadata_only=metadata_only), lambda *_: None)


def plan(store: Store, **recipe: object) -> PlannedCut:
    return plan_cut(store, recipe_of(recipe, "recipe"))


def cut(store: Store, name: str, **recipe: object) -> Manifest:
    with writing(store, "a test"):
        return carry_out(store, name, plan(store, **recipe))


def held(manifest: Manifest) -> dict[str, list[str]]:
    return {part.repo_id: [package.nevra for package in part.packages] for part in manifest.repositories}


def test_a_cut_without_rules_holds_every_mirror(world: World, store: Store) -> None:
    mirror(store, world.repository("one", A, A_2), world.repository("two", B))
    manifest = cut(store, "all")
    assert held(manifest) == {"one": ["a-1-1.noarch", "a-2-1.noarch"], "two": ["b-1-1.noarch"]}
    assert not manifest.metadata_only
    assert store.manifest("all") == manifest


def test_a_cut_knows_where_it_comes_from(world: World, store: Store) -> None:
    mirror(store, world.repository("one", A))
    first = cut(store, "first")
    world.repository("one", A, A_2)
    mirror(store, at=SECOND)
    cut(store, "second", base="first", packages={"hold": ["nothing"]}, message="because")
    record = store.provenance("second")
    assert (record.origin, record.base, record.base_id) == ("cut", "first", first.id)
    assert record.message == "because"
    assert record.recipe == {"base": "first", "packages": {"hold": ["nothing"]}, "message": "because"}
    assert [(source.repo_id, source.read_at) for source in record.sources] == [("one", "2020-02-01T00:00:00Z")]
    assert record.warnings == ("packages.hold: no package is called nothing",)


def test_the_same_content_has_the_same_id_however_it_is_chosen(world: World, store: Store) -> None:
    mirror(store, world.repository("one", A), at=FIRST)
    first = cut(store, "first")
    world.repository("one", A, A_2)
    mirror(store, at=SECOND)
    assert cut(store, "again", packages={"exclude": ["a"], "include": [{"name": "a", "evr": "= 1"}]}).id == first.id
    assert cut(store, "as-of", as_of="2020-01-31").id == first.id
    assert cut(store, "now").id != first.id


def test_a_name_is_cut_once(world: World, store: Store) -> None:
    mirror(store, world.repository("one", A, A_2))
    manifest = cut(store, "x")
    assert cut(store, "x") == manifest
    with pytest.raises(SnapshotExistsError):
        cut(store, "x", newest_only=True)


def test_planning_writes_nothing(world: World, store: Store) -> None:
    mirror(store, world.repository("one", A, A_2))
    before = sorted(world.store.rglob("*"))
    planned = plan(store, newest_only=True)
    assert [package.text for package in planned.contents[0].packages] == ["a-2-1.noarch"]
    assert planned.selection.repositories[0].dropped[0][1].reason is Reason.NOT_NEWEST
    assert sorted(world.store.rglob("*")) == before


def test_what_the_mirror_lost_comes_from_the_base(world: World, store: Store) -> None:
    fix = Advisory("FIX-1", (A,))
    contents = Contents(rpms=(A, B), advisories=(fix,), comps=comps(group("g", mandatory=("a", "b"))))
    mirror(store, world.publish("one", contents))
    cut(store, "first")
    world.publish("one", Contents(rpms=(A_2,)))
    mirror(store, at=SECOND)
    manifest = cut(store, "second", base="first", packages={"exclude": ["b"]})
    assert held(manifest) == {"one": ["a-1-1.noarch", "a-2-1.noarch"]}
    repository = store.repository("second", "one")
    assert [advisory.advisory_id for advisory in repository.index.advisories] == ["FIX-1"]
    assert b">a<" in repository.comps
    assert b">b<" not in repository.comps


def test_an_advisory_of_the_base_outlives_its_edit(world: World, store: Store) -> None:
    """What upstream says of it now is of builds that stay out: the snapshot still has what it repaired."""
    mirror(store, world.publish("one", Contents(rpms=(A,), advisories=(Advisory("FIX-1", (A,)),))))
    cut(store, "first")
    world.publish("one", Contents(rpms=(A_2,), advisories=(Advisory("FIX-1", (A_2,)),)))
    mirror(store, at=SECOND)

    assert held(cut(store, "held", base="first", packages={"hold": ["a"]})) == {"one": ["a-1-1.noarch"]}
    assert frozen(store, "held") == {"FIX-1": ["a-1-1.noarch"]}
    (partial,) = store.provenance("held").partial_advisories
    assert (partial.held, partial.missing) == (("a-1-1.noarch",), ("a-2-1.noarch",))

    assert held(cut(store, "moved", base="first")) == {"one": ["a-1-1.noarch", "a-2-1.noarch"]}
    assert frozen(store, "moved") == {"FIX-1": ["a-2-1.noarch"]}
    assert store.provenance("moved").partial_advisories == ()


def frozen(store: Store, name: str) -> dict[str, list[str]]:
    advisories = store.repository(name, "one").index.advisories
    return {advisory.advisory_id: [package.text for package in advisory.packages] for advisory in advisories}


def test_repositories_are_those_of_mirrors_and_base_unless_named(world: World, store: Store) -> None:
    one, two = world.repository("one", A), world.repository("two", B)
    mirror(store, one, two)
    cut(store, "first")
    store.mirror("two").joinpath("current").unlink()
    assert list(held(cut(store, "both", base="first"))) == ["one", "two"]
    planned = plan(store, base="first", repositories=["one"])
    assert [contents.repo_id for contents in planned.contents] == ["one"]
    assert planned.warnings == ("repositories: two of the base first is not among them, and left out",)
    with pytest.raises(NoSnapshotError, match="no mirror of three, two in"):
        plan(store, repositories=["one", "two", "three"])
    with pytest.raises(NoSnapshotError, match="no snapshot or ref production"):
        plan(store, base="production")


def test_a_store_without_mirrors_has_nothing_to_cut_from(store: Store) -> None:
    with pytest.raises(NoSnapshotError, match="nothing to cut from"):
        plan(store)


def test_advisories_are_frozen_as_far_as_they_are_held(world: World, store: Store) -> None:
    advisories = (
        Advisory("OLD", (A,)),
        Advisory("BOTH", (A_2, LIBS[1])),
        Advisory("LATER", (LIBS[2],)),
    )
    mirror(store, world.repository("one", A, A_2, advisories=advisories), world.repository("two", *LIBS))
    planned = plan(
        store,
        packages={"exclude": ["a", "lib"], "include": [{"name": "a", "evr": "= 2"}, {"name": "lib", "evr": "= 1"}]},
    )
    assert {
        advisory.advisory_id: [package.text for package in advisory.packages]
        for advisory in planned.contents[0].advisories
    } == {"BOTH": ["a-2-1.noarch"], "OLD": ["a-1-1.noarch"]}
    (partial,) = planned.partial_advisories
    assert (partial.advisory_id, partial.held, partial.missing) == ("BOTH", ("a-2-1.noarch",), ("lib-2-1.noarch",))


def test_modules_are_frozen_as_far_as_they_are_held(world: World, store: Store) -> None:
    builds = [Rpm("app", f"{evr}.module_el9+{number}+aa") for number, evr in enumerate(["1-1", "1-2", "2-1"], 1)]
    documents = (
        module("app", "1", [f"app-0:{builds[0].evr}.noarch", f"app-0:{builds[1].evr}.noarch"]),
        module("app", "2", [f"app-0:{builds[2].evr}.noarch"]),
        default_stream("app", "2"),
    )
    mirror(store, world.publish("one", Contents(rpms=tuple(builds), modules="".join(documents))))
    newest = cut(store, "newest", newest_only=True)
    assert held(newest) == {"one": [builds[1].nevra, builds[2].nevra]}
    cut(store, "first-stream", packages={"exclude": ["app"], "include": [{"name": "app", "evr": "< 2"}]})
    assert store.repository("first-stream", "one").modules.count(b"document: modulemd\n") == 1
    world.publish("one", Contents(rpms=(A,)))
    mirror(store, at=SECOND)
    cut(store, "from-base", base="newest")
    assert store.repository("from-base", "one").modules == store.repository("newest", "one").modules


def test_the_newest_of_each_context_of_a_module_stream_is_kept(world: World, store: Store) -> None:
    """As perl-DBD-MySQL is built once for each stream of perl."""
    builds = [Rpm("app", f"1-1.module_el9+{number}+{context}") for number, context in enumerate(["aa", "aa", "bb"], 1)]
    documents = [module("app", "1", [f"app-0:{build.evr}.noarch"]) for build in builds]
    documents[1] = documents[1].replace("version: 1\n  context", "version: 2\n  context")
    documents[2] = documents[2].replace("context: 00000001", "context: 00000002")
    mirror(store, world.publish("one", Contents(rpms=tuple(builds), modules="".join(documents))))
    assert held(cut(store, "newest", newest_only=True)) == {"one": [builds[1].nevra, builds[2].nevra]}


def test_closure_adds_the_oldest_that_satisfies_and_says_why(world: World, store: Store) -> None:
    mirror(store, world.repository("one", B), world.repository("two", *LIBS))
    recipe = {"packages": {"without_advisory": "drop", "include": ["b"]}, "closure": True}
    assert held(cut(store, "closed", **recipe)) == {"one": ["b-1-1.noarch"], "two": ["lib-2-1.noarch"]}
    (addition,) = store.provenance("closed").added
    assert (addition.nevra, addition.repo_id) == ("lib-2-1.noarch", "two")
    assert (addition.needed_by, addition.capability) == ("b-1-1.noarch", "lib >= 2")


def test_dnf_installs_from_a_closed_snapshot(world: World, store: Store) -> None:
    """What rpm builds and dnf reads, files that only filelists name and boolean dependencies included."""
    needy = Rpm(
        "needy", requires=("/opt/tool", "/etc/x", "(p or none)", "(q if p)", "(v >= 2 with v < 3)", "lib = 2-1")
    )
    late = (
        Rpm("tool", files=("/opt/tool",), requires=("deep",)),
        Rpm("etc", files=("/etc/x",)),
        Rpm("p"),
        Rpm("q"),
        *(Rpm(f"v{number}", provides=(f"v = {number}",)) for number in (1, 2, 3)),
        Rpm("deep", requires=("needy",)),
        Rpm("unused"),
    )
    mirror(store, world.repository("one", needy), world.repository("two", *late, *LIBS))
    recipe = {"packages": {"without_advisory": "drop", "include": ["needy"]}}
    cut(store, "open", **recipe)
    manifest = cut(store, "closed", **recipe, closure=True)
    assert {nevra.partition("-")[0] for nevra in held(manifest)["two"]} == {
        "tool",
        "etc",
        "p",
        "q",
        "v2",
        "deep",
        "lib",
    }
    assert store.provenance("closed").warnings == ()
    assert "nothing provides" in install("needy", store, "open", world.path / "a").stderr
    done = install("needy", store, "closed", world.path / "b")
    assert done.code == 0, done.stderr
    assert (world.path / "b/opt/tool").is_file()


def install(name: str, store: Store, snapshot: str, root: Path) -> Outcome:
    folder = store.snapshot(snapshot)
    found = [Repository(repo_id, folder / repo_id, (folder / repo_id).as_uri(), ()) for repo_id in ("one", "two")]
    return dnf(root, "install", name, repositories=found)


def test_mirrors_of_different_passes_are_warned_of(world: World, store: Store) -> None:
    one, two = world.repository("one", A), world.repository("two", B)
    mirror(store, one)
    mirror(store, two, at=SECOND)
    assert plan(store).warnings == (
        (
            "the mirrors were not read as one set, and may not fit each other: "
            "one at 2020-01-01T00:00:00Z, two at 2020-02-01T00:00:00Z"
        ),
    )
    assert plan(store, repositories=["two"]).warnings == ()


def test_a_repository_of_which_nothing_is_selected_is_warned_of(world: World, store: Store) -> None:
    mirror(store, world.repository("one", A))
    assert plan(store, as_of="2019-01-01").warnings == ("nothing of one is selected",)


def test_a_cut_of_nothing_is_refused_with_the_rules_that_drop_everything(world: World, store: Store) -> None:
    fix = Advisory("FIX-1", (A,), issued="2020-01-02 00:00:00")
    mirror(store, world.publish("one", Contents(rpms=(A, A_2), advisories=(fix,))), world.repository("two", B))
    nothing = {"advisories": {"until": "2019-01-01"}, "packages": {"exclude": ["b"], "without_advisory": "drop"}}

    with pytest.raises(IncompleteError, match="snapshot x would be empty") as caught:
        cut(store, "x", **nothing)
    assert caught.value.details == (
        "one: 1 package: advisories",
        "one: 1 package: packages.without_advisory: drop",
        "two: 1 package: packages.exclude: b",
    )
    # One among others is a warning, and what was never there is no loss.
    assert held(cut(store, "y", packages={"exclude": ["b"]})) == {"one": ["a-1-1.noarch", "a-2-1.noarch"], "two": []}
    mirror(store, world.repository("one"), world.repository("two"))
    assert held(cut(store, "z")) == {"one": [], "two": []}


def test_a_cut_of_metadata_alone_says_so(world: World, store: Store) -> None:
    mirror(store, world.repository("one", A), metadata_only=True)
    manifest = cut(store, "bare")
    assert manifest.metadata_only
    assert plan(store, base="bare").metadata_only


def test_a_cut_has_rpms_that_came_after_all(world: World, store: Store) -> None:
    one = world.repository("one", A)
    mirror(store, one, metadata_only=True)
    cut(store, "bare")
    mirror(store, one, at=SECOND)
    assert not plan(store, base="bare").metadata_only
    mirror(store, one, metadata_only=True)
    assert not cut(store, "whole").metadata_only
    world.repository("one", A, A_2)
    mirror(store, one, metadata_only=True)
    assert plan(store).metadata_only
    assert not plan(store, packages={"exclude": ["a"], "include": [{"name": "a", "evr": "= 1"}]}).metadata_only


def test_a_cut_needs_its_rpms(world: World, store: Store) -> None:
    mirror(store, world.repository("one", A))
    for rpm in store.pool.rglob("*.rpm"):
        rpm.unlink()
    with pytest.raises(IncompleteError):
        cut(store, "x")
    assert store.names() == ()


def test_the_recipe_of_a_cut_cuts_again(world: World, store: Store) -> None:
    mirror(store, world.repository("one", A, A_2, advisories=(Advisory("FIX", (A_2,)),)))
    recipe = {"as_of": "2021-01-01T12:00:00+01:00", "advisories": {"types": ["security"]}, "newest_only": True}
    recipe |= {"message": "again"}
    first = cut(store, "first", **recipe)
    kept = recipe_of(store.provenance("first").recipe, "first")
    assert tree(kept) == {**recipe, "as_of": "2021-01-01T11:00:00Z"}
    with writing(store, "a test"):
        assert carry_out(store, "second", plan_cut(store, kept)).id == first.id
    assert store.provenance("second").message == "again"
