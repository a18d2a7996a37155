"""An exact transaction has the asked changes and no other, or says why there is none."""

from __future__ import annotations

import os

import pytest

from tests.support import tool
from tests.support.engine import Engine, change, wanted
from tests.support.kernels import kernels
from tests.support.repositories import Repository
from tests.support.roots import InstallRoot
from tests.support.rpmbuild import build
from tests.support.rpms import Rpm
from tests.support.world import World
from yumbridge.errors import StalePlanError
from yumbridge.plan.transaction import Transaction, WantedPackage

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="rpm changes its root directory")


def opened(engine: Engine, world: World, installed: list[Rpm], offered: list[Rpm]) -> Repository:
    base = world.repository("base", *offered)
    engine.open(world.root(*installed), base)
    return base


def replaced(old: Rpm, new: Rpm) -> Transaction:
    return Transaction(incoming=(new.nevra,), outgoing=(old.nevra,))


def test_no_change_is_an_empty_transaction(engine: Engine, world: World) -> None:
    opened(engine, world, [Rpm("bash")], [Rpm("bash"), Rpm("bash", "2-1")])

    assert engine.exact(change()) == Transaction(incoming=(), outgoing=())


def test_a_first_install_brings_what_it_names_and_nothing_else(engine: Engine, world: World) -> None:
    app, lib = Rpm("app", requires=("lib",), recommends=("docs",)), Rpm("lib")
    base = opened(engine, world, [], [app, lib, Rpm("docs"), Rpm("plugin", supplements=("app",))])

    transaction = engine.exact(change([wanted(base, app), wanted(base, lib)]))

    assert transaction == Transaction(incoming=(app.nevra, lib.nevra), outgoing=())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(Rpm("a", "1-1"), Rpm("a", "2-1"), id="upgrade"),
        pytest.param(Rpm("a", "2-1"), Rpm("a", "1-1"), id="downgrade"),
        pytest.param(Rpm("a", "1:1-1"), Rpm("a", "2-1"), id="epoch-drop"),
        pytest.param(Rpm("a", "1-1"), Rpm("a", "1:1-1"), id="epoch-gain"),
        pytest.param(Rpm("a", "1-1"), Rpm("a", "2-1", arch="x86_64"), id="noarch-to-native"),
        pytest.param(Rpm("a", "1-1", arch="x86_64"), Rpm("a", "2-1"), id="native-to-noarch"),
        pytest.param(Rpm("a", "2-1"), Rpm("a", "1-1", arch="x86_64"), id="noarch-to-an-older-native"),
        pytest.param(Rpm("a", "1-1"), Rpm("a", "2-1", vendor="Other"), id="vendor"),
    ],
)
def test_one_build_takes_the_place_of_another(engine: Engine, world: World, old: Rpm, new: Rpm) -> None:
    """An arch change between noarch and native is one replacement, as rpm sees it."""
    base = opened(engine, world, [old], [new])

    assert engine.exact(change([wanted(base, new)])) == replaced(old, new)


def test_equal_packages_are_not_touched(engine: Engine, world: World) -> None:
    same, old, new = Rpm("same", arch="x86_64"), Rpm("a", "1-1"), Rpm("a", "2-1")
    base = opened(engine, world, [same, old], [same, old, new])

    assert engine.exact(change([wanted(base, new)])) == replaced(old, new)
    assert engine.exact(change([wanted(base, new)], keep=[same])) == replaced(old, new)


def test_no_third_version_is_invented(engine: Engine, world: World) -> None:
    app, lib = (tuple(Rpm(name, f"{n}-1", requires=needs) for n in (1, 2, 3)) for name, needs in APP_NEEDS_LIB)
    base = opened(engine, world, [app[0], lib[0]], [*app, *lib])

    transaction = engine.exact(change([wanted(base, app[1]), wanted(base, lib[1])]))

    assert transaction.incoming == (app[1].nevra, lib[1].nevra)
    assert transaction.outgoing == (app[0].nevra, lib[0].nevra)


