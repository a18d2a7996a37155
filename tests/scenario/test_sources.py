"""Where profiles come from: files, standard input and the cache of CCM."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.support.ccm import CcmCache
from tests.support.command import environment, started
from tests.support.data import sample
from tests.support.plans import applied, moves, planned
from tests.support.profiles import Json, profile, write_profile
from tests.support.rpms import Rpm
from tests.support.tool import Outcome
from tests.support.trees import Tree
from tests.support.world import World

BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE nlist [
<!ENTITY a "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">
<!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">
<!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;">
]>
<nlist format="pan" name="profile"><string name="x">&e;</string></nlist>
"""
MEMORY_BYTES = 400 << 20
LARGE_BYTES = 200 << 20


def wanted(world: World, *packages: str) -> dict[str, Json]:
    """Return a profile of packages that one repository has."""
    return profile(packages, [world.repository("base", Rpm("app"), Rpm("other"))])


def cache_of(world: World, place: str = "root/var/lib/ccm") -> CcmCache:
    cache = CcmCache(world.path / place)
    cache.point(7)
    return cache


# --- the cache of CCM ---------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["json", "xml"])
def test_without_a_profile_the_current_one_of_the_cache_is_planned(world: World, form: str) -> None:
    root = world.root()
    file = cache_of(world).raw(7, wanted(world, "app"), form=form)

    outcome = world.run("plan", "--root", root.path, "--json")

    assert outcome.code == 0, outcome
    assert moves(outcome.json()) == ["install app.noarch 1-1"]
    assert outcome.json()["profile"]["source"] == str(file)
    assert outcome.json()["profile"] == planned(world, file, root)["profile"]


def test_without_raw_text_the_databases_are_planned(world: World) -> None:
    """The digest is that of the tree, however its keys were ordered when it was fetched."""
    root = world.root()
    cache = cache_of(world)
    folder = cache.databases(7, wanted(world, "other", "app"))
    first = world.run("plan", "--root", root.path, "--json").json()
    cache.databases(7, wanted(world, "app", "other"))
    second = world.run("plan", "--root", root.path, "--json").json()

    assert moves(first) == ["install app.noarch 1-1", "install other.noarch 1-1"]
    assert first["profile"]["source"] == str(folder)
    assert first == second


def test_ccm_conf_of_the_root_and_the_option_say_where_the_cache_is(world: World) -> None:
    """The option names the folder as it stands; what ccm.conf says lies below the root."""
    root = world.root()
    (root.path / "etc").mkdir()
    (root.path / "etc/ccm.conf").write_text("cache_root = /srv/ccm\n", encoding="utf-8")
    said = cache_of(world, "root/srv/ccm").raw(7, wanted(world, "app"))
    named = cache_of(world, "elsewhere").raw(7, wanted(world, "other"))

    by_file = world.run("plan", "--root", root.path, "--json").json()
    by_option = world.run("plan", "--root", root.path, "--cache-root", "elsewhere", "--json").json()

    assert (by_file["profile"]["source"], moves(by_file)) == (str(said), ["install app.noarch 1-1"])
    assert (by_option["profile"]["source"], moves(by_option)) == (str(named), ["install other.noarch 1-1"])


@pytest.mark.parametrize("verb", [("plan",), ("apply",), ("profile", "check"), ("profile", "show")])
def test_a_profile_and_a_cache_are_not_named_both(world: World, verb: tuple[str, ...]) -> None:
    outcome = world.run(*verb, "profile.json", "--cache-root", "ccm")
    assert outcome.code == 2
    assert "--cache-root is for a run without" in outcome.stderr


@pytest.mark.parametrize("verb", [("plan",), ("apply",), ("profile", "check"), ("profile", "show")])
def test_without_a_profile_and_a_cache_nothing_is_done(world: World, verb: tuple[str, ...]) -> None:
    root = world.root()
    outcome = world.run(*verb, "--root", root.path)
    cache = root.path / "var/lib/ccm"
    assert (outcome.code, outcome.stdout) == (10, "")
    why = f"no CCM cache in {cache}: {cache}/current.cid is missing; name a profile, or --cache-root"
    assert outcome.stderr == f"yumbridge: {why}\n"


