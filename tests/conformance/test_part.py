"""A part of a transaction: as much of it as goes while some packages stay, and what the rest depends on."""

from __future__ import annotations

import os

import pytest

from tests.support.engine import Engine, part, wanted
from tests.support.repositories import Repository
from tests.support.rpms import Rpm
from tests.support.world import World
from yumbridge.engine.protocol import ReadRelations
from yumbridge.plan.deferral import Relations
from yumbridge.plan.transaction import Part

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="rpm changes its root directory")

LIB, LIB2 = Rpm("lib", "1-1"), Rpm("lib", "2-1")
APP, APP2 = Rpm("app", "1-1"), Rpm("app", "2-1", requires=("lib >= 2",))
TOOL, TOOL2 = Rpm("tool", "1-1"), Rpm("tool", "2-1")


def opened(engine: Engine, world: World, installed: list[Rpm], offered: list[Rpm]) -> Repository:
    base = world.repository("base", *offered)
    engine.open(world.root(*installed), base)
    return base


def replacing(*pairs: tuple[Rpm, Rpm]) -> dict[Rpm, tuple[Rpm, ...]]:
    return {old: (new,) for old, new in pairs}


def test_what_depends_on_a_package_that_stays_is_left_out(engine: Engine, world: World) -> None:
    base = opened(engine, world, [LIB, APP, TOOL], [LIB2, APP2, TOOL2])
    pairs = replacing((LIB, LIB2), (APP, APP2), (TOOL, TOOL2))

    found = engine.part(part(base, [APP2, LIB2, TOOL2], pairs, keep=[LIB]))

    assert found == Part(incoming=(TOOL2.nevra,), outgoing=(TOOL.nevra,))


def test_all_of_it_goes_when_nothing_is_in_the_way(engine: Engine, world: World) -> None:
    base = opened(engine, world, [LIB, APP], [LIB2, APP2, TOOL])
    pairs = replacing((LIB, LIB2), (APP, APP2))

    found = engine.part(part(base, [APP2, LIB2, TOOL], pairs))

    assert found.incoming == (APP2.nevra, LIB2.nevra, TOOL.nevra)


@pytest.mark.trap("excluding the newer builds does not hold a package against obsoletes and conflicts")
@pytest.mark.parametrize(
    "new",
    [
        pytest.param(Rpm("lib-ng", "3-1", obsoletes=("lib < 2",)), id="obsoletes"),
        pytest.param(Rpm("lib-ng", "3-1", conflicts=("lib < 2",)), id="conflicts"),
    ],
)
def test_what_stays_is_neither_obsoleted_nor_conflicted_away(engine: Engine, world: World, new: Rpm) -> None:
    base = opened(engine, world, [LIB], [new])

    assert engine.part(part(base, [new], {LIB: (new,)}, keep=[LIB])) == Part(incoming=(), outgoing=())


@pytest.mark.trap("removals have no optional form")
def test_removals_that_something_still_needs_stay_and_the_others_go(engine: Engine, world: World) -> None:
    app, gone = Rpm("app", "1-1", requires=("needed",)), Rpm("gone")
    needed = Rpm("needed")
    base = opened(engine, world, [app, needed, gone], [])

    found = engine.part(part(base, [], {}, erase=[needed, gone], keep=[app]))

    assert found == Part(incoming=(), outgoing=(gone.nevra,))


def test_a_downgrade_and_a_change_of_arch_are_part_of_it(engine: Engine, world: World) -> None:
    old, new = Rpm("low", "2-1"), Rpm("low", "1-1")
    pure, native = Rpm("arch", "1-1"), Rpm("arch", "1-1", arch="x86_64")
    base = opened(engine, world, [old, pure], [new, native])

    found = engine.part(part(base, [new, native], replacing((old, new), (pure, native))))

    assert found.incoming == (native.nevra, new.nevra)


def test_a_kernel_beside_the_held_one_is_part_of_it(engine: Engine, world: World) -> None:
    old, new = (Rpm("kernel", evr, provides=("installonlypkg(kernel)",)) for evr in ("1-1", "2-1"))
    base = opened(engine, world, [old], [new])

    found = engine.part(part(base, [new], {}, keep=[old]))

    assert found == Part(incoming=(new.nevra,), outgoing=())