APP_NEEDS_LIB = (("app", ("lib",)), ("lib", ()))


def test_what_nobody_asked_for_is_never_added_not_even_to_solve_it(engine: Engine, world: World) -> None:
    old, new = Rpm("app", "1-1"), Rpm("app", "2-1", requires=("lib",))
    base = opened(engine, world, [old], [new, Rpm("lib")])

    transaction = engine.exact(change([wanted(base, new)]))

    assert (transaction.incoming, transaction.outgoing) == ((), ())
    assert "lib" in transaction.problems[0]


def test_what_nobody_asked_for_is_never_removed_to_solve_it(engine: Engine, world: World) -> None:
    old, new, other = Rpm("app", "1-1"), Rpm("app", "2-1", conflicts=("other",)), Rpm("other")
    base = opened(engine, world, [old, other], [new])

    problems = engine.exact(change([wanted(base, new)])).problems

    assert len(problems) == 1
    assert "conflicts with other" in problems[0]


def test_removals_happen_together_with_what_needs_them(engine: Engine, world: World) -> None:
    app, lib = Rpm("app", requires=("lib",)), Rpm("lib")
    opened(engine, world, [app, lib], [])

    assert engine.exact(change(erase=[lib, app])) == Transaction(incoming=(), outgoing=(app.nevra, lib.nevra))


def test_what_only_a_leaver_needed_stays(engine: Engine, world: World) -> None:
    app, lib = Rpm("app", requires=("lib",)), Rpm("lib")
    opened(engine, world, [app, lib], [])

    assert engine.exact(change(erase=[app])).outgoing == (app.nevra,)


def test_packages_trade_a_conflict_in_one_transaction(engine: Engine, world: World) -> None:
    old, new = Rpm("mta-a", provides=("mta",), conflicts=("mta-b",)), Rpm("mta-b", provides=("mta",))
    app = Rpm("app", requires=("mta",))
    base = opened(engine, world, [old, app], [new])

    assert engine.exact(change([wanted(base, new)], erase=[old])) == replaced(old, new)


# Obsoletes


def test_an_obsoleted_package_is_paired_with_its_obsoleter(engine: Engine, world: World) -> None:
    old, new = Rpm("old", "1-1"), Rpm("new", "2-1", obsoletes=("old < 2",))
    base = opened(engine, world, [old], [new])

    for request in (change([wanted(base, new)]), change([wanted(base, new)], erase=[old])):
        transaction = engine.exact(request)
        assert (transaction.incoming, transaction.outgoing) == ((new.nevra,), (old.nevra,))
        assert transaction.obsoleted == ((old.nevra, new.nevra),)


def test_an_upgrade_is_no_obsoletion(engine: Engine, world: World) -> None:
    old, new = Rpm("a", "1-1"), Rpm("a", "2-1", obsoletes=("a < 2",))
    base = opened(engine, world, [old], [new])

    assert engine.exact(change([wanted(base, new)])) == replaced(old, new)


@pytest.mark.trap("obsoletes=False does not stop obsoletes: an installed package is held by a job on it")
def test_a_kept_package_is_not_obsoleted(engine: Engine, world: World) -> None:
    old, new = Rpm("old", "1-1"), Rpm("new", "2-1", obsoletes=("old < 2",))
    base = opened(engine, world, [old], [new])

    transaction = engine.exact(change([wanted(base, new)], keep=[old]))

    assert (transaction.incoming, transaction.outgoing) == ((), ())
    assert "obsoletes old" in transaction.problems[0]


# Kept packages


@pytest.mark.trap("excludes alone do not hold: a kept package goes by a conflict unless a job names it")
def test_a_kept_package_does_not_give_way_to_a_conflict(engine: Engine, world: World) -> None:
    old, app, new = Rpm("lib", "1-1"), Rpm("app", "2-1", conflicts=("lib < 2",)), Rpm("lib", "2-1")
    base = opened(engine, world, [old], [app, new])

    for install in ([wanted(base, app)], [wanted(base, app), wanted(base, new)]):
        transaction = engine.exact(change(install, keep=[old]))
        assert (transaction.incoming, transaction.outgoing) == ((), ())
        assert transaction.problems


