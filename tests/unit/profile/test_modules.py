"""The module streams of /software/modules."""

from __future__ import annotations

import pytest

from spma.profile.modules import read_modules
from spma.profile.tree import Tree
from yumbridge.desired.state import ModuleStream

ROOT = "/software/modules"


def test_streams_are_enabled_unless_switched_off() -> None:
    found, findings = read_modules(
        {"nodejs": {"stream": "18"}, "_3389_2dds": {"enable": False, "stream": "1.4"}, "ruby": {"stream": 3}}
    )

    assert findings == ()
    assert found == (
        ModuleStream(name="389-ds", stream="1.4", enabled=False, origin=f"{ROOT}/_3389_2dds"),
        ModuleStream(name="nodejs", stream="18", origin=f"{ROOT}/nodejs"),
        ModuleStream(name="ruby", stream="3", origin=f"{ROOT}/ruby"),
    )


@pytest.mark.parametrize(
    ("modules", "finding"),
    [
        pytest.param([], ": want a dict, got a list", id="list"),
        pytest.param({"a": "18"}, "/a: want a dict, got '18'", id="stream-alone"),
        pytest.param({"a": {"stream": 1.10}}, "/a/stream: want a string, got 1.1", id="double"),
        pytest.param({"a": {"stream": "../x"}}, "/a/stream: '../x' is no name", id="bad-stream"),
        pytest.param({"a/b": {}}, "/a/b: 'a/b' is no name of a module", id="bad-name"),
        pytest.param({"a": {"enable": "x"}}, "/a/enable: want a boolean", id="no-boolean"),
        pytest.param({"a": {"profiles": ["x"]}}, "/a/profiles: profiles of a module", id="profiles"),
        pytest.param({"a": {"state": "x"}}, "/a/state: unknown field", id="unknown-field"),
    ],
)
def test_what_is_wrong_is_found_at_its_path(modules: Tree, finding: str) -> None:
    _, (found,) = read_modules(modules)

    assert str(found).startswith(f"{ROOT}{finding}")
