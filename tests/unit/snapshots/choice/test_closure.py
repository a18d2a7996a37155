from __future__ import annotations

from collections.abc import Collection, Mapping

import pytest

from snapshots.choice.capability import Bound, Capability, Comparison
from snapshots.choice.closure import Closed, closed, unlisted_paths
from snapshots.choice.provider import Dependencies
from snapshots.choice.recipe import recipe_of
from snapshots.choice.requirement import Requirement, requirement_of
from snapshots.choice.selection import Offer, Selection, select
from snapshots.choice.verdict import Reason
from snapshots.content.package import StoredPackage
from tests.support.offers import in_order, stored

LATE = "2026-06-01"
AS_OF = {"as_of": "2026-01-31", "closure": True}


class Shelf:
    """Packages with dependencies, in repositories: those that are named late come too late for `AS_OF`."""

    def __init__(self) -> None:
        self.offered: dict[str, list[str]] = {}
        self.based: dict[str, list[str]] = {}
        self.late: set[str] = set()
        self.dependencies: dict[str, Dependencies] = {}
        self.streams: dict[str, str] = {}

    def put(self, nevra: str, where: str = "now", repo_id: str = "r", **words: Collection[str]) -> None:
        """Offer a package now or late, or have it in the base; `words` are requires, provides and files.

        Like every binary it provides its name, unless `provides` says all that it does.
        """
        (self.based if where == "base" else self.offered).setdefault(repo_id, []).append(nevra)
        self.late |= {nevra} if where == "late" else set()
        it = stored(nevra)
        own = f"{it.name} = {it.epoch}:{it.version}-{it.release}"
        offered = words.get("all_provides", (own, *words.get("provides", ())))
        provides = tuple(found for found in map(parsed, offered) if isinstance(found, Capability))
        requires = tuple(map(parsed, words.get("requires", ())))
        self.dependencies[nevra] = Dependencies(provides, requires, tuple(words.get("files", ())))

    def selection(self, tree: object) -> Selection:
        def packages(nevras: Collection[str]) -> tuple[StoredPackage, ...]:
            return in_order(stored(nevra, LATE if nevra in self.late else "2026-01-01") for nevra in nevras)

        offers = [
            Offer(
                repo_id=repo_id,
                packages=packages(self.offered.get(repo_id, ())),
                base_packages=packages(self.based.get(repo_id, ())),
                streams=self.streams,
            )
            for repo_id in self.offered.keys() | self.based.keys()
        ]
        return select(recipe_of(tree, "recipe"), offers)

    def by_pkgid(self) -> dict[str, Dependencies]:
        return {stored(nevra).pkgid: found for nevra, found in self.dependencies.items()}

    def closed(self, tree: object = AS_OF, owners: Mapping[str, Collection[str]] | None = None) -> Closed:
        return closed(self.selection(tree), self.by_pkgid(), owners or {})


def parsed(text: str) -> Requirement:
    return requirement_of(text if text.startswith("(") else f"({text})")


def added(found: Closed) -> list[str]:
    return [addition.nevra for addition in found.added]


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def test_the_oldest_that_satisfies_is_added_with_who_needs_it(shelf: Shelf) -> None:
    shelf.put("a-1-1.noarch", requires=["lib >= 2"])
    for evr in ("1-1", "2-1", "10-1", "9-1"):
        shelf.put(f"lib-{evr}.noarch", provides=[f"lib = {evr}"], where="late")
    found = shelf.closed()
    (addition,) = found.added
    assert (addition.nevra, addition.repo_id) == ("lib-2-1.noarch", "r")
    assert (addition.needed_by, addition.capability) == ("a-1-1.noarch", "lib >= 2")
    (part,) = found.selection.repositories
    assert [package.text for package in part.packages] == ["a-1-1.noarch", "lib-2-1.noarch"]
    assert part.verdicts[1].reason is Reason.CLOSURE
    assert {package.version for package, _ in part.dropped} == {"1", "9", "10"}
    assert found.warnings == ()


def test_what_is_added_has_needs_of_its_own_and_circles_end(shelf: Shelf) -> None:
    shelf.put("a-1-1.noarch", requires=["b"])
    shelf.put("b-1-1.noarch", requires=["c"], where="late")
    shelf.put("c-1-1.noarch", requires=["b", "a", "d"], where="late", repo_id="s")
    shelf.put("d-1-1.noarch", requires=["d"], where="late")
    assert added(shelf.closed()) == ["b-1-1.noarch", "d-1-1.noarch", "c-1-1.noarch"]


