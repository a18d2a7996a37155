"""Mirrors of upstream repositories, and trees of other tools that become snapshots."""

from __future__ import annotations

import shutil

import pytest

from tests.support.advisories import Advisory
from tests.support.damage import corrupt_primary
from tests.support.rpms import Rpm
from tests.support.server import NOT_FOUND, Fault
from tests.support.world import World

APP_1 = Rpm("app", "1-1")
APP_2 = Rpm("app", "2-1")
TOOL = Rpm("tool")


def test_repositories_are_mirrored(world: World) -> None:
    """An empty folder becomes a store with the packages and advisories of every repository that is named."""
    base = world.repository("base", APP_1, APP_2, advisories=[Advisory("EX-2026:1", (APP_2,))])
    extra = world.repository("extra", TOOL)

    with world.serving() as server:
        words = ("base", base.at(server.url).url, "extra", extra.url)
        document = world.snapshot("mirror", *words, "--json").json()

    assert document["document"] == "yumbridge-mirror"
    assert [
        (each["repo_id"], each["packages"], each["new_packages"], each["advisories"], each["downloaded"])
        for each in document["repositories"]
    ] == [("base", 2, 2, 1, 2), ("extra", 1, 1, 0, 1)]
    assert {path.name for path in (world.store / "pool").rglob("*.rpm")} == {
        rpm.filename for rpm in (APP_1, APP_2, TOOL)
    }


def test_mirrors_are_brought_up_to_date(world: World) -> None:
    """Without arguments every mirror is read again, and only what is new is fetched."""
    base = world.repository("base", APP_1)
    extra = world.repository("extra", TOOL)
    world.snapshot("mirror", "base", base.url, "extra", extra.url)
    world.repository("base", APP_1, APP_2)

    document = world.snapshot("mirror", "--json").json()
    text = world.snapshot("mirror").stdout.splitlines()

    assert [
        (each["repo_id"], each["new_packages"], each["downloaded"], each["is_unchanged"])
        for each in document["repositories"]
    ] == [("base", 1, 1, False), ("extra", 0, 0, True)]
    assert text == [
        "base: 2 packages (0 new), 0 advisories, unchanged",
        "extra: 1 package (0 new), 0 advisories, unchanged",
    ]


def test_damaged_rpms_are_fetched_again(world: World) -> None:
    """verify --deep finds an rpm with other bytes of the same size, and mirror --verify fetches it again."""
    base = world.repository("base", APP_1, TOOL)
    world.snapshot("mirror", "base", base.url)
    world.snapshot("cut", "one")
    (damaged,) = (world.store / "pool").rglob(APP_1.filename)
    content = damaged.read_bytes()
    damaged.unlink()
    damaged.write_bytes(content[::-1])

    found = world.snapshot("verify", "--deep")
    assert (found.code, found.stdout[:5]) == (21, "pool:")
    assert "unchanged" in world.snapshot("mirror").stdout
    assert "1 rpm fetched" in world.snapshot("mirror", "--verify").stdout
    assert world.snapshot("verify", "--deep").stdout.endswith("no faults.\n")


def test_metadata_alone_is_mirrored(world: World) -> None:
    """With --metadata-only no rpm is fetched, and the answer says how many are left upstream."""
    base = world.repository("base", APP_1, APP_2)

    document = world.snapshot("mirror", "base", base.url, "--metadata-only", "--json").json()

    assert [(each["missing"], each["downloaded"]) for each in document["repositories"]] == [(2, 0)]
    assert [*(world.store / "pool").rglob("*.rpm")] == []


@pytest.mark.parametrize("fault", [NOT_FOUND, Fault(cut_at=100)], ids=["gone", "cut"])
def test_an_upstream_that_fails_ends_with_15(world: World, fault: Fault) -> None:
    """An rpm that cannot be had, or is cut off, ends the run with 15, names it, and changes no mirror."""
    base = world.repository("base", APP_1)
    with world.serving() as server:
        world.snapshot("mirror", "base", base.at(server.url).url)
        world.repository("base", APP_1, APP_2)
        server.fail(f"/base/Packages/{APP_2.filename}", fault)
        outcome = world.snapshot("mirror", "--json")

    assert (outcome.code, outcome.json()["kind"]) == (15, "repository")
    assert any(APP_2.filename in line for line in (outcome.json()["message"], *outcome.json()["details"]))
    assert [path.name for path in (world.store / "pool").rglob("*.rpm")] == [APP_1.filename]


def test_damaged_metadata_ends_with_15(world: World) -> None:
    """Metadata that is not what repomd.xml says is refused with 15."""
    base = world.repository("base", APP_1)
    corrupt_primary(base)

    outcome = world.snapshot("mirror", "base", base.url, "--json")

    assert (outcome.code, outcome.json()["kind"]) == (15, "repository")


def test_other_bytes_under_a_known_name_are_refused(world: World) -> None:
    """An rpm that upstream has built again under the same name, version and release is refused, unless allowed."""
    world.snapshot("mirror", "base", world.repository("base", APP_1).url)
    world.repository("base", Rpm("app", "1-1", files=("/etc/other",)))

    refused = world.snapshot("mirror", "--json")
    allowed = world.snapshot("mirror", "--allow-mutated", "--json")

    assert (refused.code, refused.json()["kind"]) == (15, "mutated-package")
    assert any("app-1-1.noarch" in line for line in refused.json()["details"])
    assert allowed.code == 0