@pytest.mark.trap("excludes alone do not hold: neither against an upgrade that something else wants")
def test_a_kept_package_is_not_upgraded_for_what_needs_it_newer(engine: Engine, world: World) -> None:
    old, new, app = Rpm("lib", "1-1"), Rpm("lib", "2-1"), Rpm("app", "2-1", requires=("lib >= 2",))
    base = opened(engine, world, [old], [new, app])

    for install in ([wanted(base, app)], [wanted(base, app), wanted(base, new)]):
        transaction = engine.exact(change(install, keep=[old]))
        assert (transaction.incoming, transaction.outgoing) == ((), ())
        assert transaction.problems


def test_a_multilib_twin_is_not_dragged_along(engine: Engine, world: World) -> None:
    old = {arch: Rpm("lib", "1-1", arch=arch) for arch in ("x86_64", "i686")}
    new = {arch: Rpm("lib", "2-1", arch=arch) for arch in ("x86_64", "i686")}
    base = opened(engine, world, [*old.values()], [*new.values()])

    transaction = engine.exact(change([wanted(base, new["x86_64"])], keep=[old["i686"]]))

    assert transaction == replaced(old["x86_64"], new["x86_64"])


def test_both_arches_of_a_package_change_together(engine: Engine, world: World) -> None:
    old = [Rpm("lib", "1-1", arch=arch) for arch in ("i686", "x86_64")]
    new = [Rpm("lib", "2-1", arch=arch) for arch in ("i686", "x86_64")]
    base = opened(engine, world, old, new)

    transaction = engine.exact(change([wanted(base, rpm) for rpm in new]))

    assert transaction.incoming == tuple(rpm.nevra for rpm in new)
    assert transaction.outgoing == tuple(rpm.nevra for rpm in old)


def test_one_arch_of_a_package_leaves_and_the_other_stays(engine: Engine, world: World) -> None:
    x86_64, i686 = (Rpm("lib", "1-1", arch=arch) for arch in ("x86_64", "i686"))
    opened(engine, world, [x86_64, i686], [x86_64, i686])

    assert engine.exact(change(erase=[i686])).outgoing == (i686.nevra,)


# Removals that cannot be


def test_removals_that_something_kept_needs_are_refused_and_the_others_done(engine: Engine, world: World) -> None:
    kept = Rpm("kept", requires=("lib-c", "lib-f"))
    leavers = [Rpm(f"lib-{letter}") for letter in "abcdefg"]
    opened(engine, world, [kept, *leavers], [])

    transaction = engine.exact(change(erase=leavers, keep=[kept]))

    assert transaction.problems == ()
    assert transaction.outgoing == tuple(rpm.nevra for rpm in leavers if rpm.name[-1] not in "cf")
    assert [nevra for nevra, _ in transaction.refused] == ["lib-c-1-1.noarch", "lib-f-1-1.noarch"]
    assert all("kept-1-1.noarch" in why for _, why in transaction.refused)


def test_a_removal_that_a_newcomer_calls_for_is_done_beside_one_that_is_refused(engine: Engine, world: World) -> None:
    new, rival, lib, kept = Rpm("new", conflicts=("rival",)), Rpm("rival"), Rpm("lib"), Rpm("kept", requires=("lib",))
    base = opened(engine, world, [rival, lib, kept], [new])

    transaction = engine.exact(change([wanted(base, new)], erase=[rival, lib], keep=[kept]))

    assert (transaction.incoming, transaction.outgoing) == ((new.nevra,), (rival.nevra,))
    assert [nevra for nevra, _ in transaction.refused] == [lib.nevra]