def test_the_verbs_of_profile_read_the_cache(world: World) -> None:
    cache_of(world, "ccm").databases(7, wanted(world, "app"))
    assert world.run("profile", "check", "--cache-root", "ccm").stdout == "Good: 1 package, 1 repository.\n"
    shown = world.run("profile", "show", "--cache-root", "ccm", "--json").json()
    assert [spec["name"] for spec in shown["specs"]] == ["app"]


def test_a_cache_of_ccm_itself_means_what_its_profile_means(world: World) -> None:
    cache = world.run("profile", "show", "--cache-root", sample("ccm-cache"), "--json")
    file = world.run("profile", "show", sample("profiles/el9accept.json"), "--json")
    assert (cache.code, cache.stdout) == (0, file.stdout)


@pytest.mark.parametrize("write", [CcmCache.raw, CcmCache.databases])
def test_a_plan_from_the_cache_is_carried_out_later(world: World, write: Callable[..., Path]) -> None:
    root = world.root()
    write(cache_of(world), 7, wanted(world, "app"))
    assert world.run("plan", "--root", root.path, "--out", "plan.json").code == 0
    assert applied(world, world.path / "plan.json", root)["outcome"] == "as-planned"


def test_a_newer_profile_does_not_disturb_a_stored_plan(world: World) -> None:
    """A plan rests on the profile that it was made from; once that is gone the plan is stale."""
    root = world.root()
    cache = cache_of(world)
    cache.raw(7, wanted(world, "app"))
    world.run("plan", "--root", root.path, "--out", "plan.json")
    cache.raw(8, wanted(world, "other"))
    cache.point(8)
    assert applied(world, world.path / "plan.json", root)["outcome"] == "as-planned"

    world.run("plan", "--root", root.path, "--out", "plan.json")
    shutil.rmtree(cache.folder(8))
    outcome = world.run("apply", "plan.json")
    assert outcome.code == 13
    assert f"profile {cache.folder(8)}/profile cannot be read: No such file or directory" in outcome.stderr


def test_apply_without_a_file_carries_out_the_current_profile(world: World) -> None:
    root = world.root()
    cache_of(world).databases(7, wanted(world, "app"))
    outcome = world.run("apply", "--root", root.path, "-y", "--json")
    assert (outcome.code, outcome.json()["outcome"]) == (0, "as-planned")


def test_the_profile_that_was_opened_is_planned_while_a_new_one_arrives(world: World) -> None:
    """It is marked as CCM's own readers mark theirs, and the mark is gone afterwards."""
    root = world.root()
    cache = cache_of(world)
    cache.folder(7).mkdir()
    os.mkfifo(cache.folder(7) / "profile")
    old, new = json.dumps(wanted(world, "app")), wanted(world, "other")

    with started("plan", "--root", root.path, "--json", cwd=world.path) as process:
        with (cache.folder(7) / "profile").open("w", encoding="utf-8") as handle:
            marks = [path.name for path in cache.folder(7).glob("ccm-active-profile.*")]
            cache.raw(8, new)
            cache.point(8)
            handle.write(old)
        stdout, stderr = process.communicate(timeout=60)

    assert process.returncode == 0, stderr
    assert marks == [f"ccm-active-profile.7-{process.pid}"]
    assert moves(json.loads(stdout)) == ["install app.noarch 1-1"]
    assert json.loads(stdout)["profile"]["source"] == str(cache.folder(7) / "profile")
    assert list(cache.folder(7).glob("ccm-active-profile.*")) == []


