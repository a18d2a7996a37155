"""Running the command: as a daemon does, as another user, and on a terminal.

A stand-in for the command tells what it was given.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.command import run_yumbridge, started
from tests.support.terminal import run_on_terminal
from tests.support.world import World

STAND_IN = """
import json, os, shutil, sys, time
if "sleep" in sys.argv:
    time.sleep(60)
print(json.dumps({
    "args": sys.argv[1:],
    "user": os.geteuid(),
    "groups": os.getgroups(),
    "environment": dict(os.environ),
    "stdin": "" if sys.stdin.isatty() else sys.stdin.read(),
    "cache": os.access(os.environ.get("XDG_CACHE_HOME", ""), os.W_OK),
    "columns": shutil.get_terminal_size().columns if sys.stdout.isatty() else None,
}))
sys.exit(12)
"""


@pytest.fixture
def env(world: World) -> dict[str, str]:
    package = world.path / "code" / "spma"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(STAND_IN, encoding="utf-8")
    return {"PYTHONPATH": str(package.parent)}


def test_the_command_gets_arguments_input_and_a_clean_environment(
    env: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    monkeypatch.setenv("LEAK", "yes")

    outcome = run_yumbridge("plan", Path("p.json"), env=env, stdin="typed")

    assert outcome.code == 12
    told = outcome.json()
    assert (told["args"], told["stdin"], told["columns"]) == (["plan", "p.json"], "typed", None)
    assert told["environment"]["LC_ALL"] == "C.UTF-8"
    assert "LEAK" not in told["environment"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become another user")
def test_another_user_can_run_the_command_on_a_world(world: World, env: dict[str, str]) -> None:
    told = world.run(env=env, user="nobody").json()

    assert told["user"] != 0
    assert told["groups"] == []
    assert told["cache"]


def test_a_terminal_has_the_width_asked_for(env: dict[str, str]) -> None:
    outcome = run_on_terminal("status", columns=72, env=env)

    assert outcome.code == 12
    assert outcome.json()["columns"] == 72
    assert "NO_COLOR" not in outcome.json()["environment"]


def test_a_command_that_hangs_is_killed(env: dict[str, str]) -> None:
    with pytest.raises(TimeoutError):
        run_yumbridge("sleep", env=env, timeout_s=0.2)
    with pytest.raises(TimeoutError):
        run_on_terminal("sleep", env=env, timeout_s=0.2)


def test_a_command_left_running_is_killed_at_the_end(env: dict[str, str]) -> None:
    with started("sleep", env=env) as process:
        assert process.poll() is None

    assert process.returncode == -9
