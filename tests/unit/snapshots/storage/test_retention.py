"""What is kept, what goes, and because of what."""

from __future__ import annotations

from snapshots.storage.retention import (
    Because,
    Holder,
    HolderKind,
    Holding,
    Policy,
    PoolFile,
    References,
    RpmReason,
    SnapshotReason,
    Standing,
    judged,
    judged_pool,
)

NOTHING = References(refs={}, locks={})


def standing(name: str, day: int, snapshot_id: str = "") -> Standing:
    return Standing(
        name=name,
        snapshot_id=snapshot_id or f"sha256:{name}",
        cut_at=f"2026-11-{day:02}T00:00:00Z",
        size_bytes=10,
    )


def because(reason: SnapshotReason, rule: str) -> Because:
    return Because(reason=reason, rule=rule)


def pool(**sizes: int) -> dict[str, tuple[PoolFile, ...]]:
    return {pkgid: (PoolFile(path=f"{pkgid}/x.rpm", size_bytes=size),) for pkgid, size in sizes.items()}


def test_the_newest_are_those_cut_last_whatever_they_are_called() -> None:
    kept, going = judged([standing("z", 1), standing("a", 3), standing("m", 2)], NOTHING, Policy(keep_last=2))

    assert [verdict.name for verdict in kept] == ["a", "m"]
    assert kept[0].because == (because(SnapshotReason.RECENT, "among the last 2"),)
    assert [verdict.name for verdict in going] == ["z"]
    rule = "no ref, no lock, not among the last 2"
    assert going[0].because == (because(SnapshotReason.UNREFERENCED, rule),)


def test_every_reason_to_keep_a_snapshot_is_told() -> None:
    references = References(
        refs={"testing": "a", "production": "a", "other": "b"}, locks={"one": "sha256:a", "two": "sha256:c"}
    )

    kept, _ = judged([standing("a", 1)], references, Policy(keep_last=1, named=("a",)))

    assert kept[0].because == (
        because(SnapshotReason.LOCK, "one"),
        because(SnapshotReason.REF, "production"),
        because(SnapshotReason.REF, "testing"),
        because(SnapshotReason.RECENT, "among the last 1"),
        because(SnapshotReason.NAMED, "a"),
    )


def test_a_lock_keeps_every_snapshot_of_its_content() -> None:
    same = [standing("a", 1, "sha256:x"), standing("b", 2, "sha256:x"), standing("c", 3, "sha256:y")]

    kept, going = judged(same, References(refs={}, locks={"a": "sha256:x"}), Policy(keep_last=0))

    assert {verdict.name for verdict in kept} == {"a", "b"}
    assert {verdict.name for verdict in going} == {"c"}


def test_none_of_the_last_are_kept_when_none_are_wanted() -> None:
    kept, going = judged([standing("a", 1)], NOTHING, Policy(keep_last=0))

    assert not kept
    assert len(going) == 1


def test_a_snapshot_that_is_kept_by_a_ref_is_one_of_the_last_as_well() -> None:
    """Otherwise a ref on the newest would let an older one stay in its place."""
    kept, going = judged(
        [standing("a", 1), standing("b", 2)], References(refs={"production": "b"}, locks={}), Policy(keep_last=1)
    )

    assert [verdict.name for verdict in kept] == ["b"]
    assert [verdict.name for verdict in going] == ["a"]


def test_rpms_go_with_the_last_snapshot_that_had_them() -> None:
    files = pool(p=1, q=2, r=4, s=8)
    holders = [
        Holder(HolderKind.SNAPSHOT, "stays", frozenset("p")),
        Holder(HolderKind.SNAPSHOT, "goes", frozenset("pqr"), is_kept=False),
        Holder(HolderKind.MIRROR, "base", frozenset("r")),
    ]

    holdings, going = judged_pool(files, holders)

    assert [(verdict.reason, [file.path for file in verdict.rpms], verdict.size_bytes) for verdict in going] == [
        (RpmReason.PRUNED, ["q/x.rpm"], 2),
        (RpmReason.UNREFERENCED, ["s/x.rpm"], 8),
    ]
    assert [holding.name for holding in holdings] == ["stays", "base"]


def test_what_something_keeps_alone_is_told_apart() -> None:
    holders = [
        Holder(HolderKind.SNAPSHOT, "a", frozenset({"p", "q", "not-in-the-pool"})),
        Holder(HolderKind.LOCK, "b", frozenset({"q"})),
    ]

    holdings, going = judged_pool(pool(p=1, q=2), holders)

    assert holdings == (
        Holding(kind=HolderKind.SNAPSHOT, name="a", rpms=2, size_bytes=3, alone_rpms=1, alone_bytes=1),
        Holding(kind=HolderKind.LOCK, name="b", rpms=1, size_bytes=2, alone_rpms=0, alone_bytes=0),
    )
    assert going == ()