def test_a_profile_purged_before_it_was_opened_is_replaced_by_the_new_one(world: World) -> None:
    root = world.root()
    cache = CcmCache(root.path / "var/lib/ccm")
    os.mkfifo(cache.path / "current.cid")
    cache.raw(8, wanted(world, "other"))

    with started("plan", "--root", root.path, "--json", cwd=world.path) as process:
        with (cache.path / "current.cid").open("w", encoding="utf-8") as handle:
            cache.point(8)
            handle.write("7\n")
        stdout, stderr = process.communicate(timeout=60)

    assert process.returncode == 0, stderr
    assert moves(json.loads(stdout)) == ["install other.noarch 1-1"]


def test_who_may_not_write_the_cache_reads_it_without_a_mark(world: World) -> None:
    cache = cache_of(world, "ccm")
    cache.raw(7, wanted(world, "app"))
    before = Tree.of(cache.path)
    outcome = world.run("profile", "check", "--cache-root", cache.path, user="nobody")
    assert outcome.code == 0, outcome
    assert before.changes(Tree.of(cache.path)) == ()


def test_a_cache_that_one_may_not_read_is_an_error(world: World) -> None:
    cache = cache_of(world, "ccm")
    cache.raw(7, wanted(world, "app"))
    cache.folder(7).chmod(0o700)
    outcome = world.run("profile", "check", "--cache-root", cache.path, user="nobody")
    assert outcome.code == 10
    assert outcome.stderr == f"yumbridge: {cache.folder(7)}/profile cannot be read: Permission denied\n"


# --- standard input -----------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["plan", "apply"])
@pytest.mark.parametrize("form", ["profile.json", "profile.json.gz", "profile.xml"])
def test_a_profile_is_read_from_standard_input(world: World, form: str, verb: str) -> None:
    root = world.root()
    file = write_profile(world.path / form, wanted(world, "app"))

    outcome = fed(world, file.read_bytes(), verb, "-", "--root", root.path, "--json")

    assert outcome.code == 0, outcome
    document = outcome.json()
    if verb == "plan":
        assert document["profile"]["source"] == "-"
        assert document["profile"]["digest"] == planned(world, file, root)["profile"]["digest"]
    else:
        assert document["outcome"] == "as-planned"


def test_a_plan_from_standard_input_is_stale_when_it_is_stored(world: World) -> None:
    root = world.root()
    text = json.dumps(wanted(world, "app"))
    world.run("plan", "-", "--root", root.path, "--out", "plan.json", stdin=text)
    (world.path / "-").write_text(text, encoding="utf-8")
    before = Tree.of(root.path, ignoring=("/var*",))

    outcome = world.run("apply", "plan.json", stdin=text)

    assert outcome.code == 13
    assert outcome.stderr == (
        "yumbridge: the plan is stale, nothing was done: plan again\n"
        "  its profile came from standard input and cannot be read again\n"
    )
    assert before.changes(Tree.of(root.path, ignoring=("/var*",))) == ()


def test_a_stored_plan_is_carried_out_from_standard_input(world: World) -> None:
    root = world.root()
    plan = world.run("plan", write_profile(world.path / "p.json", wanted(world, "app")), "--root", root.path, "--json")
    outcome = world.run("apply", "-", "--json", stdin=plan.stdout)
    assert (outcome.code, outcome.json()["outcome"]) == (0, "as-planned")


def test_nothing_on_standard_input_is_an_error(world: World) -> None:
    outcome = world.run("profile", "check", "-")
    assert (outcome.code, outcome.stderr) == (10, "yumbridge: profile is empty\n")


# --- what is damaged, or meant to do harm -------------------------------------------------------


def test_a_dangling_cid_is_named(world: World) -> None:
    cache = cache_of(world, "ccm")
    outcome = world.run("profile", "check", "--cache-root", cache.path, "--json")
    assert outcome.code == 10
    assert outcome.json()["message"] == f"CCM cache {cache.path} has no profile 7: {cache.folder(7)} is missing"


