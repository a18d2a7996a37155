from __future__ import annotations

from pathlib import Path

import pytest

from snapshots.choice.capability import Bound, Capability, Comparison
from snapshots.choice.provider import Dependencies
from snapshots.choice.requirement import Expression, Operator
from snapshots.errors import StoreError
from snapshots.intake.upstream import Upstream, read_upstream
from snapshots.repodata.dependencies import read_dependencies, read_owners
from tests.support.rpms import Rpm
from tests.support.world import World

APP = Rpm(
    "app",
    "1:2-3",
    requires=("lib >= 1:1.2", "lib < 3-1", "(x if y)", "/etc/conf"),
    provides=("virtual = 7", "bare"),
    files=("/etc/app/", "/etc/app/conf", "/opt/a&b", "/opt/<c>"),
)


@pytest.fixture
def upstream(world: World, tmp_path: Path) -> Upstream:
    work = tmp_path / "work"
    work.mkdir()
    return read_upstream(world.repository("one", APP, Rpm("lib")).path / "repodata", work)


def pkgid(upstream: Upstream, name: str) -> str:
    return next(package.pkgid for package in upstream.packages if package.name == name)


def of(upstream: Upstream, name: str) -> Dependencies:
    wanted = pkgid(upstream, name)
    return read_dependencies([upstream.source], {wanted})[wanted]


def test_what_a_package_requires_is_read(upstream: Upstream) -> None:
    assert {each for each in of(upstream, "app").requires if "rpmlib" not in str(each)} == {
        Capability("lib", Bound(Comparison.AT_LEAST, 1, "1.2")),
        Capability("lib", Bound(Comparison.LESS, 0, "3", "1")),
        Expression(Operator.IF, (Capability("x"), Capability("y"))),
        Capability("/etc/conf"),
    }


def test_what_a_package_provides_is_read(upstream: Upstream) -> None:
    assert set(of(upstream, "app").provides) == {
        Capability("app", Bound(Comparison.EQUAL, 1, "2", "3")),
        Capability("virtual", Bound(Comparison.EQUAL, 0, "7")),
        Capability("bare"),
    }


def test_primary_lists_the_files_that_most_need(upstream: Upstream) -> None:
    assert of(upstream, "app").files == ("/etc/app", "/etc/app/conf")


def test_the_owners_of_other_files_are_found(upstream: Upstream) -> None:
    app, lib = pkgid(upstream, "app"), pkgid(upstream, "lib")
    paths = {"/opt/a&b", "/opt/<c>", "/opt/none"}
    assert read_owners([upstream.source], {app, lib}, paths) == {
        "/opt/a&b": frozenset({app}),
        "/opt/<c>": frozenset({app}),
    }
    assert read_owners([upstream.source], {lib}, paths) == {}


def test_only_what_is_asked_for_is_read_and_all_of_it(upstream: Upstream) -> None:
    lib = pkgid(upstream, "lib")
    assert read_dependencies([upstream.source, upstream.source], {lib}).keys() == {lib}
    with pytest.raises(StoreError) as caught:
        read_dependencies([upstream.source], {lib, "0" * 64})
    assert caught.value.details == ("0" * 64,)
