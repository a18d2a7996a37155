"""What a store publishes is read by every generation of dnf, as nginx serves it and as it lies on a disk."""

from __future__ import annotations

import pytest

from tests.support.readers import GZIP_HOST, HOST, LIBRARY, NEW, OLD, ON_DISK, STREAMS, Reader, Store, name_of


@pytest.mark.parametrize(
    "baseurl",
    [
        f"http://{HOST}/snapshots/second/base",
        f"http://{HOST}/refs/production/base",
        f"file://{ON_DISK}/refs/production/base",
        f"http://{GZIP_HOST}/snapshots/second/base",
    ],
    ids=["snapshot", "ref", "disk", "gzip"],
)
def test_a_package_and_what_it_needs_are_installed(reader: Reader, baseurl: str) -> None:
    """A package is installed with what it needs, from a snapshot and from a ref, over HTTP and from a disk."""
    reader.read(baseurl)
    reader.run("install", "tool")
    assert reader.installed == {"tool-2-1", "library-1-1"}


def test_a_ref_that_moves_is_followed_by_the_next_run(reader: Reader, store: Store) -> None:
    """A ref that moves is followed by the next run that refreshes, back and forth."""
    ref = name_of(reader.dnf)
    reader.read(f"http://{HOST}/refs/{ref}/base")
    for snapshot, newest in (("first", "tool-0:1-1."), ("second", "tool-0:2-1."), ("first", "tool-0:1-1.")):
        store.command("publish", ref, snapshot)
        found = reader.run("repoquery", "--refresh", "--latest-limit=1", "tool")
        assert newest in found, snapshot


def test_a_whole_snapshot_is_copied(reader: Reader) -> None:
    """`dnf reposync` copies a snapshot, its rpms from the pool included."""
    if reader.dnf.distribution == "debian-11":
        pytest.skip("Debian 11 has no reposync")
    reader.read(f"http://{HOST}/snapshots/second/base")
    reader.run("reposync", "--repoid=base", "--download-path=/copy")
    copied = reader.container.run("find", "/copy", "-name", "*.rpm", "-printf", "%f\n").split()
    assert sorted(copied) == sorted(rpm.filename for rpm in (LIBRARY, OLD, NEW, *STREAMS))
