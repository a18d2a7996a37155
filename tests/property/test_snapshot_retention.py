"""Laws of what prune keeps."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from snapshots.storage.retention import (
    Holder,
    HolderKind,
    Policy,
    PoolFile,
    References,
    SnapshotReason,
    Standing,
    judged,
    judged_pool,
)

NAMES = st.sampled_from("abcdefgh")
PKGIDS = st.frozensets(st.sampled_from("0123456789"))


@st.composite
def standings(draw: st.DrawFn) -> list[Standing]:
    names = draw(st.lists(NAMES, unique=True))
    return [
        Standing(
            name=name,
            snapshot_id=draw(st.sampled_from("xyz")),
            cut_at=f"2026-11-{draw(st.integers(1, 30)):02}T00:00:00Z",
            size_bytes=1,
        )
        for name in names
    ]


REFERENCES = st.builds(
    References,
    refs=st.dictionaries(st.sampled_from(["testing", "production"]), NAMES),
    locks=st.dictionaries(NAMES, st.sampled_from("xyz")),
)
POLICIES = st.builds(Policy, keep_last=st.integers(0, 9), named=st.lists(NAMES).map(tuple))
HOLDERS = st.lists(st.builds(Holder, st.sampled_from(HolderKind), NAMES, PKGIDS, st.booleans()))


@given(standings(), REFERENCES, POLICIES)
def test_every_snapshot_has_one_verdict_and_each_has_a_reason(
    found: list[Standing], references: References, policy: Policy
) -> None:
    kept, going = judged(found, references, policy)

    assert sorted(verdict.name for verdict in (*kept, *going)) == sorted(standing.name for standing in found)
    assert all(verdict.because for verdict in (*kept, *going))
    assert all(because.reason is SnapshotReason.UNREFERENCED for verdict in going for because in verdict.because)
    assert all(because.reason is not SnapshotReason.UNREFERENCED for verdict in kept for because in verdict.because)


@given(standings(), REFERENCES, POLICIES)
def test_nothing_that_is_referred_to_goes(found: list[Standing], references: References, policy: Policy) -> None:
    _, going = judged(found, references, policy)

    names = {verdict.name for verdict in going}
    assert names.isdisjoint(references.refs.values())
    assert names.isdisjoint(policy.named)
    assert {verdict.id for verdict in going}.isdisjoint(references.locks.values())


@given(standings(), REFERENCES, POLICIES)
def test_nothing_that_goes_is_newer_than_the_newest_that_are_kept(
    found: list[Standing], references: References, policy: Policy
) -> None:
    kept, going = judged(found, references, policy)

    recent = [v for v in kept if any(because.reason is SnapshotReason.RECENT for because in v.because)]
    assert len(recent) == min(policy.keep_last, len(found))
    assert all(gone.cut_at <= verdict.cut_at for gone in going for verdict in recent)


@given(standings(), REFERENCES, POLICIES, REFERENCES)
def test_more_references_never_delete_more(
    found: list[Standing], references: References, policy: Policy, more: References
) -> None:
    _, going = judged(found, references, policy)
    both = References(refs=dict(more.refs) | dict(references.refs), locks=dict(more.locks) | dict(references.locks))

    _, less = judged(found, both, policy)

    assert {verdict.name for verdict in less} <= {verdict.name for verdict in going}


@given(PKGIDS, HOLDERS)
def test_an_rpm_goes_exactly_when_nothing_that_stays_has_it(pool: frozenset[str], holders: list[Holder]) -> None:
    """Nothing in the pool is deleted while a manifest, ref, lock or running cut refers to it."""
    files = {pkgid: (PoolFile(path=f"{pkgid}/x.rpm", size_bytes=1),) for pkgid in pool}

    holdings, verdicts = judged_pool(files, holders)

    going = {file.path.partition("/")[0] for verdict in verdicts for file in verdict.rpms}
    needed = {pkgid for holder in holders if holder.is_kept for pkgid in holder.pkgids}
    assert going == pool - needed
    assert sum(len(verdict.rpms) for verdict in verdicts) == len(going)
    assert all(holding.alone_rpms <= holding.rpms for holding in holdings)
