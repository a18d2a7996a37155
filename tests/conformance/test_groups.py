"""Groups, module streams and missing repositories, as the engine answers."""

from __future__ import annotations

import platform

import pytest

from tests.support.comps import comps, default_stream, environment, group, module
from tests.support.engine import Engine, nevras, offer
from tests.support.repositories import Contents, Repository
from tests.support.rpms import Rpm
from tests.support.world import World
from yumbridge.desired.repository import Repository as DesiredRepository
from yumbridge.desired.spec import Spec
from yumbridge.desired.state import ModuleStream
from yumbridge.errors import RepositoryError
from yumbridge.plan.closure import MissingMember, ModuleState, ProblemKind

APP1, APP2 = Rpm("app", "1-1"), Rpm("app", "2-1")
STREAMS = module("app", "1", ["app-0:1-1.noarch"]) + module("app", "2", ["app-0:2-1.noarch"])


def stream(name: str, *, enabled: bool = True) -> ModuleStream:
    return ModuleStream(name="app", stream=name, enabled=enabled, origin="/software/modules/app")


def modular(world: World, *documents: str) -> Repository:
    return world.publish("base", Contents(rpms=(APP1, APP2), modules=STREAMS + "".join(documents)))


def opened(engine: Engine, world: World, *streams: ModuleStream, documents: tuple[str, ...] = ()) -> None:
    engine.open(world.root(), modular(world, *documents), modules=streams, module_platform_id="platform:el9")


def test_member_types_decide_which_members_count(engine: Engine, world: World) -> None:
    rpms = (Rpm("a"), Rpm("b"), Rpm("c"))
    text = comps(group("g", mandatory=("a",), default=("b",), optional=("c",)))
    engine.open(world.root(), world.publish("base", Contents(rpms=rpms, comps=text)))

    found = engine.closure(Spec(name="@g", member_types=("mandatory", "optional"), origin="x"))

    assert nevras(found) == ["a-1-1.noarch", "c-1-1.noarch"]
    assert found.met == ((0, 1),)


def test_conditions_are_followed_to_their_end(engine: Engine, world: World) -> None:
    rpms = tuple(Rpm(name) for name in "abcd")
    text = comps(group("g", mandatory=("a",), conditional={"b": "a", "c": "b", "d": "nothing"}))
    engine.open(world.root(), world.publish("base", Contents(rpms=rpms, comps=text)))

    assert [nevra[0] for nevra in nevras(engine.closure("@g"))] == ["a", "b", "c"]


def test_an_environment_stands_for_its_groups(engine: Engine, world: World) -> None:
    rpms = tuple(Rpm(name) for name in "abc")
    parts = [group(f"g{name}", mandatory=(name,)) for name in "abc"]
    text = comps(environment("e", ["ga"], {"gb": True, "gc": False}), *parts)
    engine.open(world.root(), world.publish("base", Contents(rpms=rpms, comps=text)))

    assert [nevra[0] for nevra in nevras(engine.closure("@e"))] == ["a", "b"]


def test_a_missing_member_is_told_and_no_problem(engine: Engine, world: World) -> None:
    text = comps(group("g", mandatory=("app", "gone")))
    engine.open(world.root(), world.publish("base", Contents(rpms=(APP1,), comps=text)))

    found = engine.closure("@g")

    assert found.missing_members == (MissingMember(0, "gone"),)
    assert found.unmet == ()


def test_an_unknown_group_is_unmet(engine: Engine, world: World) -> None:
    engine.open(world.root(), world.repository("base", APP1))

    (unmet,) = engine.closure("@nosuch").unmet

    assert (unmet.spec, unmet.kind) == (0, ProblemKind.NOT_FOUND)


def test_a_stream_decides_on_the_closure_and_is_among_its_modules(engine: Engine, world: World) -> None:
    for name, app in (("1", APP1), ("2", APP2)):
        opened(engine, world, stream(name))
        found = engine.closure("app")
        assert nevras(found) == [app.nevra]
        assert found.modules == (ModuleState("app", name, "enabled"),)


def test_what_an_enabled_stream_needs_is_enabled_with_it(engine: Engine, world: World) -> None:
    streams = module("app", "1", ["app-0:1-1.noarch"], requires={"lib": "2"})
    streams += "".join(module("lib", number, [f"lib-0:{number}-1.noarch"]) for number in ("1", "2", "3"))
    rpms = (Rpm("app", "1-1", requires=("lib",)), *(Rpm("lib", f"{number}-1") for number in (1, 2, 3)))
    base = world.publish("base", Contents(rpms=rpms, modules=streams))
    engine.open(world.root(), base, modules=(stream("1"),), module_platform_id="platform:el9")

    found = engine.closure("app")

    assert nevras(found) == ["app-1-1.noarch", "lib-2-1.noarch"]
    assert found.modules == (ModuleState("app", "1", "enabled"), ModuleState("lib", "2", "enabled"))


def test_packages_of_a_default_stream_enable_it(engine: Engine, world: World) -> None:
    opened(engine, world, documents=(default_stream("app", "1"),))

    assert engine.closure("app").modules == (ModuleState("app", "1", "enabled"),)


