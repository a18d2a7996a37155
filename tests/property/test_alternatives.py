"""Which members of aliases are taken, on random worlds: real dnf on real rpms, judged by trying all combinations.

Specification: "`any_of` takes the first member, in the written order, that is available and solves with every other
spec".
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.cache import shared_cache
from tests.support.rpms import Rpm
from tests.support.world import World
from yumbridge.desired.alias import Alias, AliasDefinition
from yumbridge.desired.policy import Policy
from yumbridge.desired.repository import Repository
from yumbridge.desired.spec import Spec
from yumbridge.desired.state import DesiredState
from yumbridge.engine.child import Starter
from yumbridge.engine.client import EngineClient
from yumbridge.engine.protocol import Opened
from yumbridge.plan.choice import Resolution
from yumbridge.plan.document import ProfileRef
from yumbridge.run.alternatives import resolve
from yumbridge.run.host import HostFacts
from yumbridge.run.request import PlanRequest, open_request

NAMES = tuple("abcdef")
# Two of them are in no repository.
MEMBERS = (*NAMES, "gone", "lost")


@dataclass(frozen=True, slots=True)
class Case:
    """A world: who conflicts with whom, what is listed, and the members of aliases."""

    conflicts: frozenset[tuple[str, str]]
    requires: frozenset[tuple[str, str]]
    listed: frozenset[str]
    aliases: Mapping[str, tuple[str, ...]]

    def solves(self, wanted: frozenset[str]) -> bool:
        """Tell whether packages, with all that they need, can stand beside each other."""
        found, left = set(wanted), list(wanted)
        while left:
            name = left.pop()
            if name not in NAMES:
                return False
            needed = {there for here, there in self.requires if here == name} - found
            found |= needed
            left += needed
        return not any(one in found and other in found for one, other in self.conflicts)

    def expected(self) -> dict[str, str] | None:
        """Return the first combination that solves, the first member of the first alias counting most."""
        names = sorted(self.aliases)
        for members in product(*(self.aliases[name] for name in names)):
            if self.solves(self.listed | {*members}):
                return dict(zip(names, members, strict=True))
        return None


pairs = st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)).filter(lambda pair: pair[0] != pair[1])
cases = st.builds(
    Case,
    conflicts=st.frozensets(pairs, max_size=6),
    requires=st.frozensets(pairs, max_size=3),
    listed=st.frozensets(st.sampled_from(NAMES), max_size=2),
    aliases=st.dictionaries(
        st.sampled_from(("k", "l", "m")),
        st.lists(st.sampled_from(MEMBERS), min_size=1, max_size=3, unique=True).map(tuple),
        min_size=1,
    ),
)


@pytest.fixture(scope="module")
def engine() -> Iterator[EngineClient]:
    with EngineClient(Starter()) as running:
        yield running


def resolved(case: Case, engine: EngineClient, folder: Path) -> Resolution:
    world = World(folder, shared_cache())
    rpms = (
        Rpm(
            name,
            requires=tuple(sorted(there for here, there in case.requires if here == name)),
            conflicts=tuple(sorted(there for here, there in case.conflicts if here == name)),
        )
        for name in NAMES
    )
    base = world.repository("base", *rpms)
    written = sorted({*case.listed, *(f"@{name}" for name in case.aliases)})
    state = DesiredState(
        specs=tuple(Spec(name=name, origin=f"/software/packages/{name}") for name in written),
        repositories=(Repository(repo_id="base", urls=(base.url,), origin="test"),),
        policy=Policy(),
        aliases=tuple(
            Alias(name=name, definitions=(AliasDefinition(any_of=case.aliases[name]),)) for name in sorted(case.aliases)
        ),
    )
    request = PlanRequest(
        state=state,
        profile=ProfileRef(source="-", digest=""),
        facts=HostFacts(root=world.root().path, arch="x86_64", releasever="9"),
        cachedir=folder / "cache",
    )
    return resolve(request, engine.ask(open_request(request), Opened), engine)


@given(case=cases)
@settings(max_examples=40)
def test_the_first_combination_that_solves_is_taken(engine: EngineClient, case: Case) -> None:
    with tempfile.TemporaryDirectory(prefix="yumbridge.") as folder:
        found = resolved(case, engine, Path(folder))

    taken = {choice.alias: choice.member for choice in found.choices}
    expected = case.expected()
    assert taken.keys() == case.aliases.keys()
    if expected is not None:
        assert taken == expected
        assert (found.problems, found.closure.problems, found.closure.unmet) == ((), (), ())
    elif case.solves(case.listed):
        # Something is left out, and told, but all else still solves.
        assert {problem.spec for problem in found.problems} == {f"@{name}" for name in taken if taken[name] is None}
        assert found.problems
        assert not found.closure.problems
    for choice in found.choices:
        before = [passed.member for passed in choice.passed_over]
        members = list(case.aliases[choice.alias])
        assert before == (members if choice.member is None else members[: members.index(choice.member)])
        assert all(passed.why for passed in choice.passed_over)