def test_nothing_is_added_for_what_is_met(shelf: Shelf) -> None:
    shelf.put(
        "a-1-1.noarch",
        requires=["virtual >= 1", "/usr/bin/tool", "rpmlib(X) <= 3", "config(a) = 1", "own"],
        provides=["own"],
    )
    shelf.put("b-1-1.noarch", provides=["virtual = 1.5"], files=("/usr/bin/tool",), repo_id="s")
    shelf.put("c-1-1.noarch", provides=["virtual = 1", "rpmlib(X)", "config(a) = 1", "own"], where="late")
    found = shelf.closed()
    assert added(found) == []
    assert found.warnings == ()


def test_a_package_provides_what_it_says_and_not_its_name(shelf: Shelf) -> None:
    shelf.put("a-1-1.noarch", requires=["b"])
    shelf.put("b-1-1.noarch", all_provides=(), where="late")
    shelf.put("c-1-1.noarch", all_provides=["b"], where="late")
    assert added(shelf.closed()) == ["c-1-1.noarch"]


@pytest.mark.parametrize("arch", ["src", "nosrc"])
def test_sources_neither_provide_nor_need_anything(shelf: Shelf, arch: str) -> None:
    shelf.put("a-1-1.noarch", requires=["b", "/usr/bin/c", "/usr/bin/d"])
    shelf.put(f"a-1-1.{arch}", requires=["gcc", "/usr/bin/make", "nothing"])
    shelf.put("gcc-1-1.noarch", where="late")
    shelf.put(f"b-1-1.{arch}", files=("/usr/bin/c",))
    shelf.put(f"b-2-1.{arch}", where="late")
    selection = shelf.selection(AS_OF)
    needed = {pkgid: found for pkgid, found in shelf.by_pkgid().items() if pkgid != stored(f"a-1-1.{arch}").pkgid}
    assert unlisted_paths(selection, shelf.by_pkgid()) == {"/usr/bin/c", "/usr/bin/d"}
    found = closed(selection, needed, {"/usr/bin/d": [stored(f"b-1-1.{arch}").pkgid]})
    assert added(found) == []
    assert found.warnings == (
        "closure: nothing provides 3 capabilities that 1 package needs: /usr/bin/c, /usr/bin/d, b",
    )


def test_the_arch_of_who_needs_it_goes_before_age(shelf: Shelf) -> None:
    shelf.put("a-1-1.x86_64", requires=["lib"])
    shelf.put("lib-1-1.i686", where="late")
    shelf.put("lib-2-1.x86_64", where="late")
    assert added(shelf.closed()) == ["lib-2-1.x86_64"]


def test_each_arch_is_given_its_own(shelf: Shelf) -> None:
    for arch in ("i686", "x86_64"):
        shelf.put(f"app-1-1.{arch}", requires=["dev"])
        shelf.put(f"dev-1-1.{arch}", where="late")
    assert added(shelf.closed()) == ["dev-1-1.i686", "dev-1-1.x86_64"]


def test_what_is_held_for_another_arch_does_not_do_where_there_is_another(shelf: Shelf) -> None:
    shelf.put("app-1-1.x86_64", requires=["dev", "(dev with extra)", "only"])
    shelf.put("dev-1-1.i686", provides=["extra"])
    shelf.put("only-1-1.i686")
    shelf.put("dev-1-1.x86_64", provides=["extra"], where="late")
    assert added(shelf.closed()) == ["dev-1-1.x86_64"]


def test_a_condition_is_met_by_a_package_of_any_arch(shelf: Shelf) -> None:
    shelf.put("app-1-1.x86_64", requires=["(plugin if (big and (other if big)))"])
    shelf.put("big-1-1.i686")
    for name in ("big", "plugin"):
        shelf.put(f"{name}-1-1.x86_64", where="late")
    assert added(shelf.closed()) == ["plugin-1-1.x86_64"]


@pytest.mark.parametrize(
    ("others", "expected"),
    [((), "x86_64"), (("x-1-1.i686",), "i686"), (("x-1-1.i686", "y-1-1.x86_64"), "x86_64")],
)
def test_what_has_no_arch_is_for_that_of_most_packages(others: tuple[str, ...], expected: str) -> None:
    shelf = Shelf()
    shelf.put("app-1-1.noarch", requires=["lib"])
    for nevra in ("lib-1-1.i686", "lib-1-1.x86_64", *others):
        shelf.put(nevra, where="late")
    assert added(shelf.closed()) == [f"lib-1-1.{expected}"]


