"""What bad input is told."""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command import environment
from tests.support.plans import applied, moves, planned
from tests.support.profiles import Json, Packages, repository_entry
from tests.support.rpms import Rpm
from tests.support.tool import Outcome
from tests.support.world import World

ESCAPE = "\x1b[2J"
UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]")


def refused(outcome: Outcome, *, code: int = 10) -> list[str]:
    """Return message and details of the one error document, which stderr tells too, without a traceback."""
    assert outcome.code == code, outcome
    assert "Traceback" not in outcome.stdout + outcome.stderr
    error = outcome.json()
    assert (error["document"], error["version"]) == ("yumbridge-error", "1.0")
    told = [error["message"], *error["details"]]
    assert outcome.stderr.splitlines()[-len(told)].removeprefix("yumbridge: ")
    return told


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "profile is empty"),
        (b"name: value\n", "neither JSON nor XML"),
        (b'{"software": {"packages": {', "not valid JSON: line 1, column"),
        (b"<nlist><nlist", "XML"),
        (b"<html></html>", "pan"),
        (gzip.compress(b'{"software": {}}')[:20], "not valid gzip"),
        (b'{"software": "\xff"}', "not UTF-8"),
        (b"[1, 2]", "profile is no dict"),
        (b'{"hardware": {}}', "/software: missing"),
        (b'{"software": []}', "/software: want a dict"),
        (b"[" * 100_000, "nested too deep"),
        (b'{"software": 1, "software": 2}', "twice"),
    ],
    ids=[
        "empty",
        "yaml",
        "cut-json",
        "cut-xml",
        "html",
        "cut-gzip",
        "latin",
        "list",
        "no-software",
        "shape",
        "deep",
        "twice",
    ],
)
def test_what_is_no_profile_is_refused(world: World, content: bytes, words: str) -> None:
    """What is no JSON, XML or gzip, is cut off, or has no /software is refused, and the message says why."""
    profile = world.path / "profile"
    profile.write_bytes(content)

    told = refused(world.run("plan", profile, "--root", world.root().path, "--json"))

    assert any(words in line for line in told), told


def test_every_verb_refuses_the_same_profiles(world: World) -> None:
    """A profile that plan refuses is refused by apply, check and show in the same words, and nothing is written."""
    profile = world.path / "profile.json"
    profile.write_text('{"software": {"packages": []}}', encoding="utf-8")
    root = world.root().path

    told = [
        refused(world.run(*verb, profile, "--root", root, "--json"))
        for verb in (["plan"], ["apply"], ["profile", "check"], ["profile", "show"])
    ]

    assert told == [["profile has 1 problem", "/software/packages: want a dict, got a list"]] * 4


def test_apply_takes_what_is_nested_too_deep_for_no_plan(world: World) -> None:
    """What is nested too deep to be a plan or a profile is refused by apply as by plan."""
    profile = world.path / "profile.json"
    profile.write_text('{"software": ' + "[" * 100_000 + "]" * 100_000 + "}", encoding="utf-8")

    told = refused(world.run("apply", profile, "--root", world.root().path, "--json"))

    assert any("nested too deep" in line for line in told), told


def test_every_problem_of_a_profile_is_told_with_its_path(world: World) -> None:
    """Bad escapes, names, versions, arches, shapes, repositories and options are all told, each with its path."""
    packages: Json = {
        "bad_zz": {},
        "two_20words": {},
        "app": {"_31_20": {}, "_31_2d1": {"arch": {"x68_64": ""}}, "_32": []},
        "list": [],
    }
    repositories: Json = [{"name": "a/b", "protocols": []}, {"name": "base", "protocols": [{"url": "ssh://x"}]}]
    spma: dict[str, Json] = {"run": "perhaps", "filter": "(", "main_options": {"installonly_limit": 1}}
    profile = world.profile([], [], spma=spma, extra={"software": {"packages": packages, "repositories": repositories}})

    told = refused(world.run("plan", profile, "--root", world.root().path, "--json"))

    assert told[0] == "profile has 12 problems"
    assert [line.partition(": ")[0] for line in told[1:]] == [
        "/software/components/spma/filter",
        "/software/components/spma/main_options/installonly_limit",
        "/software/components/spma/run",
        "/software/packages/app/_31_20",
        "/software/packages/app/_31_2d1/arch/x68_64",
        "/software/packages/app/_32",
        "/software/packages/bad_zz",
        "/software/packages/list",
        "/software/packages/two_20words",
        "/software/repositories/0/name",
        "/software/repositories/0/protocols",
        "/software/repositories/1/protocols/0/url",
    ]