def test_a_default_stream_that_nothing_needs_stays_as_it_is(engine: Engine, world: World) -> None:
    plain = Rpm("plain")
    contents = Contents(rpms=(APP1, APP2, plain), modules=STREAMS + default_stream("app", "1"))
    engine.open(world.root(), world.publish("base", contents), module_platform_id="platform:el9")

    assert engine.closure("plain").modules == ()


def test_one_closure_leaves_no_module_state_to_the_next(engine: Engine, world: World) -> None:
    opened(engine, world, documents=(default_stream("app", "1"),))

    first, second = engine.closure("app"), engine.closure("app")

    assert first == second


def test_a_disabled_module_is_among_the_modules(engine: Engine, world: World) -> None:
    opened(engine, world, stream("1", enabled=False), documents=(default_stream("app", "1"),))

    found = engine.closure("app")

    assert [unmet.kind for unmet in found.unmet] == [ProblemKind.EXCLUDED]
    assert found.modules == (ModuleState("app", "", "disabled"),)


def test_a_stream_that_cannot_be_had_is_told_by_its_number(engine: Engine, world: World) -> None:
    request = engine.open(
        world.root(), modular(world), modules=(stream("1"), stream("9")), module_platform_id="platform:el9"
    )

    assert [problem.stream for problem in request.module_problems] == [1]
    assert "no stream 9; there is 1, 2" in request.module_problems[0].text


def test_streams_mean_nothing_without_module_metadata(engine: Engine, world: World) -> None:
    found = engine.open(world.root(), world.repository("base", APP1), modules=(stream("1"),))

    assert (found.unused_modules, found.module_problems) == ((0,), ())


def test_a_repository_that_may_be_missing_is_told_to_be(engine: Engine, world: World) -> None:
    gone = DesiredRepository(repo_id="gone", urls=("file:///nonexistent",), skip_if_unavailable=True, origin="x")

    found = engine.open(world.root(), world.repository("base", APP1), gone)

    assert [missing.repo_id for missing in found.unavailable] == ["gone"]
    assert [state.repo_id for state in found.repositories] == ["base"]
    assert nevras(engine.closure("app")) == [APP1.nevra]


def test_a_member_of_a_foreign_arch_is_missing(engine: Engine, world: World) -> None:
    foreign = Rpm("alien", arch="aarch64" if platform.machine() != "aarch64" else "x86_64")
    text = comps(group("g", mandatory=("app", "alien")))
    engine.open(world.root(), world.publish("base", Contents(rpms=(APP1, foreign), comps=text)))

    assert engine.closure("@g").missing_members == (MissingMember(0, "alien"),)


DAMAGED_MODULES = pytest.mark.parametrize(
    "text", ["hello\n", "this: [is no modulemd", STREAMS[: len(STREAMS) // 3] + "]"], ids=["text", "yaml", "cut"]
)


@pytest.mark.trap("libdnf ends the process over module metadata that it cannot read")
@DAMAGED_MODULES
def test_damaged_module_metadata_is_the_repositorys_fault(engine: Engine, world: World, text: str) -> None:
    base = world.publish("base", Contents(rpms=(APP1,), modules=text))

    with pytest.raises(RepositoryError, match="base: its module metadata is damaged"):
        engine.open(world.root(), base)


@DAMAGED_MODULES
def test_a_repository_with_damaged_module_metadata_may_be_missing(engine: Engine, world: World, text: str) -> None:
    modular = world.publish("modular", Contents(rpms=(APP2,), modules=text))

    found = engine.open(world.root(), world.repository("base", APP1), offer(modular, skip_if_unavailable=True))

    assert [missing.repo_id for missing in found.unavailable] == ["modular"]
    assert nevras(engine.closure("app")) == [APP1.nevra]


WHOLE = comps(group("g", mandatory=("app",)))


@pytest.mark.trap("dnf goes on without comps that are not well-formed, and libcomps crashes over other documents")
@pytest.mark.parametrize("text", [WHOLE[: len(WHOLE) // 2], "<other/>", "hello"], ids=["cut", "other", "text"])
def test_damaged_comps_are_the_repositorys_fault_once_a_group_is_asked_for(
    engine: Engine, world: World, text: str
) -> None:
    good = world.publish("good", Contents(rpms=(APP1,), comps=WHOLE))
    engine.open(world.root(), good, world.publish("base", Contents(rpms=(APP1,), comps=text)))

    assert nevras(engine.closure("app")) == [APP1.nevra]
    with pytest.raises(RepositoryError, match=r"base: its groups \(comps\) are damaged"):
        engine.closure("@g")


def test_comps_that_are_only_odd_are_read(engine: Engine, world: World) -> None:
    odd = WHOLE.replace("<name>", "<nonsense>x</nonsense><name>")
    engine.open(world.root(), world.publish("base", Contents(rpms=(APP1,), comps=odd)))

    assert nevras(engine.closure("@g")) == [APP1.nevra]
