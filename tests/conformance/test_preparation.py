"""Preparing a transaction finds what would keep it from running, and changes nothing."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.support import damage
from tests.support.engine import Engine, change, wanted
from tests.support.engines import RunningEngine
from tests.support.repositories import Repository
from tests.support.rpms import Rpm
from tests.support.server import Fault
from tests.support.trees import Tree
from tests.support.world import World
from yumbridge.engine.client import EngineClient
from yumbridge.errors import (
    EngineError,
    HostError,
    PlanMismatchError,
    RepositoryError,
    StalePlanError,
    TransactionError,
)

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="rpm changes its root directory")

BASH = Rpm("bash", "5.1-1", files={"/usr/bin/bash": "5.1"})
NEWER = Rpm("bash", "5.2-1", files={"/usr/bin/bash": "5.2"})


def cached_rpms(engine: Engine) -> list[str]:
    return sorted(path.name for path in engine.cachedir.rglob("*.rpm"))


def test_preparing_changes_nothing_but_the_cache(engine: Engine, world: World) -> None:
    loud = Rpm("loud", scriptlets={"pre": "posix.mkdir('/trace')"}, files=("/usr/share/loud",))
    base = world.repository("base", NEWER, loud)
    root = world.root(BASH)
    # The lock of dnf 5 lies here.
    (root.path / "run/dnf").mkdir(parents=True)
    engine.open(root, base)
    before = Tree.of(root.path)

    prepared = engine.prepare(change([wanted(base, NEWER), wanted(base, loud)]))

    # Testing takes rpm's lock, which is a file.
    written = [line for line in before.changes(Tree.of(root.path)) if "rpm" not in line and "run/dnf" not in line]
    assert written == []
    assert root.installed() == {BASH.nevra}
    assert prepared.cookie == engine.verify().cookie


def test_packages_come_over_http_and_leave_nothing_in_the_cache(engine: Engine, world: World) -> None:
    base = world.repository("base", BASH, Rpm("vim"))
    root = world.root()
    with world.serving() as server:
        engine.open(root, base.at(server.url))
        prepared = engine.prepare(change([wanted(base, BASH), wanted(base, Rpm("vim"))]))
        downloaded = cached_rpms(engine)
        outcome = engine.commit(prepared)
        fetched = [path for path in server.paths if path.endswith(".rpm")]

    assert downloaded == sorted(rpm.filename for rpm in base.rpms)
    assert sorted(fetched) == sorted(f"/base/Packages/{rpm.filename}" for rpm in base.rpms)
    assert outcome.return_code == 0
    assert root.installed() == {rpm.nevra for rpm in base.rpms}
    assert cached_rpms(engine) == []


def test_packages_of_a_local_repository_stay_where_they_are(engine: Engine, world: World) -> None:
    base = world.repository("base", BASH)
    engine.open(world.root(), base)

    assert engine.carry_out(change([wanted(base, BASH)])).return_code == 0
    assert base.file(BASH).exists()
    assert cached_rpms(engine) == []


def test_what_was_downloaded_before_is_not_fetched_again(engine: Engine, world: World) -> None:
    base = world.repository("base", BASH)
    with world.serving() as server:
        engine.open(world.root(), base.at(server.url))
        request = change([wanted(base, BASH)])
        engine.prepare(request)
        server.forget_requests()
        engine.carry_out(request)

        assert [path for path in server.paths if path.endswith(".rpm")] == []


def test_progress_is_told_in_bytes_and_steps(engine: Engine, world: World) -> None:
    base = world.repository("base", BASH)
    heard: list[tuple[str, int, int]] = []
    engine.client.listener = lambda *event: heard.append(event)
    try:
        with world.serving() as server:
            engine.open(world.root(), base.at(server.url))
            engine.carry_out(change([wanted(base, BASH)]))
    finally:
        engine.client.listener = lambda *_: None

    size = base.file(BASH).stat().st_size
    assert ("download", size, size) in heard
    assert {phase for phase, _, _ in heard} == {"metadata", "download", "transaction"}
    assert all(0 <= done <= total for _, done, total in heard if total)


# What goes wrong before anything changes

Damage = Callable[[Repository, Rpm], None]
DAMAGES = {
    "wrong-checksum-same-size": damage.corrupt_rpm,
    "shorter": damage.truncate_rpm,
    "missing": damage.remove_rpm,
}


@pytest.mark.parametrize("break_it", DAMAGES.values(), ids=DAMAGES)
@pytest.mark.parametrize("scheme", ["http", "file"])
def test_a_package_that_is_not_what_the_repository_says_is_refused_by_name(
    engine: Engine, world: World, break_it: Damage, scheme: str
) -> None:
    base = world.repository("base", BASH, Rpm("vim"))
    root = world.root()
    request = change([wanted(base, rpm) for rpm in base.rpms])
    with world.serving() as server:
        engine.open(root, base.at(server.url) if scheme == "http" else base)
        break_it(base, BASH)
        with pytest.raises(RepositoryError) as caught:
            engine.prepare(request)

    text = "\n".join((caught.value.message, *caught.value.details))
    assert (BASH.nevra in text, "vim" in text) == (True, False)
    assert root.installed() == frozenset()


def test_every_damaged_package_of_a_local_repository_is_named(engine: Engine, world: World) -> None:
    base = world.repository("base", BASH, Rpm("good"), Rpm("vim"))
    engine.open(world.root(), base)
    request = change([wanted(base, rpm) for rpm in base.rpms])
    damage.corrupt_rpm(base, BASH)
    damage.remove_rpm(base, Rpm("vim"))

    with pytest.raises(RepositoryError) as caught:
        engine.prepare(request)
    assert [line.split()[0] for line in caught.value.details] == [BASH.nevra, "vim-1-1.noarch"]


@pytest.mark.parametrize("fault", [Fault(cut_at=100), Fault(status=503)], ids=["connection-lost", "unavailable"])
def test_a_download_that_does_not_come_is_refused_by_name(engine: Engine, world: World, fault: Fault) -> None:
    base = world.repository("base", BASH, Rpm("vim"))
    root = world.root()
    request = change([wanted(base, rpm) for rpm in base.rpms])
    with world.serving() as server:
        engine.open(root, base.at(server.url))
        server.fail("*bash*.rpm", fault)
        with pytest.raises(RepositoryError) as caught:
            engine.prepare(request)

    assert BASH.nevra in "\n".join((caught.value.message, *caught.value.details))
    assert root.installed() == frozenset()


def test_a_damaged_download_is_fetched_again(engine: Engine, world: World) -> None:
    base = world.repository("base", BASH)
    root = world.root()
    with world.serving() as server:
        engine.open(root, base.at(server.url))
        server.fail("*.rpm", Fault(cut_at=100))
        with pytest.raises(RepositoryError):
            engine.prepare(change([wanted(base, BASH)]))
        server.heal()
        outcome = engine.carry_out(change([wanted(base, BASH)]))

    assert outcome.return_code == 0
    assert root.installed() == {BASH.nevra}


def test_a_download_that_was_damaged_in_the_cache_is_not_installed(engine: Engine, world: World) -> None:
    base = world.repository("base", BASH)
    root = world.root()
    with world.serving() as server:
        engine.open(root, base.at(server.url))
        engine.prepare(change([wanted(base, BASH)]))
        (cached,) = engine.cachedir.rglob("*.rpm")
        content = bytearray(cached.read_bytes())
        content[-1] ^= 0xFF
        cached.write_bytes(content)
        outcome = engine.carry_out(change([wanted(base, BASH)]))

    assert (outcome.return_code, outcome.failed) == (0, ())
    assert root.installed() == {BASH.nevra}
    assert (root.path / "usr/bin/bash").read_text() == "5.1"


def test_a_file_conflict_is_found_before_anything_changes(engine: Engine, world: World) -> None:
    rival = Rpm("rival", files={"/usr/bin/bash": "mine"})
    base = world.repository("base", rival, Rpm("vim"))
    root = world.root(BASH)
    engine.open(root, base)

    with pytest.raises(TransactionError) as caught:
        engine.prepare(change([wanted(base, rival), wanted(base, Rpm("vim"))]))

    assert any("/usr/bin/bash" in line for line in (caught.value.message, *caught.value.details))
    assert root.installed() == {BASH.nevra}


def test_every_file_conflict_is_told(engine: Engine, world: World) -> None:
    vi = Rpm("vi", files={"/usr/bin/vi": "there"})
    rivals = [Rpm("rival-a", files={"/usr/bin/bash": "mine"}), Rpm("rival-b", files={"/usr/bin/vi": "mine"})]
    base = world.repository("base", *rivals)
    engine.open(world.root(BASH, vi), base)

    with pytest.raises(TransactionError) as caught:
        engine.prepare(change([wanted(base, rpm) for rpm in rivals]))

    text = "\n".join((caught.value.message, *caught.value.details))
    assert ("/usr/bin/bash" in text, "/usr/bin/vi" in text) == (True, True)


def test_an_rpmdb_that_another_transaction_locks_is_the_hosts_fault(engine: Engine, world: World) -> None:
    base = world.repository("base", NEWER)
    root = world.root(BASH)
    engine.open(root, base)

    with root.locked(), pytest.raises(HostError, match="locked"):
        engine.prepare(change([wanted(base, NEWER)]))
    prepared = engine.prepare(change([wanted(base, NEWER)]))
    with root.locked(), pytest.raises(HostError, match="locked"):
        engine.commit(prepared)

    assert root.installed() == {BASH.nevra}


def test_an_rpmdb_that_changed_since_it_was_read_is_stale(engine: Engine, world: World) -> None:
    base = world.repository("base", NEWER)
    root = world.root(BASH)
    engine.open(root, base)
    engine.installed()

    with pytest.raises(StalePlanError, match="has changed"):
        engine.prepare(change([wanted(base, NEWER)]), cookie="0" * 64)


def test_an_rpmdb_that_changed_since_it_was_prepared_is_stale(engine: Engine, world: World) -> None:
    base = world.repository("base", NEWER)
    root = world.root(BASH)
    engine.open(root, base)
    prepared = engine.prepare(change([wanted(base, NEWER)]))
    world.install(root, Rpm("vim"))

    with pytest.raises(StalePlanError, match="has changed"):
        engine.commit(prepared)
    assert root.installed() == {BASH.nevra, "vim-1-1.noarch"}


def test_a_transaction_that_would_remove_more_than_planned_is_refused(engine: Engine, world: World) -> None:
    base = world.repository("base", NEWER)
    root = world.root(BASH)
    engine.open(root, base)

    with pytest.raises(PlanMismatchError, match="nothing was done") as caught:
        engine.prepare(change([wanted(base, NEWER)]), outgoing=())
    assert caught.value.details == (f"not planned: {BASH.nevra}",)
    assert root.installed() == {BASH.nevra}


def test_a_transaction_that_would_not_remove_what_is_planned_is_refused(engine: Engine, world: World) -> None:
    base = world.repository("base", Rpm("vim"))
    engine.open(world.root(BASH), base)

    with pytest.raises(PlanMismatchError) as caught:
        engine.prepare(change([wanted(base, Rpm("vim"))]), outgoing=(BASH.nevra,))
    assert caught.value.details == (f"missing: {BASH.nevra}",)


def test_repositories_that_changed_in_the_cache_since_they_were_opened_are_stale(
    running: RunningEngine, engine: Engine, world: World
) -> None:
    base = world.repository("base", BASH)
    root = world.root()
    engine.open(root, base)
    request = change([wanted(base, BASH)])
    engine.installed()
    with EngineClient(running.starter()) as another:
        Engine(another, engine.path).open(root, world.repository("base", BASH, Rpm("vim")))

    with pytest.raises(StalePlanError):
        engine.prepare(request)
    assert root.installed() == frozenset()


def test_a_mirror_that_moved_on_does_not_change_what_was_opened(engine: Engine, world: World) -> None:
    base = world.repository("base", BASH)
    root = world.root()
    engine.open(root, base)
    request = change([wanted(base, BASH)])
    world.repository("base", BASH, NEWER)

    assert engine.carry_out(request).return_code == 0
    assert root.installed() == {BASH.nevra}


def test_a_transaction_does_not_wait_for_another_dnf(running: RunningEngine, engine: Engine, world: World) -> None:
    app = Rpm("app")
    base = world.repository("base", app)
    root = world.root()
    engine.open(root, base)
    prepared = engine.prepare(change([wanted(base, app)]))

    with running.another_at_work(root), pytest.raises(HostError, match="another dnf is at work"):
        engine.commit(prepared)

    assert root.installed() == frozenset()


@pytest.mark.parametrize(
    "mark",
    [
        "root/var/lib/dnf/rpmdb_lock.pid",
        "engine/cache/persist/rpmdb_lock.pid",
        "engine/cache/download_lock.pid",
        "engine/cache/metadata_lock.pid",
    ],
)
def test_what_a_killed_dnf_left_behind_stops_nobody(engine: Engine, world: World, mark: str) -> None:
    app = Rpm("app")
    base = world.repository("base", app)
    root = world.root()
    place = world.path / mark
    place.parent.mkdir(mode=0o700, parents=True)
    # After a boot its number is that of another process, perhaps that of one of ours.
    words = ("sh", "-c", "read line", "yumbridge")
    with world.serving() as server, subprocess.Popen(words, stdin=subprocess.PIPE) as other:
        place.write_text(str(other.pid), encoding="ascii")
        engine.open(root, base.at(server.url))

        engine.commit(engine.prepare(change([wanted(base, app)])))
        other.terminate()

    assert root.installed() == {app.nevra}


def test_what_a_killed_run_has_downloaded_goes_with_the_next_transaction(engine: Engine, world: World) -> None:
    base = world.repository("base", Rpm("app"), Rpm("lib"))
    root = world.root()
    with world.serving() as server:
        engine.open(root, base.at(server.url))
        engine.prepare(change([wanted(base, Rpm("lib"))]))
        assert [path.name for path in engine.cachedir.rglob("*.rpm")] == ["lib-1-1.noarch.rpm"]

        engine.commit(engine.prepare(change([wanted(base, Rpm("app"))])))

    assert list(engine.cachedir.rglob("*.rpm")) == []


@pytest.fixture
def engine_of_dnf4(engine: Engine, running: RunningEngine) -> Engine:
    """Return the engine, where it keeps the history of dnf 4: dnf 5 has a database of its own kind."""
    if running.bindings.name != "dnf4":
        pytest.skip("this engine has another history")
    return engine


@pytest.mark.trap("dnf never finishes a history.sqlite whose making was interrupted, and fails on it for ever")
@pytest.mark.parametrize("place", ["root/var/lib/dnf", "engine/cache/persist"])
@pytest.mark.parametrize(
    "script", ["", "CREATE TABLE trans (id)", "CREATE TABLE trans (id); CREATE TABLE config (key)"]
)
def test_a_history_that_was_never_finished_is_made_anew(
    engine_of_dnf4: Engine, world: World, place: str, script: str
) -> None:
    app = Rpm("app")
    base = world.repository("base", app)
    root = world.root()
    history(world, place, script)
    engine_of_dnf4.open(root, base)

    engine_of_dnf4.commit(engine_of_dnf4.prepare(change([wanted(base, app)])))

    assert root.installed() == {app.nevra}


def test_a_history_that_holds_anything_stays(engine_of_dnf4: Engine, world: World) -> None:
    app = Rpm("app")
    base = world.repository("base", app)
    root = world.root()
    path = history(world, "root/var/lib/dnf", "CREATE TABLE trans (id); INSERT INTO trans VALUES (1)")
    engine_of_dnf4.open(root, base)
    prepared = engine_of_dnf4.prepare(change([wanted(base, app)]))

    with pytest.raises(EngineError):
        engine_of_dnf4.commit(prepared)

    assert root.installed() == frozenset()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT id FROM trans").fetchall() == [(1,)]


def test_a_damaged_history_is_the_hosts_fault_and_one_of_the_cache_is_made_anew(
    engine_of_dnf4: Engine, world: World
) -> None:
    app = Rpm("app")
    base = world.repository("base", app)
    root = world.root()
    for place in ("root/var/lib/dnf", "engine/cache/persist"):
        history(world, place, "").write_bytes(b"no database" * 100)
    engine_of_dnf4.open(root, base)
    prepared = engine_of_dnf4.prepare(change([wanted(base, app)]))

    with pytest.raises(HostError, match=r"the history of dnf .*/var/lib/dnf/history\.sqlite is damaged"):
        engine_of_dnf4.commit(prepared)

    assert root.installed() == frozenset()


def history(world: World, place: str, script: str) -> Path:
    """Write a database where dnf keeps its history, and return its path."""
    folder = world.path / place
    folder.mkdir(mode=0o700, parents=True)
    with closing(sqlite3.connect(folder / "history.sqlite")) as connection:
        connection.executescript(f"PRAGMA user_version = 0; {script}")
    (folder / "history.sqlite").touch()
    return folder / "history.sqlite"
