"""What goes wrong is told as whose fault it is: a repository's, the host's, or the engine's."""

from __future__ import annotations

import os
import re
import signal
import socket
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import damage
from tests.support.engine import Engine, change, nevras, offer, wanted
from tests.support.repositories import Repository
from tests.support.rpms import Rpm
from tests.support.server import NOT_FOUND, Fault
from tests.support.world import World
from yumbridge.engine.child import INTERPRETER_VARIABLE, INTERPRETERS, Starter
from yumbridge.engine.client import EngineClient
from yumbridge.engine.protocol import Commit, Outcome, ReadInstalled
from yumbridge.errors import EngineError, HostError, RepositoryError
from yumbridge.rpm.package import InstalledSet

BASH = Rpm("bash")


def _umask() -> int:
    before = os.umask(0o022)
    os.umask(before)
    return before


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


# Repositories


@pytest.mark.parametrize(
    "break_it",
    [damage.truncate_repomd, damage.remove_repomd, damage.corrupt_primary],
    ids=["damaged-repomd", "no-repomd", "wrong-checksum-of-primary"],
)
@pytest.mark.parametrize("scheme", ["http", "file"])
def test_damaged_metadata_is_the_repositorys_fault(
    engine: Engine, world: World, break_it: Callable[[Repository], None], scheme: str
) -> None:
    base = world.repository("base", BASH)
    break_it(base)

    with world.serving() as server, pytest.raises(RepositoryError) as caught:
        engine.open(world.root(), base.at(server.url) if scheme == "http" else base)
    assert "base" in caught.value.message


@pytest.mark.parametrize("fault", [NOT_FOUND, Fault(status=503), Fault(cut_at=50)], ids=["404", "503", "cut"])
@pytest.mark.parametrize("name", ["repomd.xml", "primary.xml.gz"])
def test_metadata_that_does_not_come_is_the_repositorys_fault(
    engine: Engine, world: World, fault: Fault, name: str
) -> None:
    base = world.repository("base", BASH)
    with world.serving() as server:
        server.fail(f"*/{name}", fault)
        with pytest.raises(RepositoryError) as caught:
            engine.open(world.root(), base.at(server.url))
    assert "base" in caught.value.message


def test_a_server_that_does_not_listen_is_the_repositorys_fault(engine: Engine, world: World) -> None:
    base = world.repository("base", BASH).at(f"http://127.0.0.1:{closed_port()}")

    with pytest.raises(RepositoryError, match="base"):
        engine.open(world.root(), base)


def test_how_long_a_failure_took_is_not_told(engine: Engine, world: World) -> None:
    address = f"http://127.0.0.1:{closed_port()}"
    key = f"https://127.0.0.1:{closed_port()}/key"
    base = offer(world.repository("base", BASH), gpgcheck=True, gpgkeys=(key,))
    gone = offer(world.repository("gone", BASH).at(address), skip_if_unavailable=True)

    (missing,) = engine.open(world.root(), base, gone).unavailable
    (state,) = engine.keys(world.repository("base", BASH)).keys

    assert (missing.repo_id, key in state.problem) == ("gone", True)
    assert not [text for text in (missing.why, state.problem) if re.search(r"\d m(illi)?s", text)]


def test_a_cache_is_made_for_nobody_else_below_folders_for_all(engine: Engine, world: World) -> None:
    engine.open(world.root(), cachedir=str(world.path / "deep/er/cache"), persistdir=str(world.path / "other/persist"))

    usual = stat.S_IMODE((world.path / "deep").stat().st_mode)
    assert usual == 0o777 & ~_umask()
    for folder, mode in (("deep/er", usual), ("deep/er/cache", 0o700), ("other", usual), ("other/persist", 0o700)):
        assert stat.S_IMODE((world.path / folder).stat().st_mode) == mode


def test_a_server_that_hangs_is_given_up_after_the_time_limit(engine: Engine, world: World) -> None:
    base = world.repository("base", BASH)
    with world.serving() as server:
        server.fail("*", Fault(delay_s=60))
        with pytest.raises(RepositoryError, match="base"):
            engine.open(world.root(), base.at(server.url), timeout_s=1)