def test_every_problem_of_the_configuration_is_told_with_its_place(world: World) -> None:
    """Unknown keys, wrong values and what is not YAML are told for all files of the configuration at once."""
    base = world.repository("base", Rpm("app"))
    root = world.root()
    root.write("etc/yumbridge/config.yaml", "polizy: {}\npolicy: {protected: ssh, removal_limit: -1, unwantet: [x]}\n")
    root.write("etc/yumbridge/conf.d/10-bad.yaml", "policy: [\n")
    root.write("etc/yumbridge/conf.d/20-list.yaml", "- one\n")

    told = refused(world.run("plan", world.profile(["app"], [base]), "--root", root.path, "--json"))

    folder = f"{root.path}/etc/yumbridge"
    places = [line.removeprefix(folder) for line in told[1:]]
    assert "/config.yaml: polizy: unknown key" in places
    assert "/config.yaml: policy.unwantet: unknown key" in places
    assert "/config.yaml: policy.removal_limit: may not be negative" in places
    assert any(place.startswith("/config.yaml: policy.protected: want array") for place in places)
    assert any(place.startswith("/conf.d/10-bad.yaml: ") for place in places)
    assert any(place.startswith("/conf.d/20-list.yaml: want a mapping") for place in places)


def test_a_missing_file_is_named(world: World) -> None:
    """A profile or a configuration that is not there, or is a directory, is named with the reason."""
    base = world.repository("base", Rpm("app"))
    profile = world.profile(["app"], [base])
    root = world.root().path

    absent = refused(world.run("plan", world.path / "absent.json", "--root", root, "--json"))
    folder = refused(world.run("apply", world.path, "--root", root, "--json"))
    config = refused(world.run("plan", profile, "--root", root, "--config", world.path / "absent.yaml", "--json"))

    assert absent == [f"profile {world.path}/absent.json cannot be read: No such file or directory"]
    assert folder[0].startswith(f"profile {world.path} cannot be read: ")
    assert config[1] == f"{world.path}/absent.yaml: No such file or directory"


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["plan", "a", "b"],
        ["plan", "p.json", "--no-such-option"],
        ["apply", "p.json", "--removal-limit", "many"],
        ["apply", "p.json", "--wait", "-1"],
        ["plan", "p.json", "--repos-from", "/nowhere"],
        ["status", "extra"],
    ],
    ids=" ".join,
)
def test_a_usage_error_shows_the_usage(world: World, arguments: list[str]) -> None:
    """A usage error ends with 2, shows how the verb is used, and with --json is one error document."""
    text = world.run(*arguments)
    document = world.run(*arguments, "--json")

    assert text.code == document.code == 2
    assert text.stdout == ""
    assert "Usage: yumbridge" in text.stderr
    assert document.json()["kind"] == "usage"


@pytest.mark.parametrize("arguments", [[], ["snapshot"], ["profile"]], ids=" ".join)
def test_a_command_without_a_verb_shows_its_help(world: World, arguments: list[str]) -> None:
    """Without a verb the help is what is printed, on stderr and as it is, and the end is 2."""
    told = world.run(*arguments)
    helped = world.run(*arguments, "--help")

    assert (told.code, told.stdout, told.stderr) == (2, "", helped.stdout)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["plam"], "No such command: plam; did you mean plan?"),
        (["snapshot", "lst"], "No such command: lst; did you mean list?"),
        (["profile", "what"], "No such command: what; there are check, diff, show"),
    ],
    ids=["plam", "lst", "what"],
)
def test_a_misspelt_verb_is_told_what_may_be_meant(world: World, arguments: list[str], words: str) -> None:
    """A verb that is none comes with the one that is like it, or with those that there are."""
    assert world.run(*arguments).stderr.splitlines()[-1] == f"yumbridge: {words}"