def test_what_a_refused_removal_needs_is_refused_as_well(engine: Engine, world: World) -> None:
    kept, middle, end = Rpm("z-kept", requires=("b",)), Rpm("b", requires=("a",)), Rpm("a")
    opened(engine, world, [kept, middle, end, Rpm("free")], [])

    transaction = engine.exact(change(erase=[end, middle, Rpm("free")], keep=[kept]))

    assert transaction.outgoing == ("free-1-1.noarch",)
    assert sorted(nevra for nevra, _ in transaction.refused) == ["a-1-1.noarch", "b-1-1.noarch"]


def test_of_two_removals_of_which_one_must_stay_the_first_in_order_goes(engine: Engine, world: World) -> None:
    kept, one, two = Rpm("kept", requires=("mta",)), Rpm("a", provides=("mta",)), Rpm("b", provides=("mta",))
    opened(engine, world, [kept, one, two], [])

    for erase in ([one, two], [two, one]):
        transaction = engine.exact(change(erase=erase, keep=[kept]))
        assert transaction.outgoing == (one.nevra,)
        assert [nevra for nevra, _ in transaction.refused] == [two.nevra]


def test_a_removal_that_a_newcomer_needs_is_refused(engine: Engine, world: World) -> None:
    app, lib = Rpm("app", requires=("lib",)), Rpm("lib")
    base = opened(engine, world, [lib], [app])

    transaction = engine.exact(change([wanted(base, app)], erase=[lib]))

    assert (transaction.incoming, transaction.outgoing) == ((app.nevra,), ())
    assert [nevra for nevra, _ in transaction.refused] == [lib.nevra]


def test_broken_dependencies_of_the_host_do_not_block_a_change(engine: Engine, world: World) -> None:
    broken, old, new = Rpm("broken", requires=("nosuch",)), Rpm("a", "1-1"), Rpm("a", "2-1")
    base = opened(engine, world, [broken, old], [new])

    assert engine.exact(change([wanted(base, new)])) == replaced(old, new)


# Several builds of one name

OLD, NEW, NEWEST = "5.14.0-1.el9", "5.14.0-2.el9", "5.14.0-3.el9"


def test_kernels_are_installed_side_by_side(engine: Engine, world: World) -> None:
    new = kernels(NEW)
    base = opened(engine, world, [*kernels(OLD)], [*new])

    transaction = engine.exact(change([wanted(base, rpm) for rpm in new]))

    assert transaction == Transaction(incoming=tuple(sorted(rpm.nevra for rpm in new)), outgoing=())


@pytest.mark.trap("installonly_limit erases listed kernels: dnf's own is 3")
def test_no_limit_removes_a_kernel_that_nobody_asked_to_remove(engine: Engine, world: World) -> None:
    there = [rpm for number in range(1, 6) for rpm in kernels(f"5.14.0-{number}.el9")]
    new = kernels("5.14.0-6.el9")
    base = opened(engine, world, there, [*there, *new])

    transaction = engine.exact(change([wanted(base, rpm) for rpm in new]))

    assert (len(transaction.incoming), transaction.outgoing) == (3, ())


def test_one_kernel_leaves_while_another_comes(engine: Engine, world: World) -> None:
    old, new = kernels(OLD), kernels(NEWEST)
    base = opened(engine, world, [*old, *kernels(NEW)], [*new])

    transaction = engine.exact(change([wanted(base, rpm) for rpm in new], erase=old))

    assert transaction.incoming == tuple(sorted(rpm.nevra for rpm in new))
    assert transaction.outgoing == tuple(sorted(rpm.nevra for rpm in old))


def interrupted(world: World, root: InstallRoot, rpm: Rpm) -> None:
    """Leave a second build in the rpmdb, as a transaction that was killed before its removals does."""
    (file,) = build([rpm], world.path / "interrupted", world.cache)
    tool.run("rpm", "--root", root.path, "-i", "--justdb", "--nodeps", "--force", "--nosignature", file)


