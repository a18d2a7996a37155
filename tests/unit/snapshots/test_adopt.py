"""Trees of other tools, taken over as snapshots."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from snapshots.adopt import Adopted, AdoptRequest, adopt
from snapshots.errors import IncompleteError, InvalidNameError, SnapshotError, SnapshotExistsError, UpstreamError
from snapshots.storage.store import Store, writing
from tests.support import tool
from tests.support.advisories import Advisory
from tests.support.comps import comps, group, module
from tests.support.dnf import dnf
from tests.support.repositories import Contents, Repository
from tests.support.rpms import Rpm
from tests.support.stores import new_store
from tests.support.trees import Tree
from tests.support.world import World

OLD = Rpm("openssl", "1:3.0-1", arch="x86_64")
NEW = Rpm("openssl", "1:3.0-2", arch="x86_64")
NEWER = Rpm("openssl", "1:3.0-3", arch="x86_64")
BASH = Rpm("bash")
APP = Rpm("app", "1-1.module_1", arch="x86_64")
FIX = Advisory("RHSA-2026:1", packages=(NEW,), severity="Critical", cves=("CVE-2026-1",))
LATER = Advisory("RHSA-2026:2", packages=(NEWER,))


@pytest.fixture
def store(world: World) -> Store:
    return new_store(world.path / "store")


@pytest.fixture
def mirror(world: World) -> Repository:
    """Return what upstream has by now, with everything that yum_snapshot loses."""
    return world.publish(
        "el9-baseos",
        Contents(
            rpms=(OLD, NEW, NEWER, BASH, APP),
            advisories=(FIX, LATER),
            comps=comps(group("core", mandatory=("bash", "app")), group("apps", mandatory=("app",))),
            modules=module("app", "1", ["app-0:1-1.module_1.x86_64"]),
        ),
    )


def yum_snapshot(mirror: Repository, root: Path, *rpms: Rpm, name: str = "el9-baseos") -> Path:
    """Do what the script of that name does, and return the folder of the day.

    Source: quattor/scdb, utils/yum/yum_snapshot: hard links, then createrepo, whatever the source's repodata had.
    """
    folder = root / "20261103" / name / "Packages"
    folder.mkdir(parents=True)
    for rpm in rpms:
        os.link(mirror.file(rpm), folder / rpm.filename)
    tool.run("createrepo_c", "--quiet", "--database", folder.parent)
    return root / "20261103"


def quiet(_phase: str, _done: int, _total: int) -> None:
    """Hear nothing."""


def adopted(store: Store, folder: Path, metadata_from: Path | None = None, name: str = "20261103") -> Adopted:
    return adopt(store, AdoptRequest(folder=folder, name=name, metadata_from=metadata_from), quiet)


def test_a_tree_of_yum_snapshot_has_its_advisories_again(
    world: World, store: Store, mirror: Repository, tmp_path: Path
) -> None:
    day = yum_snapshot(mirror, tmp_path / "snapshots", NEW, BASH)
    root = world.root(OLD)
    lost = Repository("el9", day / "el9-baseos", (day / "el9-baseos").as_uri(), ())
    assert "RHSA" not in dnf(root.path, "updateinfo", "list", repositories=[lost]).stdout

    adopted(store, day, metadata_from=world.repositories)

    found = store.path / "snapshots/20261103/el9-baseos"
    outcome = dnf(root.path, "updateinfo", "list", repositories=[Repository("el9", found, found.as_uri(), ())])
    assert "RHSA-2026:1" in outcome.stdout
    assert "openssl-1:3.0-2.x86_64" in outcome.stdout
    # What the tree does not hold is not promised.
    assert "RHSA-2026:2" not in outcome.stdout


def test_the_tree_stays_as_it_was(store: Store, mirror: Repository, tmp_path: Path) -> None:
    day = yum_snapshot(mirror, tmp_path / "snapshots", NEW, BASH)
    before = Tree.of(day)

    adopted(store, day, metadata_from=mirror.path)

    assert before.changes(Tree.of(day)) == ()


def test_the_rpms_are_linked_and_not_copied(store: Store, mirror: Repository, tmp_path: Path) -> None:
    day = yum_snapshot(mirror, tmp_path / "snapshots", NEW, BASH)

    done = adopted(store, day)

    assert done.added == 2
    inodes = {path.stat().st_ino for path in day.rglob("*.rpm")}
    assert {path.stat().st_ino for path in store.pool.rglob("*.rpm")} == inodes


def test_an_rpm_of_the_day_before_is_not_added_again(store: Store, mirror: Repository, tmp_path: Path) -> None:
    adopted(store, yum_snapshot(mirror, tmp_path / "one", NEW, BASH), name="monday")

    assert adopted(store, yum_snapshot(mirror, tmp_path / "two", NEWER, BASH), name="tuesday").added == 1


def test_the_other_metadata_is_limited_to_what_is_held(store: Store, mirror: Repository, tmp_path: Path) -> None:
    adopted(store, yum_snapshot(mirror, tmp_path, NEW, BASH), metadata_from=mirror.path)

    repository = store.repository("20261103", "el9-baseos")
    assert b"core" in repository.comps
    assert b"apps" not in repository.comps
    assert repository.modules == b""
    assert [advisory.advisory_id for advisory in repository.index.advisories] == ["RHSA-2026:1"]


def test_module_metadata_comes_with_its_packages(store: Store, mirror: Repository, tmp_path: Path) -> None:
    adopted(store, yum_snapshot(mirror, tmp_path, APP), metadata_from=mirror.path)

    assert b"app-0:1-1.module_1.x86_64" in store.repository("20261103", "el9-baseos").modules


def test_what_the_tree_has_itself_goes_first(world: World, store: Store, mirror: Repository) -> None:
    own = Advisory("SITE-1", packages=(NEW,))
    tree = World(world.path / "day", world.cache).repository("el9-baseos", NEW, BASH, advisories=(own,))

    adopted(store, tree.path.parent, metadata_from=mirror.path)

    repository = store.repository("20261103", "el9-baseos")
    assert [advisory.advisory_id for advisory in repository.index.advisories] == ["SITE-1"]
    assert repository.comps


def test_the_day_in_its_name_is_when_it_was_cut(store: Store, mirror: Repository, tmp_path: Path) -> None:
    day = yum_snapshot(mirror, tmp_path, BASH)

    adopted(store, day, name="whole")
    adopted(store, day / "el9-baseos", name="one-of-it")

    assert store.provenance("whole").cut_at == "2026-11-03T00:00:00Z"
    assert store.provenance("one-of-it").cut_at == "2026-11-03T00:00:00Z"
    assert store.provenance("whole").origin == "adopt"
    # One repository by itself is the same content as a folder with nothing else in it.
    assert store.manifest("whole") == store.manifest("one-of-it")


def test_without_a_day_the_revision_tells_when_it_was_cut(store: Store, mirror: Repository) -> None:
    adopted(store, mirror.path)

    assert store.provenance("20261103").cut_at == "2023-11-14T22:13:20Z"


def test_several_repositories_are_one_snapshot(store: Store, mirror: Repository, tmp_path: Path) -> None:
    yum_snapshot(mirror, tmp_path, BASH, name="site")
    day = yum_snapshot(mirror, tmp_path, NEW)

    done = adopted(store, day, metadata_from=mirror.path.parent)

    assert [repository.repo_id for repository in done.manifest.repositories] == ["el9-baseos", "site"]
    assert f"{mirror.path.parent} has no repodata for site" in done.warnings


def test_metadata_of_several_repositories_needs_a_folder_for_each(
    store: Store, mirror: Repository, tmp_path: Path
) -> None:
    yum_snapshot(mirror, tmp_path, BASH, name="site")
    day = yum_snapshot(mirror, tmp_path, NEW)

    adopted(store, day, metadata_from=mirror.path)

    assert store.repository("20261103", "el9-baseos").index.advisories == ()


def test_missing_advisories_are_told(store: Store, mirror: Repository, tmp_path: Path) -> None:
    done = adopted(store, yum_snapshot(mirror, tmp_path, BASH))

    words = "el9-baseos has no advisories: hosts will not be told of security updates"
    assert done.warnings == (words,)
    assert store.provenance("20261103").warnings == (words,)


def test_rpms_in_no_metadata_are_told_and_left_out(store: Store, mirror: Repository, tmp_path: Path) -> None:
    day = yum_snapshot(mirror, tmp_path, BASH)
    shutil.copy(mirror.file(NEW), day / "el9-baseos/Packages/late.rpm")

    done = adopted(store, day)

    assert done.unlisted == ("el9-baseos/Packages/late.rpm",)
    assert "el9-baseos/Packages/late.rpm is in no metadata" in done.warnings
    assert len(done.manifest.repositories[0].packages) == 1


def test_an_rpm_that_is_not_what_its_metadata_says_is_refused(store: Store, mirror: Repository, tmp_path: Path) -> None:
    day = yum_snapshot(mirror, tmp_path, BASH, NEW)
    bad = day / "el9-baseos/Packages" / BASH.filename
    content = bytearray(bad.read_bytes())
    content[-1] ^= 1
    bad.unlink()
    bad.write_bytes(content)

    with pytest.raises(UpstreamError, match="1 rpm is not what the metadata says") as caught:
        adopted(store, day)
    assert "bash-1-1.noarch" in caught.value.details[0]
    assert store.names() == ()
    assert not list(store.pool.rglob(BASH.filename))


def test_a_damaged_rpm_is_refused_even_when_the_pool_has_a_sound_one(
    store: Store, mirror: Repository, tmp_path: Path
) -> None:
    adopted(store, yum_snapshot(mirror, tmp_path / "one", BASH), name="sound")
    day = yum_snapshot(mirror, tmp_path / "two", BASH)
    bad = day / "el9-baseos/Packages" / BASH.filename
    content = bytearray(bad.read_bytes())
    content[-1] ^= 1
    bad.unlink()
    bad.write_bytes(content)

    with pytest.raises(UpstreamError, match="1 rpm is not what the metadata says"):
        adopted(store, day)


def test_missing_rpms_are_all_named(store: Store, mirror: Repository, tmp_path: Path) -> None:
    day = yum_snapshot(mirror, tmp_path, BASH, NEW, APP)
    for rpm in (BASH, NEW):
        (day / "el9-baseos/Packages" / rpm.filename).unlink()

    with pytest.raises(IncompleteError, match="2 rpms are not where the metadata has them") as caught:
        adopted(store, day)
    assert {line.split()[1] for line in caught.value.details} == {"bash-1-1.noarch:", "openssl-1:3.0-2.x86_64:"}


def test_a_tree_of_symbolic_links_is_taken_by_content(store: Store, mirror: Repository, tmp_path: Path) -> None:
    folder = tmp_path / "20261103/site"
    folder.mkdir(parents=True)
    (folder / BASH.filename).symlink_to(mirror.file(BASH))
    tool.run("createrepo_c", "--quiet", folder)

    adopted(store, folder.parent)

    assert [path.is_symlink() for path in store.pool.rglob("*.rpm")] == [False]


@pytest.mark.parametrize("name", ["repodata/primary.xml.gz", "repodata/repomd.xml"])
@pytest.mark.parametrize("device", ["pipe", "/dev/zero"])
def test_what_is_no_plain_file_is_refused_and_not_waited_for(
    store: Store, mirror: Repository, name: str, device: str
) -> None:
    path = mirror.path / name
    path.unlink()
    if device == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(device)

    with pytest.raises(SnapshotError):
        adopted(store, mirror.path)
    with writing(store, "another"):
        assert store.names() == ()


def test_an_rpm_of_any_size_is_not_read_where_the_metadata_says_less(
    store: Store, mirror: Repository, tmp_path: Path
) -> None:
    adopted(store, yum_snapshot(mirror, tmp_path / "one", BASH), name="sound")
    day = yum_snapshot(mirror, tmp_path / "two", BASH)
    bad = day / "el9-baseos/Packages" / BASH.filename
    bad.unlink()
    with bad.open("wb") as file:
        file.truncate(1 << 42)

    with pytest.raises(UpstreamError, match="1 rpm is not what the metadata says"):
        adopted(store, day)


def test_an_rpm_that_only_its_owner_may_read_is_copied(store: Store, mirror: Repository, tmp_path: Path) -> None:
    day = yum_snapshot(mirror, tmp_path, NEW, BASH)
    private = day / "el9-baseos/Packages" / BASH.filename
    private.chmod(0o600)

    adopted(store, day)

    (there,) = store.pool.rglob(BASH.filename)
    assert (there.stat().st_mode & 0o777, private.stat().st_mode & 0o777) == (0o644, 0o600)
    assert there.read_bytes() == private.read_bytes()
    (linked,) = store.pool.rglob(NEW.filename)
    assert linked.samefile(day / "el9-baseos/Packages" / NEW.filename)


def test_sha1_is_refused(store: Store, mirror: Repository, tmp_path: Path) -> None:
    day = yum_snapshot(mirror, tmp_path, BASH)
    tool.run("createrepo_c", "--quiet", "--checksum=sha", day / "el9-baseos")

    with pytest.raises(UpstreamError) as caught:
        adopted(store, day)
    assert "sha" in " ".join((caught.value.message, *caught.value.details))


def test_metadata_in_databases_alone_is_refused(store: Store, mirror: Repository, tmp_path: Path) -> None:
    day = yum_snapshot(mirror, tmp_path, BASH)
    for kind in ("primary", "filelists", "other"):
        tool.run("modifyrepo_c", "--remove", kind, day / "el9-baseos/repodata")

    with pytest.raises(UpstreamError) as caught:
        adopted(store, day)
    assert "primary" in " ".join((caught.value.message, *caught.value.details))


def test_what_has_no_repository_is_refused(store: Store, tmp_path: Path) -> None:
    (tmp_path / "empty/folder").mkdir(parents=True)

    for folder in ("empty", "nowhere"):
        with pytest.raises(UpstreamError, match="has no repository in it"):
            adopted(store, tmp_path / folder)


def test_a_folder_whose_name_is_no_name_is_refused(store: Store, mirror: Repository, tmp_path: Path) -> None:
    day = yum_snapshot(mirror, tmp_path, BASH, name="a repository")

    with pytest.raises(InvalidNameError):
        adopted(store, day)


def test_adopting_again_is_the_same_snapshot(store: Store, mirror: Repository, tmp_path: Path) -> None:
    day = yum_snapshot(mirror, tmp_path / "one", BASH)

    assert adopted(store, day).manifest == adopted(store, day).manifest
    with pytest.raises(SnapshotExistsError):
        adopted(store, yum_snapshot(mirror, tmp_path / "two", NEW))


def test_nothing_is_left_of_the_work(store: Store, mirror: Repository, tmp_path: Path) -> None:
    adopted(store, yum_snapshot(mirror, tmp_path, BASH), metadata_from=mirror.path)

    assert list((store.path / "mirrors").iterdir()) == []