@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])
@pytest.mark.parametrize("options", [(), ("--json",)], ids=["text", "json"])
def test_an_answer_that_cannot_be_written_is_said_plainly(
    world: World, options: tuple[str, ...], unbuffered: str
) -> None:
    """An answer for which there is no space ends with 1 and one line that says so."""
    command = [sys.executable, "-m", "spma", "status", "--root", str(world.root().path), *options]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            command,
            stdout=full,
            stderr=subprocess.PIPE,
            env=environment({"PYTHONUNBUFFERED": unbuffered}),
            cwd=world.path,
            check=False,
            timeout=60,
        )

    assert (done.returncode, done.stderr) == (1, b"yumbridge: cannot write the answer: No space left on device\n")


def test_a_damaged_rpmdb_is_said_plainly(world: World) -> None:
    """An rpmdb that cannot be read is named in one line, and not taken for an empty one."""
    base = world.repository("base", Rpm("app"))
    root = world.root(Rpm("old"))
    database = next(path for path in root.rpmdb.iterdir() if path.name in {"rpmdb.sqlite", "Packages.db", "Packages"})
    database.write_bytes(b"this is no database" * 400)
    for extra in root.rpmdb.glob("rpmdb.sqlite-*"):
        extra.unlink()

    told = refused(world.run("plan", world.profile(["app"], [base]), "--root", root.path, "--json"), code=1)

    assert told[0].startswith(f"the rpm database of {root.path} ")


def test_an_unreadable_rpmdb_is_said_plainly(world: World) -> None:
    """An rpmdb that the user may not read is named in one line, and not taken for an empty one."""
    base = world.repository("base", Rpm("app"))
    profile = world.profile(["app"], [base])
    root = world.root(Rpm("old"))
    for path in root.rpmdb.iterdir():
        path.chmod(0o600)

    told = refused(world.run("plan", profile, "--root", root.path, "--json", user="nobody"), code=1)

    assert told[0].startswith(f"the rpm database of {root.path} ")


def interpreter(world: World, script: str) -> Path:
    """Write a program in the place of the engine's interpreter."""
    path = world.path / "python"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (f'exec {sys.executable} "$@"', "No module named"),
        ("kill -9 $$", "killed by signal 9"),
        ("exit 3", "it exited with code 3"),
    ],
    ids=["no-bindings", "killed", "exits"],
)
def test_an_engine_that_cannot_start_says_what_to_install(world: World, script: str, words: str) -> None:
    """An interpreter without the bindings, or one that dies, ends with 16 and says what to install and why."""
    base = world.repository("base", Rpm("app"))
    env = {"YUMBRIDGE_PYTHON": str(interpreter(world, script))}

    told = refused(
        world.run("plan", world.profile(["app"], [base]), "--root", world.root().path, "--json", env=env), code=16
    )

    assert (
        told[0] == "no Python interpreter has the bindings of dnf: install the package python3-dnf or python3-libdnf5"
    )
    assert words in told[1]


def test_an_interpreter_that_is_not_there_is_named(world: World) -> None:
    """An interpreter that does not exist ends with 16 and is named."""
    base = world.repository("base", Rpm("app"))
    env = {"YUMBRIDGE_PYTHON": "/nowhere/python"}

    told = refused(
        world.run("plan", world.profile(["app"], [base]), "--root", world.root().path, "--json", env=env), code=16
    )

    assert told[1] == "/nowhere/python: No such file or directory"


def test_an_engine_that_answers_nonsense_is_said(world: World) -> None:
    """An interpreter that prints something else than answers ends with 16."""
    base = world.repository("base", Rpm("app"))
    env = {"YUMBRIDGE_PYTHON": str(interpreter(world, "echo hello; cat >/dev/null"))}

    told = refused(
        world.run("plan", world.profile(["app"], [base]), "--root", world.root().path, "--json", env=env), code=16
    )

    assert "the engine answered nonsense" in told[0]


