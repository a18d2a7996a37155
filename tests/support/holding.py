"""Holds in a configuration, and what waits, in few words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.support.profiles import Json
from tests.support.world import World


def holding(world: World, *holds: Json, policy: Json = None, name: str = "config.yaml") -> Path:
    """Write a configuration with these holds, and return its path. JSON is YAML."""
    tree: dict[str, Json] = {"holds": [*holds]}
    if policy is not None:
        tree["policy"] = policy
    path = world.path / name
    path.write_text(json.dumps(tree), encoding="utf-8")
    return path


def waits(plan: Any) -> dict[str, str]:  # noqa: ANN401 - a foreign document
    """Return the cause by which each change of a plan or report waits, by name."""
    return {change["name"]: change["cause"] for change in plan["deferred"]}


def chains(plan: Any) -> dict[str, list[str]]:  # noqa: ANN401 - a foreign document
    """Return the chain of each change that waits, by name."""
    return {change["name"]: change["chain"] for change in plan["deferred"]}
