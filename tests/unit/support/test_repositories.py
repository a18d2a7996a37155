"""Repositories of the test worlds: what dnf finds in them, and how they break."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import damage, tool
from tests.support.advisories import Advisory
from tests.support.cache import Cache
from tests.support.dnf import dnf
from tests.support.repositories import Contents, Repository, write_repository
from tests.support.rpms import Rpm
from tests.support.signing import SigningKey
from tests.support.world import World

BASH = Rpm("bash", "5.1-1", arch="x86_64")
ADVISORY = Advisory("RHSA-2024:1", (BASH,), severity="Critical", cves=("CVE-2024-1",))
COMPS = """<comps><group><id>shells</id><name>Shells</name><packagelist>
<packagereq type="mandatory">bash</packagereq></packagelist></group></comps>"""
MODULES = """---
document: modulemd
version: 2
data:
  name: shell
  stream: "5"
  version: 1
  context: c0ffee
  arch: x86_64
  summary: A shell
  description: A shell
  license: {module: [MIT]}
  artifacts: {rpms: ["bash-0:5.1-1.x86_64"]}
...
"""
EVERYTHING = Contents(rpms=(BASH,), advisories=(ADVISORY,), comps=COMPS, modules=MODULES)

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="rpm changes its root directory")


def files(repository: Repository) -> dict[str, bytes]:
    below = (path for path in repository.path.rglob("*") if path.is_file())
    return {path.relative_to(repository.path).as_posix(): path.read_bytes() for path in below}


def test_the_same_contents_are_the_same_bytes(tmp_path: Path) -> None:
    caches = [Cache(tmp_path / "cache-1"), Cache(tmp_path / "cache-2")]
    caches.append(caches[0])

    built = [
        files(write_repository("base", EVERYTHING, tmp_path / str(number), cache))
        for number, cache in enumerate(caches)
    ]

    assert built[0] == built[1] == built[2]


@needs_root
@pytest.mark.parametrize(
    ("question", "answer"),
    [
        pytest.param(
            ("updateinfo", "list", "--all", "--with-cve"), "CVE-2024-1 Critical/Sec. bash-5.1-1.x86_64", id="advisory"
        ),
        pytest.param(("group", "info", "shells"), "Mandatory Packages:\n   bash", id="group"),
        pytest.param(("module", "list"), "shell 5 ", id="module"),
    ],
)
def test_dnf_finds_what_is_beside_the_packages(world: World, question: tuple[str, ...], answer: str) -> None:
    base = world.publish("base", EVERYTHING)

    assert answer in dnf(world.root(BASH).path, *question, repositories=[base]).stdout


@needs_root
@pytest.mark.parametrize(
    "break_it",
    [
        damage.truncate_repomd,
        damage.remove_repomd,
        damage.corrupt_primary,
        lambda base: damage.corrupt_rpm(base, BASH),
        lambda base: damage.truncate_rpm(base, BASH),
        lambda base: damage.remove_rpm(base, BASH),
    ],
    ids=["truncated-repomd", "no-repomd", "corrupt-primary", "corrupt-rpm", "truncated-rpm", "no-rpm"],
)
def test_dnf_refuses_a_damaged_repository(world: World, break_it: Callable[[Repository], None]) -> None:
    base = world.repository("base", BASH)
    root = world.root()
    break_it(base)

    assert dnf(root.path, "install", "bash", repositories=[base]).code != 0
    assert root.installed() == frozenset()


def test_damage_stays_in_one_world(world: World, rpm_cache: Cache, tmp_path: Path) -> None:
    whole = files(world.repository("base", BASH))
    damage.corrupt_rpm(world.repository("base", BASH), BASH)

    again = write_repository("base", Contents(rpms=(BASH,)), tmp_path / "again", rpm_cache)

    assert files(again) == whole


def test_rpms_signed_with_a_key_are_good_for_that_key_only(world: World, signing_key: SigningKey) -> None:
    base = world.repository("base", BASH, key=signing_key)
    keyring = ("rpmkeys", "--define", f"_dbpath {world.path}/keyring")

    before = tool.attempt(*keyring, "--checksig", base.file(BASH))
    tool.run(*keyring, "--import", signing_key.public_key)
    after = tool.attempt(*keyring, "--checksig", base.file(BASH))

    assert "SIGNATURES NOT OK" in before.stdout
    assert after.stdout.endswith("digests signatures OK\n")


@needs_root
def test_dnf_reads_a_repository_from_the_server(world: World) -> None:
    base = world.repository("base", BASH)
    root = world.root()

    with world.serving() as server:
        done = dnf(root.path, "install", "bash", repositories=[base.at(server.url)])

    assert done.code == 0, done.stderr
    assert {"/base/repodata/repomd.xml", f"/base/Packages/{BASH.filename}"} <= set(server.paths)
