"""The command works with each engine, wherever that runs."""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path

import pytest

from tests.support.engines import RunningEngine
from tests.support.rpms import Rpm
from tests.support.world import World

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="rpm changes its root directory")


@pytest.mark.parametrize("how", ["environment", "configuration"])
def test_a_profile_is_planned_and_carried_out_by_the_engine_that_is_chosen(
    running: RunningEngine, world: World, how: str
) -> None:
    base = world.repository("base", Rpm("app", "2-1", requires=("lib",)), Rpm("lib"), Rpm("other"))
    profile = world.profile(["app"], [base])
    root = world.root(Rpm("app", "1-1"), Rpm("gone"))
    # Docker's own client needs to know where the daemon is.
    env = {name: os.environ[name] for name in ("DOCKER_HOST",) if name in os.environ}
    options: list[str | Path] = ["--root", root.path]
    if how == "environment":
        if running.command:
            env["YUMBRIDGE_ENGINE_COMMAND"] = shlex.join((*running.command, running.bindings.name))
    else:
        config = world.path / "config.yaml"
        # JSON is YAML.
        engine = {"command": list(running.command), "name": running.bindings.name}
        config.write_text(json.dumps({"engine": engine}), encoding="utf-8")
        options += ["--config", config]

    planned = world.run("plan", profile, *options, "--json", env=env)
    applied = world.run("apply", profile, *options, "--yes", env=env)

    hello = running.client.hello
    assert planned.code == 0, planned.stderr
    assert planned.json()["engine"] == {"name": hello.name, "version": hello.version}
    assert applied.code == 0, applied.stderr
    assert root.installed() == {"app-2-1.noarch", "lib-1-1.noarch"}
    assert running.reasons(root) == {"app-2-1.noarch": "user", "lib-1-1.noarch": "dependency"}