def test_an_unknown_architecture_is_named(world: World) -> None:
    """An architecture that nobody knows is named in the message."""
    base = world.repository("base", Rpm("app"))

    outcome = world.run(
        "plan", world.profile(["app"], [base]), "--root", world.root().path, "--arch", "pdp11", "--json"
    )

    assert outcome.code in {1, 2}
    assert "pdp11" in outcome.json()["message"]
    assert "Traceback" not in outcome.stderr


def test_nothing_in_a_profile_reaches_the_terminal_as_control(world: World) -> None:
    """Control characters in names, URLs, keys and paths of a profile are written out in every message."""
    profile = world.path / f"pro{ESCAPE}file.json"
    wanted: Packages = {f"na{ESCAPE}me": {}, "app": {f"1{ESCAPE}": {}}}
    source = world.profile(wanted, [("base", "http://host/\x9b2J\u202e")], spma={f"opt{ESCAPE}": ESCAPE})
    source.rename(profile)
    content = profile.read_text(encoding="utf-8").replace("na_1b_5b2Jme", "na\\u001b[2Jme")
    profile.write_text(content, encoding="utf-8")
    root = world.root().path

    verbs: list[list[str | Path]] = [
        ["plan", profile, "--root", root],
        ["profile", "check", profile],
        ["profile", "show", profile],
    ]
    for arguments in verbs:
        outcome = world.run(*arguments)
        assert outcome.code == 10, outcome
        assert not UNPRINTABLE.search(outcome.stdout + outcome.stderr), outcome


def test_nothing_odd_that_is_allowed_reaches_the_terminal_as_control(world: World) -> None:
    """What a good profile may hold, such as C1 controls in a URL, is written out by check, show and plan alike."""
    entry = repository_entry(("base", "http://127.0.0.1:9/\x9b2J\u202eX"))
    profile = world.profile(["app"], [entry], spma={f"opt{ESCAPE}\x9b": "x", "main_options": {"retries": 1}})
    root = world.root().path

    verbs: list[list[str | Path]] = [
        ["plan", profile, "--root", root],
        ["profile", "check", profile],
        ["profile", "show", profile],
        ["apply", profile, "--root", root],
    ]
    for arguments in verbs:
        outcome = world.run(*arguments)
        assert not UNPRINTABLE.search(outcome.stdout + outcome.stderr), outcome


def test_nothing_in_the_state_of_a_root_reaches_the_terminal_as_control(world: World) -> None:
    """A report that came with an image is shown with its control characters written out."""
    root = world.root()
    applied(world, world.profile(["app"], [world.repository("base", Rpm("app"))]), root)
    file = root.path / "var/lib/yumbridge/report.json"
    file.write_text(file.read_text(encoding="utf-8").replace('"plan": "', r'"plan": "\u001b]0;'), encoding="utf-8")

    outcome = world.run("status", "--root", root.path)

    assert r"\x1b]0;" in outcome.stdout
    assert not UNPRINTABLE.search(outcome.stdout)


@pytest.mark.parametrize("name", ["cache/yumbridge/metadata.lock", "cache/yumbridge/hawkey.log", "lib/dnf"])
def test_a_link_out_of_the_root_is_not_followed(world: World, name: str) -> None:
    """Caches and histories of an install root that lead out of it are refused, and what they lead to is left alone."""
    root = world.root()
    victim = world.path / "victim"
    victim.mkdir()
    (victim / "file").write_text("precious", encoding="utf-8")
    link = root.path / "var" / name
    link.parent.mkdir(parents=True)
    link.symlink_to(victim if name == "lib/dnf" else victim / "file")

    outcome = world.run("apply", world.profile(["app"], [world.repository("base", Rpm("app"))]), "--root", root.path)

    assert (outcome.code, str(link) in outcome.stderr) == (1, True)
    assert [file.read_text(encoding="utf-8") for file in victim.iterdir()] == ["precious"]