@pytest.mark.parametrize(("right", "wrong"), [("2-1", "1-1"), ("1-1", "2-1")], ids=["older-goes", "newer-goes"])
def test_of_two_builds_left_by_an_interruption_the_wrong_one_leaves(
    engine: Engine, world: World, right: str, wrong: str
) -> None:
    good, bad = Rpm("a", right), Rpm("a", wrong)
    base = world.repository("base", good, Rpm("a", "3-1"))
    root = world.root(bad)
    interrupted(world, root, good)
    engine.open(root, base)

    assert engine.exact(change(erase=[bad])) == Transaction(incoming=(), outgoing=(bad.nevra,))


def test_a_third_build_replaces_both_that_an_interruption_left(engine: Engine, world: World) -> None:
    old, new, newest = (Rpm("a", evr) for evr in ("1-1", "2-1", "3-1"))
    base = world.repository("base", newest)
    root = world.root(old)
    interrupted(world, root, new)
    engine.open(root, base)

    for request in (change([wanted(base, newest)]), change([wanted(base, newest)], erase=[old, new])):
        transaction = engine.exact(request)
        assert transaction == Transaction(incoming=(newest.nevra,), outgoing=(old.nevra, new.nevra))


# What a plan named before


@pytest.mark.parametrize("how", ["erase", "keep"])
def test_a_package_that_is_no_longer_installed_makes_it_stale(engine: Engine, world: World, how: str) -> None:
    opened(engine, world, [Rpm("bash")], [])
    gone = [Rpm("vim")]

    with pytest.raises(StalePlanError, match=r"vim-1-1\.noarch"):
        engine.exact(change(erase=gone) if how == "erase" else change(keep=gone))


def test_all_packages_that_are_no_longer_offered_make_it_stale(engine: Engine, world: World) -> None:
    base = opened(engine, world, [], [Rpm("bash"), Rpm("vim")])
    bash, vim = wanted(base, Rpm("bash")), wanted(base, Rpm("vim"))
    rebuilt = WantedPackage(bash.nevra, bash.repo_id, f"sha256:{'0' * 64}")
    elsewhere = WantedPackage(vim.nevra, "other", vim.checksum)

    with pytest.raises(StalePlanError) as caught:
        engine.exact(change([rebuilt, elsewhere]))
    assert sorted(caught.value.details) == [bash.nevra, vim.nevra]


def test_the_very_repository_of_the_plan_is_used(engine: Engine, world: World) -> None:
    bash = Rpm("bash")
    one, two = world.repository("one", bash), world.repository("two", bash)
    engine.open(world.root(), one, two)

    assert engine.exact(change([wanted(two, bash)])).incoming == (bash.nevra,)


def test_excluded_packages_can_still_be_asked_for_by_a_plan(engine: Engine, world: World) -> None:
    """Excludes bind the closure; what the closure has was not excluded."""
    bash = Rpm("bash")
    base = world.repository("base", bash)
    engine.open(world.root(), base, excludes=("bash",))

    assert engine.exact(change([wanted(base, bash)])).incoming == (bash.nevra,)


def test_the_order_of_a_request_changes_nothing(engine: Engine, world: World) -> None:
    names = ("a", "b", "c", "d")
    old, new = [Rpm(name, "1-1") for name in names], [Rpm(name, "2-1") for name in names[:2]]
    base = opened(engine, world, old, new)
    install = [wanted(base, rpm) for rpm in new]

    there = engine.exact(change(install, erase=old[2:3], keep=old[3:]))
    back = engine.exact(change(install[::-1], erase=old[2:3], keep=old[3:]))

    assert there == back
    assert there.outgoing == ("a-1-1.noarch", "b-1-1.noarch", "c-1-1.noarch")


def test_one_exact_request_does_not_restrict_the_next(engine: Engine, world: World) -> None:
    old, new, newest = (Rpm("a", evr) for evr in ("1-1", "2-1", "3-1"))
    base = opened(engine, world, [old], [new, newest])

    assert engine.exact(change([wanted(base, new)])) == replaced(old, new)
    assert engine.exact(change([wanted(base, newest)])) == replaced(old, newest)
