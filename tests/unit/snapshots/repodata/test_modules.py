"""Module metadata, limited to what is held."""

from __future__ import annotations

import pytest

from snapshots.errors import UpstreamError
from snapshots.repodata.modules import ModuleStream, held_modules, joined, streams, streams_by_artifact
from tests.support.comps import default_stream, module

ONE = module("app", "1.10", ["app-0:1-1.noarch", "app-libs-1:1-1.x86_64"])
TWO = module("app", "2", ["app-0:2-1.noarch"])
OTHER = module("other", "1", ["other-0:1-1.noarch"])
BARE = module("meta", "1", [])


def about(kind: str, name: str, stream: str) -> str:
    """Return a document that is about a stream without being a build of it."""
    return f"---\ndocument: {kind}\nversion: 1\ndata:\n  module: {name}\n  stream: {stream!r}\n...\n"


def held(text: str, *nevras: str) -> str:
    return held_modules(text.encode(), frozenset(nevras)).decode()


def test_streams_are_read_as_they_are_spelled() -> None:
    assert streams((ONE + BARE).encode()) == (
        ModuleStream("app", "1.10", 1, "00000001", "x86_64", frozenset({"app-1-1.noarch", "app-libs-1:1-1.x86_64"})),
        ModuleStream("meta", "1", 1, "00000001", "x86_64", frozenset()),
    )


def test_an_artifact_is_of_streams_at_the_newest_version_that_has_it() -> None:
    later = ONE.replace("version: 1\n  context", "version: 2\n  context")
    found = streams_by_artifact(streams((later + ONE + module("app", "2", ["app-0:1-1.noarch"])).encode()))
    assert found == {
        "app-1-1.noarch": {("app", "1.10"): 2, ("app", "2"): 1},
        "app-libs-1:1-1.x86_64": {("app", "1.10"): 2},
    }


def test_a_build_stays_byte_for_byte_when_one_artifact_is_held() -> None:
    assert held(ONE + TWO + OTHER, "app-libs-1:1-1.x86_64") == ONE


def test_an_artifact_of_another_epoch_is_another_package() -> None:
    assert held(ONE, "app-libs-1-1.x86_64") == ""


def test_a_build_without_artifacts_stays() -> None:
    assert held(OTHER + BARE) == BARE


def test_defaults_stay_while_a_stream_of_the_module_does() -> None:
    defaults = default_stream("app", "2")
    assert held(ONE + TWO + defaults, "app-1-1.noarch") == ONE + defaults
    assert held(OTHER + ONE + defaults, "other-1-1.noarch") == OTHER


@pytest.mark.parametrize("kind", ["modulemd-obsoletes", "modulemd-translations"])
def test_what_is_about_a_stream_stays_while_that_does(kind: str) -> None:
    mine, others = about(kind, "app", "1.10"), about(kind, "app", "2")
    assert held(ONE + TWO + mine + others, "app-1-1.noarch") == ONE + mine


def test_limited_again_it_is_the_same_bytes() -> None:
    once = held_modules((ONE + TWO).encode(), {"app-2-1.noarch"})
    assert held_modules(once, {"app-2-1.noarch"}) == once


def test_documents_need_no_end_of_their_own() -> None:
    text = (ONE + TWO + OTHER).replace("...\n", "")
    assert held(text, "app-1-1.noarch", "other-1-1.noarch") == ONE + OTHER


def test_a_marker_inside_a_text_does_not_end_a_document() -> None:
    quoting = ONE.replace("description: d", "description: |\n    ---\n    ...\n    d")
    assert held(TWO + quoting, "app-1-1.noarch") == quoting


def test_directives_stay_with_their_document_and_comments_before_it_go() -> None:
    text = f"# first\n{ONE}\n  # second\n\n%YAML 1.2\n{TWO}"
    assert held(text, "app-2-1.noarch") == f"%YAML 1.2\n{TWO}"
    assert held(text, "app-1-1.noarch") == ONE


def test_what_upstream_lists_beside_it_and_in_which_order_leaves_no_trace() -> None:
    mine = [ONE, OTHER, default_stream("app", "1.10"), about("modulemd-obsoletes", "app", "1.10")]
    one = held("\n".join([TWO, *mine, TWO]), "app-1-1.noarch", "other-1-1.noarch")
    assert one == held("# a\n".join(reversed(mine)), "app-1-1.noarch", "other-1-1.noarch")
    assert sorted(one.split("...\n")) == sorted("".join(mine).split("...\n"))


def test_a_document_that_is_there_twice_is_held_once() -> None:
    assert held(ONE + OTHER + ONE, "app-1-1.noarch") == ONE


def test_streams_that_only_others_have_come_with_all_that_is_about_them() -> None:
    more = (about("modulemd-obsoletes", "app", "1.10"), default_stream("app", "1.10"), default_stream("other", "1"))
    base = "".join((ONE, OTHER, *more)).encode()
    mirror = (TWO + about("modulemd-obsoletes", "app", "2") + default_stream("app", "2")).encode()
    text = joined(mirror, base).decode()
    assert more[0] in text
    # A module has one default.
    assert more[1] not in text
    assert more[2] in text
    assert joined(mirror, mirror) == mirror


def test_the_first_document_needs_no_marker() -> None:
    bare = ONE.removeprefix("---\n")
    assert held(bare + TWO, "app-1-1.noarch") == ONE
    assert held(bare.removesuffix("...\n") + TWO, "app-2-1.noarch") == TWO


@pytest.mark.parametrize(
    "text",
    [
        "--- [",
        "--- a text",
        "---\ndocument: modulemd\n",
        "---\ndocument: modulemd\ndata: {name: a, stream: b, version: later}\n",
        "---\ndocument: modulemd\ndata: {name: a, stream: b, version: 1, artifacts: {rpms: {a: b}}}\n",
        "[" * 100_000,
        "- " * 100_000,
        "".join(f"{' ' * depth}-\n" for depth in range(3000)),
        "\x00",
    ],
    ids=["unclosed", "text", "no-data", "no-number", "no-list", "brackets", "dashes", "indented", "binary"],
)
def test_what_is_no_module_metadata_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(UpstreamError, match="document 2 of the module metadata cannot be read"):
        streams((ONE + text).encode())


def test_no_metadata_has_no_streams() -> None:
    assert streams(b"") == ()
    assert held("") == ""