def test_an_rpmdb_outside_of_the_root_is_not_used(world: World) -> None:
    """An rpmdb that a link makes that of another system is neither read nor changed."""
    other = world.root(Rpm("precious"), name="other")
    root = world.root()
    root.rpmdb.parent.mkdir(parents=True)
    root.rpmdb.symlink_to(other.rpmdb)

    outcome = world.run("apply", world.profile(["app"], [world.repository("base", Rpm("app"))]), "--root", root.path)

    assert (outcome.code, "leads out of" in outcome.stderr) == (1, True)
    assert other.installed() == {"precious-1-1.noarch"}


def test_a_key_that_cannot_be_fetched_is_told_without_its_password(world: World) -> None:
    """Passwords in the URL of a key are neither in the plan nor in its text."""
    keyed: dict[str, Json] = {"gpgcheck": True, "gpgkey": ["https://me:s3cr3t@127.0.0.1:1/key"]}
    base = repository_entry(world.repository("base", Rpm("app")), **keyed)

    outcome = world.run("plan", world.profile(["app"], [base]), "--root", world.root().path, "--json")

    assert outcome.code == 12
    assert "s3cr3t" not in outcome.stdout + outcome.stderr


def test_a_profile_is_shown_without_passwords(world: World) -> None:
    """Passwords in the URLs of a profile are neither in the text nor in the document of `profile show`."""
    entry = repository_entry(("base", "http://me:s3cr3t@host/base"), gpgkey=["https://me:s3cr3t@host/key"])
    text = "proxy=http://me:s3cr3t@proxy:3128\npassword = s3cr3t\n"
    profile = world.profile(["app"], [{**entry, "proxy": "http://me:s3cr3t@proxy:3128"}], spma={"dnfconf": text})

    for options in ([], ["--json"]):
        shown = world.run("profile", "show", profile, *options)
        assert shown.code == 0
        assert "s3cr3t" not in shown.stdout
        assert "http://***@host/base" in shown.stdout


def test_nothing_in_a_repository_reaches_the_terminal_as_control(world: World) -> None:
    """Control characters in the metadata of a repository are written out in plans, chains and problems."""
    base = world.repository("base", Rpm("app", requires=("lib-api",)), Rpm("lib", provides=("lib-api",)))
    primary = base.path / "repodata/primary.xml.gz"
    text = gzip.decompress(primary.read_bytes()).decode().replace("lib-api", "lib&#x9b;2J&#x202e;")
    _replace_primary(base.path, text.replace(">lib<", ">lib&#x9b;31m<"))

    outcome = world.run("plan", world.profile(["app"], [base]), "--root", world.root().path, "--explain")

    assert outcome.code == 0, outcome
    assert "lib\\x9b31m" in outcome.stdout
    assert not UNPRINTABLE.search(outcome.stdout + outcome.stderr), outcome


def _replace_primary(repository: Path, text: str) -> None:
    """Put another package list into a repository, checksums and all."""
    primary = repository / "repodata/primary.xml.gz"
    before = primary.read_bytes()
    after = gzip.compress(text.encode(), mtime=0)
    primary.write_bytes(after)
    repomd = repository / "repodata/repomd.xml"
    words = repomd.read_text(encoding="utf-8")
    for old, new in ((before, after), (gzip.decompress(before), text.encode())):
        words = words.replace(hashlib.sha256(old).hexdigest(), hashlib.sha256(new).hexdigest())
        words = words.replace(f"size>{len(old)}<", f"size>{len(new)}<")
    repomd.write_text(words, encoding="utf-8")


def test_a_reader_that_has_seen_enough_is_no_error(world: World) -> None:
    """An answer whose reader has gone, as with `| head -1`, leaves no traceback."""
    base = world.repository("base", *(Rpm(f"app{n}") for n in range(30)))
    profile = world.profile(["app*"], [base])
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "spma", "plan", str(profile), "--root", str(world.root().path), "--json"]
    done = subprocess.run(
        command, stdout=writing, stderr=subprocess.PIPE, env=environment(), cwd=world.path, check=False, timeout=60
    )
    os.close(writing)

    assert b"Traceback" not in done.stderr
    assert moves(planned(world, profile, world.root()))[0].startswith("install app0")