@pytest.mark.parametrize("damage", [b"", b"x" * 100, b"\xff" * 4096, bytes(5000)])
@pytest.mark.parametrize("name", ["path2eid.db", "eid2data.db"])
def test_a_corrupt_database_is_one_clear_line(world: World, name: str, damage: bytes) -> None:
    cache = cache_of(world, "ccm")
    file = cache.databases(7, wanted(world, "app")) / name
    file.write_bytes(damage)
    outcome = world.run("profile", "check", "--cache-root", cache.path)
    assert (outcome.code, outcome.stdout) == (10, "")
    assert outcome.stderr.startswith(f"yumbridge: {file} is ")
    assert outcome.stderr.count("\n") == 1


def as_file(world: World, content: Path) -> Outcome:
    return limited(world, "profile", "check", content)


def as_stdin(world: World, content: Path) -> Outcome:
    with content.open("rb") as handle:
        return limited(world, "profile", "check", "-", stdin=handle.fileno())


def as_raw_text(world: World, content: Path) -> Outcome:
    cache = cache_of(world, "ccm")
    cache.folder(7).mkdir()
    content.rename(cache.folder(7) / "profile")
    return limited(world, "profile", "check", "--cache-root", cache.path)


def as_database(world: World, content: Path) -> Outcome:
    cache = cache_of(world, "ccm")
    content.rename(cache.databases(7, {}) / "path2eid.db")
    return limited(world, "profile", "check", "--cache-root", cache.path)


READERS = (as_file, as_stdin, as_raw_text, as_database)


@pytest.mark.parametrize("read", READERS)
def test_an_xml_bomb_is_refused_in_little_memory(world: World, read: Callable[[World, Path], Outcome]) -> None:
    content = world.path / "bomb.xml"
    content.write_bytes(BOMB)
    outcome = read(world, content)
    assert (outcome.code, outcome.stdout) == (10, "")
    assert "document type" in outcome.stderr or "is truncated" in outcome.stderr
    assert outcome.stderr.count("\n") == 1


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("read", READERS)
def test_a_profile_of_200_mb_is_refused_in_little_memory(
    world: World, read: Callable[[World, Path], Outcome], *, packed: bool
) -> None:
    content = world.path / "large.json"
    with gzip.open(content, "wb", 1) if packed else content.open("wb") as handle:
        handle.write(b'{"software": "')
        for _ in range(LARGE_BYTES >> 20):
            handle.write(b"x" * (1 << 20))
        handle.write(b'"}')
    outcome = read(world, content)
    assert (outcome.code, outcome.stdout) == (10, "")
    assert any(text in outcome.stderr for text in ("larger than 50 MB", "more than 50 MB", "is truncated"))
    assert outcome.stderr.count("\n") == 1


def test_standard_input_without_an_end_is_refused(world: World) -> None:
    with Path("/dev/zero").open("rb") as handle:
        outcome = limited(world, "profile", "check", "-", stdin=handle.fileno())
    assert outcome.code == 10
    assert outcome.stderr == "yumbridge: profile on standard input is larger than 50 MB\n"


def limited(world: World, *args: str | Path, stdin: int = subprocess.DEVNULL) -> Outcome:
    """Run the command where it cannot have more memory than a bounded reader needs."""
    done = subprocess.run(
        ["prlimit", f"--as={MEMORY_BYTES}", sys.executable, "-m", "spma", *map(str, args)],
        capture_output=True,
        check=False,
        cwd=world.path,
        encoding="utf-8",
        env=environment(),
        stdin=stdin,
        timeout=60,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


def fed(world: World, content: bytes, *args: str | Path, env: Mapping[str, str] | None = None) -> Outcome:
    """Run the command with bytes on its standard input."""
    file = world.path / "stdin"
    os.mkfifo(file)
    feeder = threading.Thread(target=file.write_bytes, args=(content,))
    feeder.start()
    with file.open("rb") as handle:
        done = subprocess.run(
            [sys.executable, "-m", "spma", *map(str, args)],
            capture_output=True,
            check=False,
            cwd=world.path,
            encoding="utf-8",
            env=environment(env),
            stdin=handle,
            timeout=120,
        )
    feeder.join()
    return Outcome(done.returncode, done.stdout, done.stderr)