def test_the_arch_of_a_repository_without_any_is_that_of_most_packages_of_all(shelf: Shelf) -> None:
    shelf.put("app-1-1.noarch", requires=["lib"], repo_id="s")
    for nevra in ("lib-1-1.i686", "lib-2-1.aarch64", "x-1-1.aarch64"):
        shelf.put(nevra, where="late")
    assert added(shelf.closed()) == ["lib-2-1.aarch64"]


def test_different_names_go_by_name_whatever_their_versions(shelf: Shelf) -> None:
    shelf.put("a-1-1.noarch", requires=["virtual"])
    shelf.put("z-1-1.noarch", provides=["virtual"], where="late")
    shelf.put("b-9-1.noarch", provides=["virtual"], where="late")
    assert added(shelf.closed()) == ["b-9-1.noarch"]


def test_a_name_that_is_held_already_goes_first(shelf: Shelf) -> None:
    shelf.put("a-1-1.noarch", requires=["virtual"])
    shelf.put("z-2-1.noarch")
    shelf.put("z-1-1.noarch", provides=["virtual"], where="late")
    shelf.put("b-1-1.noarch", provides=["virtual"], where="late")
    assert added(shelf.closed()) == ["z-1-1.noarch"]


def test_a_module_stream_is_for_those_who_are_of_it(shelf: Shelf) -> None:
    one, two = (f"lib-1-{number}.module_el9+{number}+aa.noarch" for number in (1, 2))
    modular = "app-1-1.module_el9+1+aa.noarch"
    shelf.streams = {one: "m:1:aa", two: "m:2:aa", modular: "m:2:aa"}
    shelf.put("lib-9-1.noarch", where="late")
    shelf.put(one, where="late")
    shelf.put(two, where="late")
    shelf.put("plain-1-1.noarch", requires=["lib"])
    assert added(shelf.closed()) == ["lib-9-1.noarch"]
    shelf.put(modular, requires=["lib < 9"])
    assert added(shelf.closed()) == [two, "lib-9-1.noarch"]
    shelf.put("plain-1-1.noarch", requires=["lib < 9"])
    assert added(shelf.closed()) == [two]


def test_a_held_module_stream_does_not_do_for_others_where_there_is_a_plain_build(shelf: Shelf) -> None:
    shelf.put("plain-1-1.noarch", requires=["lib"])
    shelf.put("lib-9-1.module_el9+1+aa.noarch")
    shelf.put("lib-1-1.noarch", where="late")
    assert added(shelf.closed()) == ["lib-1-1.noarch"]


def test_what_the_base_needs_is_its_own_affair(shelf: Shelf) -> None:
    shelf.put("old-1-1.noarch", requires=["lib", "nothing"], where="base")
    shelf.put("lib-1-1.noarch", where="late")
    found = shelf.closed({**AS_OF, "base": "x"})
    assert added(found) == []
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("rules", "rule"),
    [
        ({"packages": {"exclude": ["lib*"]}}, "packages.exclude: lib*"),
        ({"packages": {"hold": ["lib"]}, "base": "x"}, "packages.hold: lib"),
    ],
)
def test_what_a_person_keeps_out_stays_out_and_is_told(rules: dict[str, object], rule: str) -> None:
    shelf = Shelf()
    shelf.put("a-1-1.noarch", requires=["lib"])
    shelf.put("b-1-1.noarch", requires=["lib"])
    shelf.put("lib-1-1.noarch", where="late")
    found = shelf.closed({**AS_OF, **rules})
    assert added(found) == []
    assert found.warnings == (f"{rule}: lib-1-1.noarch stays out, but a-1-1.noarch needs lib, and 1 more needs it",)


def test_another_provider_is_taken_than_the_one_that_is_kept_out(shelf: Shelf) -> None:
    shelf.put("a-1-1.noarch", requires=["lib"])
    shelf.put("lib-1-1.noarch", where="late")
    shelf.put("newlib-9-1.noarch", provides=["lib"], where="late")
    found = shelf.closed({**AS_OF, "packages": {"exclude": ["lib"]}})
    assert added(found) == ["newlib-9-1.noarch"]
    assert found.warnings == ()


def test_the_others_that_need_what_is_kept_out_are_counted(shelf: Shelf) -> None:
    for name in ("a", "b", "c"):
        shelf.put(f"{name}-1-1.noarch", requires=["lib"])
    shelf.put("lib-1-1.noarch", where="late")
    (warning,) = shelf.closed({**AS_OF, "packages": {"exclude": ["lib"]}}).warnings
    assert warning.endswith("but a-1-1.noarch needs lib, and 2 more need it")