def test_all_repositories_that_fail_are_named_at_once(engine: Engine, world: World) -> None:
    good, lost, torn = (world.repository(name, BASH) for name in ("good", "lost", "torn"))
    damage.truncate_repomd(torn)

    with pytest.raises(RepositoryError) as caught:
        engine.open(world.root(), lost.at(f"http://127.0.0.1:{closed_port()}"), good, torn)
    assert [line.split(":")[0] for line in caught.value.details] == ["lost", "torn"]


def test_metadata_that_was_good_before_does_not_hide_that_it_is_damaged_now(engine: Engine, world: World) -> None:
    root = world.root()
    engine.open(root, world.repository("base", BASH))
    broken = world.repository("base", BASH, Rpm("vim"))
    damage.corrupt_primary(broken)

    with pytest.raises(RepositoryError, match="base"):
        engine.open(root, broken)


def test_a_repository_that_was_repaired_is_read(engine: Engine, world: World) -> None:
    root = world.root()
    broken = world.repository("base", BASH)
    damage.truncate_repomd(broken)
    with pytest.raises(RepositoryError):
        engine.open(root, broken)

    engine.open(root, world.repository("base", BASH))

    assert nevras(engine.closure("bash")) == [BASH.nevra]


def test_after_repositories_that_failed_nothing_is_answered_from_those_before(engine: Engine, world: World) -> None:
    root = world.root()
    engine.open(root, world.repository("base", BASH))
    other = world.repository("other", Rpm("vim"))
    damage.remove_repomd(other)
    with pytest.raises(RepositoryError):
        engine.open(root, other)

    with pytest.raises(EngineError, match="no repositories"):
        engine.closure("bash")


def test_the_next_of_several_urls_is_tried(engine: Engine, world: World) -> None:
    base = world.repository("base", BASH)
    engine.open(world.root(), offer(base, urls=(f"http://127.0.0.1:{closed_port()}", base.url)))

    assert nevras(engine.closure("bash")) == [BASH.nevra]


def test_a_repository_is_described_by_revision_and_digest_in_the_given_order(engine: Engine, world: World) -> None:
    two, one = world.repository("two", BASH), world.repository("one", BASH, Rpm("vim"))
    before = engine.open(world.root(), two, one).repositories
    again = engine.open(world.root(), two, one).repositories
    after = engine.open(world.root(), two, world.repository("one", BASH)).repositories

    assert [state.repo_id for state in before] == ["two", "one"]
    assert [state.revision for state in before] == ["1700000000"] * 2
    assert before == again
    assert [old == new for old, new in zip(before, after, strict=True)] == [True, False]


# Requests that make no sense


def test_a_request_before_any_repositories_is_refused_in_words(world: World) -> None:
    with EngineClient(Starter()) as client:
        with pytest.raises(EngineError, match="no repositories"):
            client.ask(ReadInstalled(), InstalledSet)
        # The child lives on.
        assert Engine(client, world.path).open(world.root()).repositories == ()


def test_a_commit_of_nothing_is_refused_in_words(world: World) -> None:
    with EngineClient(Starter()) as client:
        Engine(client, world.path).open(world.root())
        with pytest.raises(EngineError, match="nothing was prepared"):
            client.ask(Commit(cookie=""), Outcome)


def test_an_unknown_arch_is_told(engine: Engine, world: World) -> None:
    with pytest.raises(HostError, match="pdp11"):
        engine.open(world.root(), world.repository("base", BASH), arch="pdp11")


# The child


def kill(client: EngineClient) -> None:
    child = client._starter.child  # noqa: SLF001 - nothing else knows the child to kill
    assert child is not None
    child.kill()


def test_a_child_that_was_killed_is_told_with_the_signal(world: World) -> None:
    with EngineClient(Starter()) as client:
        engine = Engine(client, world.path)
        engine.open(world.root(), world.repository("base", BASH))
        kill(client)
        with pytest.raises(EngineError, match=f"signal {signal.SIGKILL:d}"):
            engine.closure("bash")


def test_a_child_that_dies_before_its_first_answer_is_told() -> None:
    with EngineClient(Starter()) as client:
        _ = client.hello
        kill(client)
        with pytest.raises(EngineError, match="stopped"):
            client.ask(ReadInstalled(), InstalledSet)


def test_answers_come_in_the_order_of_requests_sent_ahead() -> None:
    with EngineClient(Starter()) as client:
        for _ in range(3):
            client.submit(ReadInstalled())
        for _ in range(3):
            with pytest.raises(EngineError, match="no repositories"):
                client.collect(InstalledSet)