def test_words_of_mirror_that_cannot_be_are_refused(world: World) -> None:
    """No URL, or one of another scheme, is usage (2); a name that cannot be one: 10; no mirrors: 20; no store: 21."""
    base = world.repository("base", APP_1)

    assert world.snapshot("mirror").code == 21
    assert world.snapshot("mirror", "base").code == 2
    for url in ("ftp://host/os", "base", "http://host/os?key=1"):
        assert world.snapshot("mirror", "base", url).code == 2, url
    assert not world.store.exists()
    assert world.snapshot("mirror", "../base", base.url).code == 10
    assert world.snapshot("mirror").code == 20


def test_passwords_in_urls_are_not_kept(world: World) -> None:
    """What stands before the host in a URL is neither stored nor printed."""
    base = world.repository("base", APP_1)
    with world.serving() as server:
        url = base.at(server.url).url.replace("://", "://me:s3cr3t@")
        outcome = world.snapshot("mirror", "base", url, "--json")
        server.fail("*", NOT_FOUND)
        failed = world.snapshot("mirror", "base", url, "-v")

    assert (outcome.code, failed.code) == (0, 15)
    assert "s3cr3t" not in outcome.stdout + outcome.stderr + failed.stdout + failed.stderr
    files = [path for path in world.store.rglob("*") if path.is_file()]
    assert [path for path in files if b"s3cr3t" in path.read_bytes()] == []


def test_a_tree_of_another_tool_is_adopted(world: World) -> None:
    """Repositories in a folder become a snapshot by content, and what they have lost is taken from elsewhere."""
    full = world.repository("base", APP_1, APP_2, advisories=[Advisory("EX-2026:1", (APP_1,))])
    elsewhere = world.path / "elsewhere"
    shutil.copytree(full.path, elsewhere / "base")
    world.repository("base", APP_1)
    tree = world.path / "20251101"
    world.repositories.rename(tree)

    outcome = world.snapshot("adopt", tree, "--name", "20251101", "--metadata-from", elsewhere, "--json")

    assert outcome.code == 0, outcome
    document = outcome.json()
    assert (document["name"], document["origin"]) == ("20251101", "adopt")
    assert [(each["repo_id"], each["packages"], each["advisories"]) for each in document["repositories"]] == [
        ("base", 1, 1)
    ]
    (pooled,) = (world.store / "pool").rglob("*.rpm")
    assert pooled.samefile(tree / "base/Packages" / APP_1.filename)


def test_a_tree_is_called_as_its_folder_is(world: World) -> None:
    """Without --name the snapshot is called as the folder is; a name that cannot be ends with 10, before any work."""
    world.repository("base", APP_1)
    tree, other = world.path / "20251101", world.path / "my tree"
    shutil.copytree(world.repositories, tree)
    shutil.copytree(world.repositories, other)

    adopted = world.snapshot("adopt", tree, "--json")
    refused = world.snapshot("adopt", other)

    assert adopted.json()["name"] == "20251101"
    assert (refused.code, "'my tree'" in refused.stderr) == (10, True)


def test_a_folder_without_repositories_is_not_adopted(world: World) -> None:
    """A folder that has no repository in it is refused with 15, and no snapshot is made."""
    folder = world.path / "empty"
    folder.mkdir()

    outcome = world.snapshot("adopt", folder, "--name", "20251101")

    assert outcome.code == 15
    assert world.snapshot("list", "--json").json()["snapshots"] == []


def test_faults_are_found(world: World) -> None:
    """A whole snapshot is verified with 0; a damaged rpm, found when all are hashed again, ends with 21."""
    base = world.repository("base", APP_1, TOOL)
    world.freeze("one", base)
    assert world.snapshot("publish", "testing", "one").code == 0
    whole = world.snapshot("verify", "--deep", "--json")
    (rpm,) = (world.store / "pool").rglob(APP_1.filename)
    content = bytearray(rpm.read_bytes())
    content[-1] ^= 1
    rpm.unlink()
    rpm.write_bytes(content)

    shallow = world.snapshot("verify", "testing", "--json")
    deep = world.snapshot("verify", "testing", "--deep", "--json")
    text = world.snapshot("verify", "--deep")

    assert (whole.code, shallow.code, deep.code, text.code) == (0, 0, 21, 21)
    assert whole.json()["document"] == "yumbridge-verify"
    assert [(fault["kind"], fault["path"], fault["snapshots"]) for fault in deep.json()["pool"]] == [
        ("pool", str(rpm.relative_to(world.store)), 1)
    ]
    assert text.stdout.splitlines()[-1] == "1 snapshot, 2 rpms hashed: 1 fault."


def test_a_ref_that_leads_nowhere_is_a_fault(world: World) -> None:
    """Verify without a name looks at refs too."""
    world.freeze("one", world.repository("base", APP_1))
    world.snapshot("publish", "testing", "one")
    (world.store / "snapshots/one").rename(world.path / "gone")

    outcome = world.snapshot("verify", "--json")

    assert outcome.code == 21
    assert [fault["path"] for fault in outcome.json()["refs"]] == ["refs/testing"]