@pytest.mark.parametrize(("count", "is_told"), [(20, False), (21, True)])
def test_of_many_unmet_capabilities_a_repository_may_be_missing(shelf: Shelf, count: int, is_told: bool) -> None:
    shelf.put("a-1-1.noarch", requires=[f"x{number}" for number in range(count)])
    (warning,) = shelf.closed().warnings
    assert warning.startswith(f"closure: nothing provides {count} capabilities that 1 package needs: x0, x1, x10, ")
    assert warning.endswith("; is a repository missing from the recipe?") is is_told


def test_what_nothing_provides_is_one_line(shelf: Shelf) -> None:
    shelf.put("a-1-1.noarch", requires=["x >= 2", "y"])
    shelf.put("b-1-1.noarch", requires=["y", "(x >= 2 and y)"])
    shelf.put("x-1-1.noarch")
    assert shelf.closed().warnings == ("closure: nothing provides 2 capabilities that 2 packages need: x >= 2, y",)


@pytest.mark.parametrize(
    ("requirement", "kept", "expected"),
    [
        ("(p and q)", (), ["p", "q"]),
        ("(p and q)", ("q",), ["p"]),
        ("(p or q)", (), ["p"]),
        ("(p or q)", ("q",), []),
        ("(none or q)", (), ["q"]),
        ("((p and none) or q)", (), ["q"]),
        ("(p if q)", (), []),
        ("(p if q)", ("q",), ["p"]),
        ("(p if q else r)", (), ["r"]),
        ("(p if (q or r))", ("r",), ["p"]),
        ("(p unless q)", (), ["p"]),
        ("(p if q else r)", ("q",), ["p", "r"]),
        ("(p if q else none)", ("q",), ["p"]),
        ("(p unless q)", ("q",), ["p"]),
        ("(none unless q)", ("q",), []),
        ("((p and none) unless q)", ("q",), ["p"]),
        ("(p unless q else r)", (), ["p"]),
        ("(p unless q else r)", ("q",), ["p", "r"]),
        ("(v >= 2 with v < 3)", ("low", "high"), ["mid"]),
        ("(v without w)", ("high",), ["low"]),
        ("(v with (w or none))", (), ["high"]),
    ],
)
def test_boolean_dependencies_are_met(requirement: str, kept: tuple[str, ...], expected: list[str]) -> None:
    shelf = Shelf()
    shelf.put("a-1-1.noarch", requires=[requirement])
    provides = {"low": ["v = 1"], "mid": ["v = 2.5"], "high": ["v = 3", "w"], "p": [], "q": [], "r": []}
    for number, (name, offered) in enumerate(provides.items()):
        shelf.put(f"{name}-{number + 1}-1.noarch", provides=offered, where="now" if name in kept else "late")
    found = shelf.closed()
    assert [nevra.partition("-")[0] for nevra in added(found)] == expected
    assert found.warnings == ()


def test_a_condition_that_comes_true_later_counts(shelf: Shelf) -> None:
    shelf.put("a-1-1.noarch", requires=["(plugin if big)"])
    shelf.put("b-1-1.noarch", requires=["big"])
    shelf.put("big-1-1.noarch", where="late")
    shelf.put("plugin-1-1.noarch", where="late")
    assert added(shelf.closed()) == ["big-1-1.noarch", "plugin-1-1.noarch"]


def test_the_owners_of_files_are_asked_for_where_primary_has_none(shelf: Shelf) -> None:
    shelf.put("a-1-1.noarch", requires=["/opt/x", "/etc/listed", "(/opt/y or /opt/z)"])
    shelf.put("b-1-1.noarch", files=("/etc/listed",), provides=["/opt/z"], where="late")
    shelf.put("c-1-1.noarch", requires=["/opt/of-a-dropped-one"], where="late")
    shelf.put("d-1-1.noarch", requires=["/opt/of-the-base"], where="base")
    selection = shelf.selection({**AS_OF, "base": "x"})
    assert unlisted_paths(selection, shelf.by_pkgid()) == {"/opt/x", "/opt/y", "/opt/of-a-dropped-one"}
    found = shelf.closed({**AS_OF, "base": "x"}, {"/opt/x": [stored("c-1-1.noarch").pkgid]})
    assert added(found) == ["b-1-1.noarch", "c-1-1.noarch"]
    assert found.warnings == ("closure: nothing provides 1 capability that 1 package needs: /opt/of-a-dropped-one",)


def test_bounds_are_those_of_capabilities() -> None:
    assert parsed("lib >= 1:2") == Capability("lib", Bound(Comparison.AT_LEAST, 1, "2"))