@pytest.mark.skipif(os.geteuid() != 0, reason="rpm changes its root directory")
def test_signals_do_not_end_a_child_half_way(world: World) -> None:
    slow = Rpm("slow", scriptlets={"pre": "posix.sleep(1)"})
    base = world.repository("base", slow)
    root = world.root()
    with EngineClient(Starter()) as client:
        engine = Engine(client, world.path)
        engine.open(root, base)
        prepared = engine.prepare(change([wanted(base, slow)]))
        client.submit(Commit(cookie=prepared.cookie))
        child = client._starter.child  # noqa: SLF001 - nothing else knows the child to signal
        assert child is not None
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
            child.send_signal(number)
        assert client.collect(Outcome).return_code == 0
    assert root.installed() == {slow.nevra}


# Interpreters


def interpreter(path: Path, script: str) -> str:
    """Write a program in the place of an interpreter, and return its path."""
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="ascii")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_an_interpreter_without_bindings_is_told_with_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Without its site packages an interpreter has no bindings.
    real = next(path for path in INTERPRETERS if Path(path).exists())
    bare = interpreter(tmp_path / "bare", f'shift; exec {real} -I -S "$@"')
    monkeypatch.setenv(INTERPRETER_VARIABLE, bare)

    with EngineClient(Starter()) as client, pytest.raises(EngineError, match="python3-dnf") as caught:
        _ = client.hello
    assert len(caught.value.details) == 1
    assert caught.value.details[0].startswith(f"{bare}: No module named")


def test_an_interpreter_that_does_not_exist_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(INTERPRETER_VARIABLE, "/nonexistent/python")

    with EngineClient(Starter()) as client, pytest.raises(EngineError, match="python3-dnf") as caught:
        _ = client.hello
    assert caught.value.details == ("/nonexistent/python: No such file or directory",)


def test_a_request_sent_ahead_fails_as_the_start_did(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(INTERPRETER_VARIABLE, "/nonexistent/python")

    with EngineClient(Starter()) as client, pytest.raises(EngineError, match="python3-dnf"):
        client.ask(ReadInstalled(), InstalledSet)


@pytest.mark.parametrize(
    ("script", "words"),
    [
        pytest.param("echo Segmentation fault", "nonsense", id="text"),
        pytest.param('echo \'{"answer": "hello", "name": 4}\'', "nonsense", id="wrong-type"),
        pytest.param("echo '[]'", "nonsense", id="wrong-shape"),
        pytest.param("printf '\\377\\376\\n'", "nonsense", id="bytes"),
        pytest.param("exit 3", "python3-dnf", id="nothing"),
    ],
)
def test_a_child_that_answers_garbage_is_the_engines_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, words: str
) -> None:
    monkeypatch.setenv(INTERPRETER_VARIABLE, interpreter(tmp_path / "garbage", script))

    with EngineClient(Starter()) as client, pytest.raises(EngineError, match=words):
        client.ask(ReadInstalled(), InstalledSet)


@pytest.mark.parametrize("script", ["exit 3", "kill -9 $$"], ids=["exit-code", "signal"])
def test_what_an_interpreter_died_of_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    monkeypatch.setenv(INTERPRETER_VARIABLE, interpreter(tmp_path / "dies", script))

    with EngineClient(Starter()) as client, pytest.raises(EngineError) as caught:
        _ = client.hello
    assert caught.value.details[0].endswith("code 3" if "3" in script else "signal 9")


def test_an_answer_of_the_wrong_kind_is_the_engines_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = """
echo '{"answer": "hello", "name": "dnf4", "version": "4"}'
echo '{"answer": "result", "packages": 3}'"""
    monkeypatch.setenv(INTERPRETER_VARIABLE, interpreter(tmp_path / "wrong", answers))

    with EngineClient(Starter()) as client, pytest.raises(EngineError, match="nonsense"):
        client.ask(ReadInstalled(), InstalledSet)


def test_the_environment_of_our_python_does_not_reach_the_child(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(world.path))
    (world.path / "dnf.py").write_text("raise SystemExit('not the real one')\n", encoding="ascii")

    with EngineClient(Starter()) as client:
        assert client.hello.version
