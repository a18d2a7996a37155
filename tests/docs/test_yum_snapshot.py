"""The page for who comes from yum_snapshot: its console blocks on a tree as yum_snapshot makes it, and its scripts."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.support import tool
from tests.support.advisories import Advisory
from tests.support.command import environment
from tests.support.comps import comps, group
from tests.support.consoles import Shell, agrees, steps
from tests.support.project import ROOT
from tests.support.repositories import Contents, Repository
from tests.support.rpms import Rpm
from tests.support.world import World

PAGE = (ROOT / "docs/how-to/migrate/yum-snapshot.md").read_text(encoding="utf-8")
BASH = Rpm("bash", "5.1-1"), Rpm("bash", "5.1-2")
HTOP = Rpm("htop", "3.2-1")
ADVISORIES = (
    Advisory("EX-2026:7", (BASH[1],), issued="2026-11-10 00:00:00", title="bash security update", cves=("CVE-2026-7",)),
)


def as_yum_snapshot_does(source: Path, target: Path) -> None:
    """Link each rpm of a repository, and let createrepo index what is there."""
    target.mkdir(parents=True)
    for rpm in sorted(source.rglob("*.rpm")):
        os.link(rpm, target / rpm.name)
    tool.run("createrepo_c", "--quiet", "--update", "--database", target)


def upstream(world: World, name: str, rpms: Iterable[Rpm], *, tells: bool) -> Repository:
    """Write a mirror as the site has it in www, with advisories and groups if upstream has any."""
    groups = comps(group("core", mandatory=("bash",)))
    contents = Contents(
        rpms=tuple(rpms), advisories=ADVISORIES if tells else (), comps=groups if name == "el9_baseos" else ""
    )
    return world.publish(name, contents)


def site(world: World) -> None:
    """Make the site of the page: mirrors in www, and two dates in snapshots."""
    baseos = upstream(world, "el9_baseos", BASH[:1], tells=False)
    epel = upstream(world, "el9_epel", [HTOP], tells=False)
    for repository in (baseos, epel):
        as_yum_snapshot_does(repository.path, world.path / "snapshots/20261101" / repository.repo_id)
    baseos = upstream(world, "el9_baseos", BASH, tells=True)
    for repository in (baseos, epel):
        as_yum_snapshot_does(repository.path, world.path / "snapshots/20261115" / repository.repo_id)
    world.repositories.rename(world.path / "www")


def test_a_tree_of_yum_snapshot_is_taken_over_as_described(world: World) -> None:
    site(world)
    shell = Shell(world.path, environment() | {"PATH": f"{ROOT}/.venv/bin:{os.environ['PATH']}"})
    tried = [(step, shell.run(step.command)) for step in steps(PAGE)]
    shell.close()
    assert len(tried) >= 8
    assert [("$ " + step.command, *printed) for step, printed in tried if not agrees(step.printed, printed)] == []


# --- the script --------------------------------------------------------------------------------


@pytest.fixture
def script(world: World) -> Path:
    """Return the script of the page, for the store and the profiles of this world."""
    (text,) = re.findall(r"```sh\n(#!/bin/sh\n.*?)```", PAGE, re.DOTALL)
    (world.path / "www").mkdir()
    (world.path / "weekly.yaml").write_text("base: production\nclosure: true\n", encoding="utf-8")
    for name, path in (
        ("/srv/yumbridge", world.store),
        ("/etc/yumbridge/weekly.yaml", world.path / "weekly.yaml"),
        ("/srv/www", world.path / "www"),
        ("/srv/profiles", world.path / "profiles"),
    ):
        assert name in text
        text = text.replace(name, str(path))
    path = world.path / "repository-snapshots"
    path.write_text(text, encoding="utf-8")
    return path


def run(script: Path, verb: str) -> subprocess.CompletedProcess[str]:
    path = {"PATH": f"{ROOT}/.venv/bin:{os.environ['PATH']}"}
    return subprocess.run(
        ["/bin/sh", script, verb], capture_output=True, check=False, encoding="utf-8", env=environment() | path
    )


def prepared(world: World) -> None:
    """Make a store whose production is behind upstream, and a profile."""
    base = world.repository("base", BASH[0])
    for verb in (("mirror", "base", base.url), ("cut", "first"), ("publish", "production", "first")):
        assert world.snapshot(*verb).code == 0
    world.repository("base", *BASH, advisories=ADVISORIES)
    (world.path / "profiles").mkdir()
    world.profile(["bash"], [base], name="profiles/node1.json")


def test_the_script_mirrors_cuts_and_publishes(world: World, script: Path) -> None:
    prepared(world)
    for _ in range(2):
        for verb in ("mirror", "cut"):
            outcome = run(script, verb)
            assert (outcome.returncode, outcome.stderr) == (0, "")
    (name,) = [path.name for path in world.store.glob("snapshots/*") if path.name != "first"]
    assert (world.store / "refs/testing").readlink().name == name
    assert (world.store / "refs/production").readlink().name == "first"
    assert (world.path / "www" / f"{name}.html").is_file()


def test_the_script_ends_as_the_verb_that_failed(world: World, script: Path) -> None:
    assert run(script, "mirror").returncode == 21
    prepared(world)
    shutil.rmtree(world.repositories)
    outcome = run(script, "mirror")
    assert outcome.returncode == 15
    assert "base" in outcome.stderr
    world.profile(["kraken"], [world.repository("base", *BASH)], name="profiles/node2.json")
    assert run(script, "mirror").returncode == 0
    outcome = run(script, "cut")
    assert outcome.returncode == 12
    assert "kraken" in outcome.stderr
    assert not (world.store / "refs/testing").exists()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd")
def test_the_units_are_well_formed(tmp_path: Path) -> None:
    units = re.findall(r"```ini\n# /etc/systemd/system/(\S+)\n(.*?)```", PAGE, re.DOTALL)
    assert [name for name, _ in units] == [
        "repository-snapshots@.service",
        "repository-snapshots@mirror.timer",
        "repository-snapshots@cut.timer",
    ]
    for name, text in units:
        # The script, and who runs it, are not on this machine.
        known = re.sub(r"^ExecStart=.*", "ExecStart=/bin/true", text, flags=re.MULTILINE)
        (tmp_path / name).write_text(known, encoding="utf-8")
    for name, _ in units[1:]:
        verified = subprocess.run(
            ["systemd-analyze", "verify", tmp_path / name], capture_output=True, check=False, encoding="utf-8"
        )
        assert (verified.returncode, verified.stderr) == (0, ""), name
    for calendar in re.findall(r"^OnCalendar=(.*)$", PAGE, re.MULTILINE):
        tool.run("systemd-analyze", "calendar", calendar)
