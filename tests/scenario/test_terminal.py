"""What comes from outside moves no cursor and hides no line: on a terminal, in the log, and in what ncm-ncd is told."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from lxml import html

from tests.support.advisories import Advisory
from tests.support.command import environment
from tests.support.rpms import Rpm
from tests.support.terminal import UNPRINTABLE
from tests.support.tool import Outcome
from tests.support.world import World

# As Lua has it: clear the screen, set the title, a C1 control, text from right to left, and what is no UTF-8.
PRINTING = r'print("said \27[2J\27]0;x\7 \194\155 \226\128\174 \255\254 end")'


def plain(outcome: Outcome) -> Outcome:
    assert not UNPRINTABLE.search(outcome.stdout), outcome
    assert not UNPRINTABLE.search(outcome.stderr), outcome
    return outcome


def test_what_scriptlets_print_moves_no_cursor(world: World) -> None:
    """In the text of a run, in its report, in the log and in the status."""
    base = world.repository("base", Rpm("app", scriptlets={"post": PRINTING}))
    root = world.root()

    outcome = plain(world.run("apply", world.profile(["app"], [base]), "--root", root.path))

    assert outcome.code == 0, outcome
    assert "said \\x1b[2J" in outcome.stdout
    plain(world.run("status", "--root", root.path))
    log = (root.path / "var/log/yumbridge.log").read_text(encoding="utf-8")
    assert not UNPRINTABLE.search(log)


@pytest.mark.parametrize("phase", ["post", "pre"])
def test_what_ncm_ncd_is_told_moves_no_cursor(world: World, phase: str) -> None:
    """What scriptlets print and why they fail, as the module of ncm-ncd reads it: it prints what it is told."""
    failing = f'{PRINTING}; error("\\27[2J no luck \\226\\128\\174")' if phase == "pre" else PRINTING
    base = world.repository("base", Rpm("app", scriptlets={phase: failing}))
    software = json.loads(world.profile(["app"], [base]).read_text(encoding="utf-8"))["software"]
    components = software.pop("components")
    request = {
        "name": "spma",
        "noaction": False,
        "component": components["spma"] | {"ncm-module": "yumbridge"},
        "software": software,
    }
    request["spma"] = request["component"]

    outcome = world.run("component", "run", "--root", world.root().path, stdin=json.dumps(request))

    told = [json.loads(line)["msg"] for line in outcome.stdout.splitlines()]
    assert any("said \\x1b[2J" in text for text in told), outcome
    assert not [text for text in told if UNPRINTABLE.search(text)]


def test_names_of_files_in_a_conflict_move_no_cursor(world: World) -> None:
    path = "/opt/a\u202eb\u009bc"
    base = world.repository("base", Rpm("one", files={path: "1"}), Rpm("two", files={path: "2"}))
    root = world.root()

    outcome = plain(world.run("apply", world.profile(["one", "two"], [base]), "--root", root.path))

    assert outcome.code == 17, outcome
    assert "conflict" in outcome.stderr
    log = (root.path / "var/log/yumbridge.log").read_text(encoding="utf-8")
    assert not UNPRINTABLE.search(log)


def test_names_of_folders_move_no_cursor(world: World) -> None:
    """Repositories that --repos-from finds are called as their folders are."""
    world.repository("base", Rpm("app"))
    (world.repositories / "base").rename(world.repositories / "ba\x1b[2J\u202ese")
    profile = world.profile(["app", "nosuch"], [])

    outcome = plain(
        world.run("plan", profile, "--root", world.root().path, "--repos-from", world.repositories, "--explain")
    )

    assert outcome.code == 10, outcome
    assert "want a name of letters" in outcome.stderr


def test_words_of_advisories_move_no_cursor_and_are_no_markup(world: World) -> None:
    """In texts and in the page of a difference of snapshots."""
    new = Rpm("app", "2-1")
    title = "<img src=x onerror=alert(1)>\u202e\x85"
    world.freeze("old", world.repository("base", Rpm("app", "1-1")))
    world.freeze("new", world.repository("base", new, advisories=[Advisory("A-1", (new,), title=title)]))
    page = world.path / "page.html"

    plain(world.snapshot("show", "new"))
    plain(world.snapshot("diff", "old", "new", "--html", page))

    text = page.read_bytes().decode()
    assert not UNPRINTABLE.search(text)
    document = html.document_fromstring(text)
    assert document.xpath("//img") == []
    assert document.xpath("count(//script)") == 1


@pytest.mark.parametrize("verb", ["plan", "apply", "status", "snapshot"])
def test_an_argument_that_is_no_text_is_refused(world: World, verb: str) -> None:
    """Documents are UTF-8, and what was named on the command line stands in them."""
    words = ["snapshot", "list"] if verb == "snapshot" else [verb]
    command: list[str | bytes] = [sys.executable, "-m", "spma", *words, b"p\xff\x1b[2J.json", "--json"]
    done = subprocess.run(command, capture_output=True, env=environment(), cwd=world.path, check=False, timeout=60)

    assert done.returncode == 2, done
    assert json.loads(done.stdout)["kind"] == "usage"
    assert b"not in UTF-8" in done.stderr
    assert b"Traceback" not in done.stderr
    assert not UNPRINTABLE.search(done.stderr.decode())


@pytest.mark.parametrize("options", [(), ("--json",)], ids=["text", "json"])
def test_a_file_whose_name_is_no_text_is_told(world: World, options: tuple[str, ...]) -> None:
    """A configuration and a repository that somebody called so."""
    base = world.repository("base", Rpm("app"))
    root = world.root()
    folder = root.path / "etc/yumbridge/conf.d"
    folder.mkdir(parents=True)
    odd = os.fsencode(folder) + b"/\xff\x1b[2J.yaml"
    with open(odd, "wb") as handle:  # noqa: PTH123 - the name is of bytes
        handle.write(b"nonsense: 1\n")

    outcome = plain(world.run("plan", world.profile(["app"], [base]), "--root", root.path, *options))

    assert outcome.code == 10, outcome
    os.unlink(odd)  # noqa: PTH108 - as above
    os.rename(os.fsencode(base.path), os.fsencode(base.path.parent) + b"/\xff")  # noqa: PTH104 - as above
    repositories = ("--repos-from", world.repositories)
    outcome = plain(world.run("plan", world.profile(["app"], []), "--root", root.path, *repositories, *options))
    assert outcome.code == 10, outcome
