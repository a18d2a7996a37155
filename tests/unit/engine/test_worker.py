"""The worker without bindings: its end of the pipe, on every interpreter it is for, and which engine it takes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from yumbridge.engine.child import WORKER, EngineChoice, Starter
from yumbridge.engine.client import EngineClient
from yumbridge.engine.protocol import Commit, Prepared, Verify
from yumbridge.errors import EngineError, StalePlanError

# An engine that needs no bindings, in the place of one that does.
ENGINE = """
import time

class Handler:
    def __init__(self, tell):
        self.tell = tell

    def hello(self):
        return {"name": "none", "version": "1", "rpm": ""}

    def do_commit(self, cookie):
        print("a scriptlet prints to where answers go")
        for done in range(3):
            self.tell("transaction", done + 1, 3)
            time.sleep(0.11)
        return {"cookie": cookie[::-1]}

    def do_verify(self):
        from wire import Failure
        raise Failure("stale", "gr\\u00fcezi", ["100%"])
"""


def _oldest() -> list[str]:
    """Return the interpreters of Python 3.6 that there are, the oldest the worker is for."""
    kept = sorted(Path.home().glob(".pyenv/versions/3.6.*/bin/python3.6"))
    found = [shutil.which("python3.6"), *map(str, kept)]
    return [path for path in found if path and _runs(path)][:1]


def _runs(path: str) -> bool:
    return subprocess.run([path, "-c", "pass"], capture_output=True, check=False).returncode == 0


INTERPRETERS = [
    pytest.param(sys.executable, id="ours"),
    *(pytest.param(path, id="3.6") for path in _oldest()),
]


@pytest.fixture(params=INTERPRETERS)
def interpreter(request: pytest.FixtureRequest) -> str:
    """Return each interpreter."""
    found: str = request.param
    return found


@pytest.fixture
def worker(tmp_path: Path) -> Path:
    """Return a copy of the worker whose dnf4 is an engine without bindings."""
    copy = shutil.copytree(WORKER, tmp_path / "worker", ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "dnf4.py").write_text(ENGINE, encoding="utf-8")
    return copy


def client(interpreter: str, worker: Path, name: str = "dnf4") -> EngineClient:
    return EngineClient(Starter(choice=EngineChoice((interpreter, "-I", str(worker)), name)))


def test_requests_are_answered_one_after_the_other(interpreter: str, worker: Path) -> None:
    heard: list[tuple[str, int, int]] = []
    with client(interpreter, worker) as engine:
        engine.listener = lambda *event: heard.append(event)
        assert engine.hello.name == "none"
        assert engine.ask(Commit(cookie="ü-1"), Prepared).cookie == "1-ü"
        with pytest.raises(StalePlanError, match="grüezi") as caught:
            engine.ask(Verify(), Prepared)
        assert engine.ask(Commit(cookie="ab"), Prepared).cookie == "ba"

    assert caught.value.details == ("100%",)
    assert heard[2] == ("transaction", 3, 3)


def test_a_request_that_no_engine_knows_is_told_and_the_child_lives_on(interpreter: str, worker: Path) -> None:
    class Unknown(msgspec.Struct, frozen=True, tag_field="request", tag="unknown"):
        """No request."""

    with client(interpreter, worker) as engine:
        with pytest.raises(EngineError, match="do_unknown"):
            engine.ask(Unknown(), Prepared)  # type: ignore[arg-type]
        assert engine.ask(Commit(cookie="ab"), Prepared).cookie == "ba"


def test_every_module_is_of_the_oldest_syntax(interpreter: str) -> None:
    compiled = "import sys; [compile(open(p, encoding='utf-8').read(), p, 'exec') for p in sys.argv[1:]]"
    paths = sorted(map(str, WORKER.glob("*.py")))

    assert len(paths) > 20
    subprocess.run([interpreter, "-c", compiled, *paths], check=True)


def test_a_name_that_no_engine_has_is_told(interpreter: str, worker: Path) -> None:
    with client(interpreter, worker, "apt") as engine, pytest.raises(EngineError) as caught:
        _ = engine.hello
    assert "there is no engine apt: it is one of dnf4, dnf5" in caught.value.details[0]


# Which engine


@pytest.mark.parametrize(
    ("program", "bindings", "chosen"),
    [
        pytest.param("dnf-3", ("dnf", "libdnf5"), "dnf4", id="both-and-dnf-is-4"),
        pytest.param("dnf5", ("dnf", "libdnf5"), "dnf5", id="both-and-dnf-is-5"),
        pytest.param("dnf-3", ("dnf",), "dnf4", id="only-4"),
        pytest.param("dnf5", ("libdnf5",), "dnf5", id="only-5"),
        pytest.param("dnf5", ("dnf",), "dnf4", id="dnf-is-5-without-bindings"),
        pytest.param("dnf-3", ("libdnf5",), "dnf5", id="dnf-is-4-without-bindings"),
        pytest.param("", ("dnf", "libdnf5"), "dnf4", id="no-dnf"),
        pytest.param("", (), "dnf4", id="nothing"),
    ],
)
def test_the_engine_is_that_of_the_platforms_package_manager(
    tmp_path: Path, program: str, bindings: tuple[str, ...], chosen: str
) -> None:
    programs, packages = tmp_path / "bin", tmp_path / "packages"
    for folder in (programs, packages):
        folder.mkdir()
    if program:
        (programs / program).write_text("#!/bin/sh\n", encoding="ascii")
        (programs / program).chmod(0o755)
        (programs / "dnf").symlink_to(program)
    for name in bindings:
        (packages / f"{name}.py").touch()
    asked = (
        f"import sys; sys.path[:0] = [{str(packages)!r}, {str(WORKER)!r}]; import importlib.util as u; "
        f"s = u.spec_from_file_location('worker', {str(WORKER / '__main__.py')!r}); m = u.module_from_spec(s); "
        "s.loader.exec_module(m); print(m.platforms_engine())"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", asked],
        capture_output=True,
        check=True,
        encoding="utf-8",
        env={**os.environ, "PATH": str(programs)},
    )
    assert done.stdout.strip() == chosen
