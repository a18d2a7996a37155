"""The whole command on hostile input: an exit code of the table, plain lines or one document, and nothing else."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

import pytest

from spma.cli.exits import Exit
from tests.fuzz import documents, repository_documents
from tests.fuzz.mutation import mutated, seeded
from tests.support.repodata import Entry, File, filelists, primary, write_repodata
from tests.support.rpms import Rpm
from tests.support.terminal import UNPRINTABLE
from tests.support.tool import Outcome
from tests.support.trees import Tree
from tests.support.world import World

CASES = 4
"""Of each kind of input, where nobody waits all night."""
NIGHTLY_CASES = 30
Verbs: TypeAlias = Sequence[Sequence[str | Path]]
CASE_S = 60
"""More than the 5 s of a reader: the engine starts, and the machine may be busy."""

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="rpm changes an install root only as root")


@pytest.fixture
def cases(request: pytest.FixtureRequest) -> range:
    return range(NIGHTLY_CASES if request.config.getoption("--nightly") else CASES)


def judge(outcome: Outcome, *, as_json: bool) -> None:
    assert outcome.code in {each.value for each in Exit}, outcome
    assert "Traceback" not in outcome.stdout + outcome.stderr, outcome
    assert "yumbridge: internal error" not in outcome.stderr, outcome
    assert not UNPRINTABLE.search(outcome.stderr), outcome
    if as_json:
        assert json.loads(outcome.stdout)["document"].startswith("yumbridge-"), outcome
    else:
        assert not UNPRINTABLE.search(outcome.stdout), outcome


def tried(world: World, path: Path, texts: Sequence[bytes], verbs: Verbs, cases: range) -> None:
    """Write each hostile form of some documents to `path`, and run the verbs on it, as text and as a document."""
    for number in cases:
        path.write_bytes(mutated(texts, seeded(f"{path.name} {number}")))
        as_json = number % 2 == 0
        for verb in verbs:
            outcome = world.run(*verb, *(["--json"] if as_json else []), timeout_s=CASE_S)
            judge(outcome, as_json=as_json)


def kept(world: World, run: Callable[[], None]) -> None:
    """Run something, which may write nothing beside the caches and the state of the root."""
    before = Tree.of(world.path, ignoring=OURS)
    run()
    changes = [each for each in before.changes(Tree.of(world.path, ignoring=OURS)) if not each.startswith("~")]
    assert changes == []


OURS = ("/cache-of-me*", "/root/*", "/root", "/store*", "/.", "/input*")


def test_hostile_profiles(world: World, cases: range) -> None:
    base = world.repository("base", Rpm("app", "2-1"), Rpm("lib"))
    root = world.root(Rpm("app", "1-1")).path
    profile = world.profile(["app", "lib"], [base], name="input.json")
    texts = (profile.read_bytes(), *documents.xml_profiles(), profile.read_bytes())

    verbs: Verbs = [
        ["plan", profile, "--root", root, "--repos-from", world.repositories],
        ["profile", "check", profile],
    ]
    kept(world, lambda: tried(world, profile, texts, verbs, cases))


def test_hostile_configuration(world: World, cases: range) -> None:
    base = world.repository("base", Rpm("app", "2-1"), Rpm("lib"))
    root = world.root(Rpm("app", "1-1")).path
    profile = world.profile(["app", "lib"], [base])
    config = world.path / "input.yaml"

    verbs: Verbs = [
        ["plan", profile, "--root", root, "--config", config],
        ["condition", "check", config],
    ]
    kept(world, lambda: tried(world, config, (*documents.configurations(), *documents.conditions()), verbs, cases))


def test_hostile_stored_plans(world: World, cases: range) -> None:
    base = world.repository("base", Rpm("app", "2-1"))
    root = world.root(Rpm("app", "1-1"))
    plan = world.path / "input.plan"
    assert world.run("plan", world.profile(["app"], [base]), "--root", root.path, "--out", plan).code == 0

    kept(world, lambda: tried(world, plan, (plan.read_bytes(),), [["apply", plan]], cases))
    assert root.installed() <= {"app-1-1.noarch", "app-2-1.noarch"}


@pytest.mark.parametrize("name", ["report.json", "boot.json", "intent.json", "inventory.json"])
def test_hostile_state(world: World, cases: range, name: str) -> None:
    root = world.root(Rpm("app")).path
    (root / "var/lib/yumbridge").mkdir(parents=True)
    texts = {
        "report.json": documents.reports,
        "boot.json": documents.boot_records,
        "intent.json": documents.intents,
        "inventory.json": documents.inventories,
    }[name]()

    verbs: Verbs = [["status", "--root", root], ["boot", "status", "--root", root]]
    tried(world, root / "var/lib/yumbridge" / name, texts, verbs, cases)


def test_hostile_requests_of_ncm_ncd(world: World, cases: range) -> None:
    root = world.root(Rpm("app")).path
    for number in cases:
        text = mutated(documents.component_requests(), seeded(f"request {number}"))
        path = world.path / "input.request"
        path.write_bytes(text)
        command = ["component", "run", "--root", str(root), "--noaction"]
        outcome = world.run(*command, stdin=text.decode(errors="surrogateescape").encode(errors="replace").decode())
        assert outcome.code in {each.value for each in Exit}, outcome
        assert outcome.stderr == ""
        assert not UNPRINTABLE.search(outcome.stdout), outcome
        told = [json.loads(line) for line in outcome.stdout.splitlines()]
        assert told[-1]["kind"] == "end"
        assert not [each["msg"] for each in told if UNPRINTABLE.search(each["msg"])], outcome


@pytest.mark.parametrize("kind", ["primary", "updateinfo", "group", "modules", "filelists"])
def test_hostile_repositories(world: World, cases: range, kind: str) -> None:
    """dnf's own parsers read this when a plan is made; ours when it is mirrored."""
    root = world.root(Rpm("app")).path
    place = world.repositories / "base"
    files = repository_documents.Metadata((Entry(name="app", version="2"), Entry(name="lib", pkgid="f" * 64))).files()
    profile = world.profile(["app", "lib"], [("base", place.as_uri())])
    for number in cases:
        text = mutated((files[kind],), seeded(f"{kind} {number}"))
        write_repodata(place, *(File(each, text if each == kind else content) for each, content in files.items()))
        as_json = number % 2 == 0
        options = ["--json"] if as_json else ["--explain"]
        judge(world.run("plan", profile, "--root", root, *options, timeout_s=CASE_S), as_json=as_json)
        mirrored = world.snapshot("mirror", "base", place.as_uri(), "--metadata-only", *options[: number % 2 == 0])
        judge(mirrored, as_json=as_json)


def test_hostile_locks(world: World, cases: range) -> None:
    lock = world.path / "input.lock"
    world.freeze("whole", world.repository("base", Rpm("app")))
    verbs: Verbs = [["snapshot", "realise", lock, "made", "--store", world.store]]

    kept(world, lambda: tried(world, lock, repository_documents.locks(), verbs, cases))


def test_a_repository_that_is_whole_is_read(world: World) -> None:
    """Else the cases above would say nothing."""
    place = world.repositories / "base"
    entry = Entry(name="app", version="2")
    write_repodata(place, File("primary", primary(entry)), File("filelists", filelists(entry)))
    profile = world.profile(["app"], [("base", place.as_uri())])

    assert world.run("plan", profile, "--root", world.root().path).code == 0
