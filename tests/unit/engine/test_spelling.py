"""Names that are written alike."""

from __future__ import annotations

import importlib.util
from types import ModuleType

import pytest

from tests.support.project import ROOT


def load_rules() -> ModuleType:
    """Import the module by its path: the worker's files are no package of ours."""
    path = ROOT / "yumbridge/engine/worker/spelling.py"
    found = importlib.util.spec_from_file_location("worker_spelling", path)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


rules = load_rules()


@pytest.mark.parametrize(
    ("name", "offered", "found"),
    [
        pytest.param("Httpd", {"httpd", "nginx"}, ["httpd"], id="case"),
        pytest.param("python3_foo", {"python3-foo", "python3foo"}, ["python3-foo", "python3foo"], id="signs"),
        pytest.param("bsah", {"bash", "hsab", "dash"}, ["bash"], id="letters-behind-the-first"),
        pytest.param("postgres", {"postgresql", "postgresql-server"}, ["postgresql", "postgresql-server"], id="begins"),
        pytest.param("lib", {"libaa", "libab", "libac", "libad"}, [], id="too-many-begin-so"),
        pytest.param("Foo", {"foo", "Foo-docs"}, ["foo", "Foo-docs"], id="the-nearest-first"),
        pytest.param("bash", {"bash", "zsh"}, [], id="itself-is-no-slip"),
    ],
)
def test_a_slip_finds_what_was_meant(name: str, offered: set[str], found: list[str]) -> None:
    assert rules.Spellings(offered).similar(name) == found


def test_a_capability_is_looked_for_in_other_spellings() -> None:
    assert rules.spellings("Mail_Agent") == ["Mail-Agent", "mail-agent", "mail_agent"]
    assert rules.spellings("bash") == []