def test_what_must_be_brings_what_it_needs(engine: Engine, world: World) -> None:
    base = opened(engine, world, [LIB, APP, TOOL], [LIB2, APP2, TOOL2])
    pairs = replacing((LIB, LIB2), (APP, APP2), (TOOL, TOOL2))

    found = engine.part(part(base, [APP2, LIB2, TOOL2], pairs, must=[APP2]))

    assert {APP2.nevra, LIB2.nevra} <= {*found.incoming}
    assert found.problems == ()


def test_what_must_be_and_cannot_is_a_problem_in_words(engine: Engine, world: World) -> None:
    base = opened(engine, world, [LIB, APP], [LIB2, APP2])
    pairs = replacing((LIB, LIB2), (APP, APP2))

    found = engine.part(part(base, [APP2, LIB2], pairs, keep=[LIB], must=[APP2]))

    assert (found.incoming, found.outgoing) == ((), ())
    assert any("lib >= 2" in problem for problem in found.problems)


@pytest.mark.trap("with allow_uninstall the solver erases what is in its way")
def test_what_must_be_takes_a_leaver_out_of_its_way_and_nothing_else(engine: Engine, world: World) -> None:
    leaver, stayer = Rpm("leaver"), Rpm("stayer")
    new = Rpm("new", conflicts=("leaver",))
    other = Rpm("other", conflicts=("stayer",))
    base = opened(engine, world, [leaver, stayer], [new, other])

    with_leaver = engine.part(part(base, [new], {}, erase=[leaver], must=[new]))
    with_stayer = engine.part(part(base, [other], {}, erase=[leaver], must=[other]))

    assert with_leaver == Part(incoming=(new.nevra,), outgoing=(leaver.nevra,))
    assert with_stayer.problems != ()


def test_what_a_comer_would_replace_is_there_or_replaced_but_never_just_gone(engine: Engine, world: World) -> None:
    new = Rpm("new", conflicts=("app = 1",))
    base = opened(engine, world, [LIB, APP], [APP2, new])

    found = engine.part(part(base, [APP2, new], replacing((APP, APP2)), keep=[LIB], must=[new]))

    assert found.problems != ()


def relations(engine: Engine, base: Repository, comers: list[Rpm], keep: list[Rpm]) -> Relations:
    request = ReadRelations(
        install=tuple(wanted(base, rpm) for rpm in comers),
        coming=tuple(rpm.nevra for rpm in comers),
        keep=tuple(rpm.nevra for rpm in keep),
    )
    return engine.client.ask(request, Relations)


def test_requirements_have_every_provider_installed_or_coming(engine: Engine, world: World) -> None:
    old, new = Rpm("a", "1-1", provides=("cap",)), Rpm("b", provides=("cap = 3",))
    needs = Rpm("needs", requires=("cap", "rpmlib(CompressedFileNames) <= 3.0.4-1", "(a if b)"))
    base = opened(engine, world, [old], [new, needs])

    found = relations(engine, base, [needs, new], [old])

    told = {
        (found.packages[each.subject], each.capability, frozenset(found.packages[n] for n in each.providers))
        for each in found.requires
    }
    assert told == {(needs.nevra, "cap", frozenset({old.nevra, new.nevra}))}


def test_conflicts_either_way_and_obsoletes_of_names_are_exclusions(engine: Engine, world: World) -> None:
    stays = Rpm("stays", "1-1", provides=("cap",), conflicts=("second",))
    first, second = Rpm("first", conflicts=("cap",)), Rpm("second")
    third, fourth = Rpm("third", obsoletes=("stays < 2",)), Rpm("fourth", obsoletes=("cap",))
    base = opened(engine, world, [stays], [first, second, third, fourth])

    found = relations(engine, base, [first, second, third, fourth], [stays])

    told = {(found.packages[e.comer], e.kind, found.packages[e.subject], e.capability) for e in found.excludes}
    assert told == {
        (first.nevra, "conflicts", first.nevra, "cap"),
        (second.nevra, "conflicts", stays.nevra, "second"),
        (third.nevra, "obsoletes", third.nevra, "stays < 2"),
    }
