"""Module streams in a profile."""

from __future__ import annotations

from tests.support.comps import default_stream, module
from tests.support.plans import moves, notes, planned, problems
from tests.support.profiles import Json
from tests.support.repositories import Contents, Repository
from tests.support.rpms import Rpm
from tests.support.world import World

RPMS = (Rpm("app", "1-1"), Rpm("app", "2-1"), Rpm("app", "3-1"), Rpm("plain"))
STREAMS = (
    module("app", "1", ["app-0:1-1.noarch"]),
    module("app", "2", ["app-0:2-1.noarch"]),
    module("app", "3", ["app-0:3-1.noarch"], requires={"other": "new"}),
    module("other", "new", ["plain-0:1-1.noarch"]),
)


def base(world: World, *documents: str) -> Repository:
    return world.publish("base", Contents(rpms=RPMS, modules="".join((*STREAMS, *documents))))


def modules(**named: Json) -> dict[str, Json]:
    return {"software": {"modules": named}}


def test_an_enabled_stream_decides_which_builds_there_are(world: World) -> None:
    """Only the packages of the enabled stream can be installed."""
    for stream in ("1", "2"):
        profile = world.profile(["app"], [base(world)], extra=modules(app={"stream": stream}))
        plan = planned(world, profile, world.root(name=stream), "--releasever", "9")
        assert moves(plan) == [f"install app.noarch {stream}-1"]


def test_a_switch_of_the_stream_changes_the_packages(world: World) -> None:
    """Another stream in the profile is a switch: no reset by hand, and the packages follow, also downwards."""
    root = world.root(Rpm("app", "2-1"))
    root.write("etc/dnf/modules.d/app.module", "[app]\nname=app\nstream=2\nprofiles=\nstate=enabled\n")
    profile = world.profile(["app"], [base(world)], extra=modules(app={"stream": "1"}))

    plan = planned(world, profile, root, "--releasever", "9")

    assert moves(plan) == ["downgrade app.noarch 2-1 -> 1-1"]


def test_the_root_has_no_say_in_the_streams(world: World) -> None:
    """What is enabled in the root already has no part in the closure: the profile alone decides."""
    root = world.root()
    root.write("etc/dnf/modules.d/app.module", "[app]\nname=app\nstream=2\nprofiles=\nstate=enabled\n")
    profile = world.profile(["app"], [base(world, default_stream("app", "1"))])

    assert moves(planned(world, profile, root, "--releasever", "9")) == ["install app.noarch 1-1"]


def test_a_disabled_module_hides_its_packages(world: World) -> None:
    """A module with enable = false hides its packages, the default stream's too."""
    here = base(world, default_stream("app", "1"))
    profile = world.profile(["app"], [here], extra=modules(app={"stream": "1", "enable": False}))

    plan = planned(world, profile, world.root(), "--releasever", "9", code=12)

    assert problems(plan) == [("excluded", "app", "/software/packages/app")]


def test_a_package_of_a_stream_that_is_not_enabled_says_so(world: World) -> None:
    """A package that is only in streams that are not enabled is told apart from one that does not exist."""
    plan = planned(world, world.profile(["app"], [base(world)]), world.root(), "--releasever", "9", code=12)

    assert problems(plan) == [("excluded", "app", "/software/packages/app")]
    assert plan["problems"][0]["text"] == "app is only in module streams that are not enabled"


def test_a_stream_that_does_not_exist_is_a_problem(world: World) -> None:
    """A stream that no repository has is a problem that names those there are."""
    profile = world.profile(["plain"], [base(world)], extra=modules(app={"stream": "9"}, other={"stream": "new"}))

    plan = planned(world, profile, world.root(), "--releasever", "9", code=12)

    assert problems(plan) == [("module", "app:9", "/software/modules/app")]
    assert plan["problems"][0]["text"] == "module app has no stream 9; there is 1, 2, 3"


def test_a_stream_means_nothing_where_no_repository_has_modules(world: World) -> None:
    """Where no repository has module metadata nothing is hidden, and a wanted stream is a note."""
    profile = world.profile(["app"], [world.repository("base", *RPMS)], extra=modules(app={"stream": "1"}))

    plan = planned(world, profile, world.root())

    assert (moves(plan), notes(plan)) == (["install app.noarch 3-1"], [("module", "")])


def test_hotfixes_pass_the_streams_by(world: World) -> None:
    """Packages of a repository with module_hotfixes are seen whatever stream is enabled."""
    from tests.support.profiles import repository_entry

    here = repository_entry(base(world), module_hotfixes=True)
    profile = world.profile(["app"], [here], extra=modules(app={"stream": "1"}))

    assert moves(planned(world, profile, world.root(), "--releasever", "9")) == ["install app.noarch 3-1"]
