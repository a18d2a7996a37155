"""Laws of composed repositories."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from snapshots.repodata.compose import Compression, Contents
from snapshots.repodata.index import ChunkKind
from tests.support.chunks import composed, made

PACKAGES = st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(1, 60)), max_size=120)
COMPRESSIONS = st.sampled_from(Compression)


@given(PACKAGES, PACKAGES, COMPRESSIONS)
@settings(max_examples=40)
def test_the_same_contents_are_the_same_bytes_wherever_they_come_from(
    wanted: list[tuple[str, int]], others: list[tuple[str, int]], compression: Compression
) -> None:
    """The result is a function of the contents: not of the sources, nor of what may be taken over."""
    source = made(wanted)
    packages = source.packages
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        plain = Contents(repo_id="r", packages=packages, sources=(source,))
        one, expected = composed(plain, folder / "one", compression)

        more = made([*wanted, *others])
        larger, _ = composed(
            Contents(repo_id="r", packages=more.packages, sources=(more,)), folder / "larger", compression
        )
        fewer = source.only(lambda package: package.built % 3 > 0)
        smaller, _ = composed(
            Contents(repo_id="r", packages=fewer.packages, sources=(fewer,)), folder / "smaller", compression
        )
        halves = (source.only(lambda each: each.built % 2 == 0), source.only(lambda each: each.built % 2 == 1))
        for number, (sources, reusable) in enumerate(
            [
                ((larger,), ()),
                ((smaller, source), ()),
                ((source,), (larger, smaller)),
                (halves, (smaller,)),
                ((one,), ()),
            ]
        ):
            contents = Contents(repo_id="r", packages=packages, sources=sources, reusable=reusable)
            assert composed(contents, folder / str(number), compression)[1] == expected


@given(PACKAGES, COMPRESSIONS, st.sets(st.integers(0, 119)))
@settings(max_examples=40)
def test_every_chunk_is_read_back(wanted: list[tuple[str, int]], compression: Compression, numbers: set[int]) -> None:
    """What was composed is a source of the same chunks, any of them, in the order of the packages."""
    source = made(wanted)
    some = sorted(number for number in numbers if number < len(source.packages))
    with tempfile.TemporaryDirectory() as name:
        contents = Contents(repo_id="r", packages=source.packages, sources=(source,))
        repository, _ = composed(contents, Path(name) / "r", compression)
        assert repository.packages == source.packages
        for kind in ChunkKind:
            assert list(repository.chunks(kind, some)) == list(source.chunks(kind, some))
