"""Laws of the files that dnf reads: editing them, and what dnf's own parser makes of them."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import dnf_files
from yumbridge.desired.configuration import Options
from yumbridge.desired.ini import BEGIN, END, edited, read_section, rendered
from yumbridge.errors import ConfigError

NAMES = st.sampled_from(["best", "exclude", "excludepkgs", "proxy", "keepcache", "a.b-c_d"])
WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8).map(str.strip)
VALUES = st.lists(WORDS, max_size=3).map("\n".join)
OPTIONS = st.dictionaries(NAMES, VALUES, max_size=4).map(lambda found: tuple(sorted(found.items())))

LINES = st.sampled_from(
    [
        *("[main]", "[main] # c", " [other]", "[other]", "[]", "[x", "\N{ZERO WIDTH NO-BREAK SPACE}[main]"),
        *("best=0", "exclude = a", "exclude=a\r", "foreign=1", "foreign:1", "=1", "junk"),
        *("  more", "\tmore=1", " # no comment", "# comment", "; best=1", "", " ", "\r"),
        *(BEGIN, END, "excludepkgs=", "a\x00=1", "x=\x0b\u2028y", "# \udcff"),
    ]
)
FOREIGN = frozenset(
    {"foreign=1", "foreign:1", "=1", "junk", "# comment", "; best=1", "[other]", " [other]", "[]", "[x"}
)
FILES = st.lists(LINES, max_size=12).map("\n".join)


@given(FILES, OPTIONS)
def test_editing_twice_is_editing_once(text: str, options: Options) -> None:
    """Unchanged files are untouched: what a run has written, the next one leaves alone."""
    try:
        once = edited(text, "main", options)
    except ConfigError:
        return
    assert edited(once, "main", options) == once


@given(FILES, OPTIONS)
def test_foreign_lines_survive_in_their_order(text: str, options: Options) -> None:
    """Foreign lines, comments and other sections are left byte for byte."""
    without_blocks = text.replace(BEGIN, "").replace(END, "")
    try:
        lines = edited(without_blocks, "main", options).split("\n")
    except ConfigError:
        return
    assert [line for line in lines if line in FOREIGN] == [
        line for line in without_blocks.split("\n") if line in FOREIGN
    ]


@given(FILES, OPTIONS)
def test_what_was_set_is_read_back_once(text: str, options: Options) -> None:
    """Our keys are set in [main] exactly once."""
    try:
        found = dict(read_section(edited(text, "main", options), "main"))
    except ConfigError:
        return
    assert {key: found[key] for key, _ in options} == {key: _as_read(value) for key, value in options}


@settings(max_examples=15, deadline=None)  # each starts dnf's interpreter
@given(st.lists(st.tuples(FILES, OPTIONS), min_size=20, max_size=20))
def test_dnf_reads_what_we_read(cases: list[tuple[str, Options]]) -> None:
    """Read with the ConfigParser rules of dnf: a file is readable to both or to none, with the same values."""
    with tempfile.TemporaryDirectory() as folder:
        texts = [_edited(text, options) for text, options in cases]
        files = [Path(folder) / str(number) for number in range(len(texts))]
        for file, text in zip(files, texts, strict=True):
            file.write_bytes(text.encode("utf-8", "surrogateescape"))
        found = dnf_files.options_of(files)
    for text, theirs in zip(texts, found, strict=True):
        try:
            ours = dict(read_section(text, "main"))
        except ConfigError:
            assert theirs is None, text
        else:
            assert theirs is not None, text
            # dnf counts the empty lines at the end of a value as its own.
            stated = {key: re.sub(r"\n+", "\n", value).rstrip("\n") for key, value in theirs.get("main", {}).items()}
            assert stated == {key: value.rstrip("\n") for key, value in ours.items()}, text


@given(st.text(max_size=20), st.text(max_size=20))
def test_no_value_becomes_another_option(key: str, value: str) -> None:
    """Nothing injects another section or key: a value is read back as it was, or refused."""
    try:
        text = rendered("r", (("before", "1"), (key, value), ("after", "1")))
    except ConfigError:
        return
    found = read_section(text, "r")
    assert [name for name, _ in found] == list(dict.fromkeys(["before", key, "after"]))
    assert text.count("[r]\n") >= 1


def _edited(text: str, options: Options) -> str:
    try:
        return edited(text, "main", options)
    except ConfigError:
        return text


def _as_read(value: str) -> str:
    first, *rest = value.split("\n")
    return "\n".join((first.strip(" \t"), *(line.strip(" \t") for line in rest if line.strip(" \t"))))
