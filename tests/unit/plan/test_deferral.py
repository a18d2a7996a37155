"""Proofs that changes wait, as chains from the change to a held package."""

from __future__ import annotations

from collections.abc import Mapping

from tests.support.packages import installed, offered
from yumbridge.desired.hold import Hold
from yumbridge.plan.deferral import Exclusion, Ground, Proof, Relations, Requirement
from yumbridge.plan.held import Held, Holding, Whole
from yumbridge.plan.transaction import Transaction

HELD = Held(Hold(packages=("lib",)), "is held")


class Proving:
    """A small world: what is installed, what comes, what replaces what, who needs whom."""

    def __init__(self, present: list[str], coming: list[str], pairs: Mapping[str, tuple[str, ...]]) -> None:
        self.present = [installed(nevra) for nevra in present]
        self.whole = Whole(
            install={nevra: offered(nevra) for nevra in coming},
            replaced=pairs,
            erase=tuple(sorted(set(present) - pairs.keys())),
            transaction=Transaction(incoming=tuple(coming), outgoing=tuple(present)),
        )
        self.numbers = {nevra: number for number, nevra in enumerate((*present, *coming))}
        self.requires: list[Requirement] = []
        self.excludes: list[Exclusion] = []

    def needs(self, subject: str, capability: str, *providers: str) -> Proving:
        numbers = tuple(self.numbers[provider] for provider in providers)
        self.requires.append(Requirement(self.numbers[subject], capability, numbers))
        return self

    def conflicts(self, comer: str, stayer: str, subject: str, capability: str) -> Proving:
        numbers = self.numbers[comer], self.numbers[stayer]
        self.excludes.append(Exclusion(*numbers, "conflicts", self.numbers[subject], capability))
        return self

    def proof(self, *held: str) -> Proof:
        relations = Relations(tuple(self.numbers), tuple(self.requires), tuple(self.excludes))
        staying = {nevra: HELD for nevra in held if nevra not in self.whole.install}
        barred = {nevra: HELD for nevra in held if nevra in self.whole.install}
        holding = Holding(staying=staying, barred=barred)
        return Proof(self.whole, holding, Ground(self.whole, self.present, relations))


LIB, LIB2, APP, APP2 = "lib-1-1.noarch", "lib-2-1.noarch", "app-1-1.noarch", "app-2-1.noarch"
PAIRS = {LIB: (LIB2,), APP: (APP2,)}


def test_a_requirement_that_only_a_held_package_would_meet_is_a_proof() -> None:
    world = Proving([LIB, APP], [LIB2, APP2], PAIRS).needs(APP2, "lib >= 2", LIB2)

    chain, held = world.proof(LIB).chain(APP2)

    assert chain == (f"{APP2} requires lib >= 2", f"{LIB} is held")
    assert held is HELD


def test_what_something_else_meets_is_no_proof() -> None:
    world = Proving([LIB, APP], [LIB2, APP2, "alt-1-1.noarch"], PAIRS).needs(APP2, "cap", LIB2, "alt-1-1.noarch")

    assert APP2 not in world.proof(LIB).steps


def test_what_an_installed_package_meets_is_no_proof_unless_the_comer_replaces_it() -> None:
    other = "other-1-1.noarch"
    stays = Proving([LIB, APP, other], [LIB2, APP2], PAIRS).needs(APP2, "cap", LIB2, other)
    replaced = Proving([LIB, APP], [LIB2, APP2], PAIRS).needs(APP2, "cap", LIB2, APP)

    assert APP2 not in stays.proof(LIB).steps
    assert APP2 in replaced.proof(LIB).steps


def test_a_package_that_meets_its_own_requirement_is_not_kept_from_coming() -> None:
    world = Proving([LIB, APP], [LIB2, APP2], PAIRS).needs(APP2, "cap", LIB2, APP2)

    assert APP2 not in world.proof(LIB).steps


def test_the_old_build_that_a_staying_package_needs_stays_too() -> None:
    world = Proving([LIB, APP], [LIB2, APP2], PAIRS).needs(LIB, "app = 1", APP)

    proof = world.proof(LIB)

    assert proof.chain(APP) == ((f"{LIB} requires app = 1", f"{LIB} is held"), HELD)
    assert proof.chain(APP2) == ((f"{LIB} requires app = 1", f"{LIB} is held"), HELD)


def test_a_need_that_the_new_build_meets_as_well_keeps_nothing() -> None:
    world = Proving([LIB, APP], [LIB2, APP2], PAIRS).needs(LIB, "app", APP, APP2)

    assert set(world.proof(LIB).steps) == {LIB, LIB2}


def test_a_provider_is_the_only_one_once_the_others_are_proved_to_wait() -> None:
    gone = "gone-1-1.noarch"
    world = (
        Proving([LIB, APP, gone], [LIB2, APP2, "alt-1-1.noarch"], PAIRS)
        .needs("alt-1-1.noarch", "lib >= 2", LIB2)
        .needs(LIB, "cap", gone, "alt-1-1.noarch")
    )

    assert world.proof(LIB).chain(gone)[0] == (f"{LIB} requires cap", f"{LIB} is held")


def test_a_conflict_with_what_stays_is_a_proof() -> None:
    world = Proving([LIB], [LIB2, "new-1-1.noarch"], {LIB: (LIB2,)})
    world.conflicts("new-1-1.noarch", LIB, "new-1-1.noarch", "lib < 2")

    assert world.proof(LIB).chain("new-1-1.noarch")[0] == ("new-1-1.noarch conflicts lib < 2", f"{LIB} is held")


def test_other_arches_of_what_stays_wait() -> None:
    pairs = {"lib-1-1.i686": ("lib-2-1.i686",), "lib-1-1.x86_64": ("lib-2-1.x86_64",)}
    world = Proving(["lib-1-1.i686", "lib-1-1.x86_64"], ["lib-2-1.i686", "lib-2-1.x86_64"], pairs)

    proof = world.proof("lib-1-1.i686")

    assert set(proof.steps) == {*pairs, "lib-2-1.i686", "lib-2-1.x86_64"}
    assert proof.roots == {"lib-1-1.i686"}


def test_what_several_comers_replace_stays_only_if_none_of_them_comes() -> None:
    pairs = {LIB: ("new-a-1-1.noarch", "new-b-1-1.noarch")}
    world = Proving([LIB], ["new-a-1-1.noarch", "new-b-1-1.noarch"], pairs)

    assert LIB not in world.proof("new-a-1-1.noarch").steps
    assert LIB in world.proof("new-a-1-1.noarch", "new-b-1-1.noarch").steps


def test_of_two_chains_the_shorter_one_is_told_and_of_equal_ones_always_the_same() -> None:
    names = [f"c{number}-1-1.noarch" for number in range(3)]
    world = Proving([LIB], [LIB2, *names], {LIB: (LIB2,)})
    world.needs(names[0], "lib >= 2", LIB2).needs(names[1], "lib >= 2", LIB2)
    world.needs(names[2], "c1", names[1]).needs(names[2], "c0", names[0])

    chain, _ = world.proof(LIB).chain(names[2])

    assert chain == (f"{names[2]} requires c0", f"{names[0]} requires lib >= 2", f"{LIB} is held")
