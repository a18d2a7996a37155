"""INI files as dnf reads them."""

from __future__ import annotations

import pytest

from yumbridge.desired.ini import BEGIN, END, edited, read_section, rendered, rendered_options, sections_of
from yumbridge.errors import ConfigError

FILE = """\
# see dnf.conf(5)

[main]
gpgcheck=True
; installonly_limit=9
installonly_limit = 3
exclude=kernel*
    nvidia*
color=never

[extra]
best=1
installonly_limit=9
"""


def faults(text: str) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        read_section(text, "main")
    return caught.value.details


def test_a_section_is_read_as_dnf_reads_it() -> None:
    assert read_section(FILE, "main") == (
        ("gpgcheck", "True"),
        ("installonly_limit", "3"),
        ("exclude", "kernel*\nnvidia*"),
        ("color", "never"),
    )
    assert read_section("[main]\nA=1\na = b=c # no comment\na:=\n", "main") == (
        ("A", "1"),
        ("a", "b=c # no comment"),
        ("a:", ""),
    )


def test_the_last_of_several_values_counts_in_all_sections_of_one_name() -> None:
    assert read_section("[main]\na=1\n a\nb=2\n[x]\na=9\n[main]\na=3\n", "main") == (("a", "3"), ("b", "2"))


def test_quotes_around_a_value_are_no_part_of_it() -> None:
    assert read_section("[main]\na=\"x y\"\nb='\nc='z\n", "main") == (("a", "x y"), ("b", "'"), ("c", "'z"))


def test_a_text_without_a_header_may_be_of_one_section() -> None:
    assert read_section("best=1\n[main]\na=2\n[x]\na=3", "main", headless=True) == (("best", "1"), ("a", "2"))


def test_sections_are_told_by_name() -> None:
    assert sections_of("[a]\n [b] # c\n[]\n[c\n#[d]\n") == {"a", "b"}


def test_every_line_that_dnf_could_not_read_is_told() -> None:
    assert faults("a=1\n[main]\n b\nfoo\n=1\n[]\nc=1\n# d\n e\nf=1\n\n \n g\n") == (
        "line 1: an option needs a section before it",
        "line 3: an indented line continues nothing",
        "line 4: an option needs a name and an equals sign",
        "line 5: an option needs a name and an equals sign",
        "line 6: a section needs a name and a closing bracket",
        "line 9: an indented line continues nothing",
        "line 13: an indented line continues nothing",
    )


def test_a_long_line_of_blanks_takes_no_time() -> None:
    assert len(faults("[main]\na" + " " * 1_000_000)) == 1


def test_options_are_rendered_in_their_order() -> None:
    assert rendered("r", (("b", "1"), ("a", "x\n\ny"))) == "[r]\nb=1\na=x\n    y\n"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("a", "1\n[other]"),
        ("a", "1\n  [other]"),
        ("a", "1\rb=2"),
        ("a", "\x00"),
        ("a", "\x1b[2J"),
        ("a", '"x"'),
        ("a\nb", "1"),
        ("[a", "1"),
        ("a=b", "1"),
        ("#a", "1"),
        ("", "1"),
    ],
)
def test_what_would_be_read_as_something_else_is_refused(name: str, value: str) -> None:
    with pytest.raises(ConfigError):
        rendered_options(((name, value),))


@pytest.mark.parametrize("name", ["a]\nb=1\n[c", "", "a/b", "a b"])
def test_a_section_has_a_plain_name(name: str) -> None:
    with pytest.raises(ConfigError):
        rendered(name, ())


def test_an_option_is_set_once_and_all_else_stays() -> None:
    assert edited(FILE, "main", (("exclude", "a b"), ("installonly_limit", "5"))) == (
        "# see dnf.conf(5)\n\n[main]\n"
        f"{BEGIN}\nexclude=a b\ninstallonly_limit=5\n{END}\n"
        "gpgcheck=True\n; installonly_limit=9\ncolor=never\n\n[extra]\nbest=1\ninstallonly_limit=9\n"
    )


def test_an_option_that_is_no_longer_wanted_goes() -> None:
    once = edited(FILE, "main", (("best", "1"), ("keepcache", "1")))

    assert edited(once, "main", ()) == FILE


def test_a_name_inside_another_one_is_another_option() -> None:
    text = "[main]\nexcludepkgs=a\n# exclude=b\nno_exclude=c\nexclude_from_weak=d\n"

    assert edited(text, "main", (("exclude", "x"),)).endswith(text.removeprefix("[main]\n"))


def test_replaced_options_go_though_they_are_not_set() -> None:
    assert edited("[main]\nexclude=a\nb=1\n", "main", (("excludepkgs", "x"),), frozenset({"exclude"})) == (
        f"[main]\n{BEGIN}\nexcludepkgs=x\n{END}\nb=1\n"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "[main]\nBLOCK"),
        ("# alone", "# alone\n[main]\nBLOCK"),
        ("[main]", "[main]\nBLOCK"),
        ("[x]\na=1", "[x]\na=1\n[main]\nBLOCK"),
        ("[main]\r\na=0\r\nb=1\r\n", "[main]\r\nBLOCKb=1\r\n"),
        ("\N{ZERO WIDTH NO-BREAK SPACE}[main]\na=0\n", "\N{ZERO WIDTH NO-BREAK SPACE}[main]\nBLOCK"),
        ("[main]\na=0\n[x]\n[main]\na=2\nc=3\n", "[main]\nBLOCK[x]\n[main]\nc=3\n"),
        # An option that older releases of dnf read across comments and empty lines.
        ("[main]\na=0\n# c\n\n 1\nb=2\n", "[main]\nBLOCK# c\n\nb=2\n"),
        # A blank line would become a part of the value above.
        ("[main]\nb=2\na=0\n \nc=3\n", "[main]\nBLOCKb=2\nc=3\n"),
        (f"[main]\n{END}\nb=2\n{BEGIN}\nc=3\n[x]\n{END}\n", f"[main]\nBLOCKb=2\nc=3\n[x]\n{END}\n"),
    ],
)
def test_any_file_can_be_edited(text: str, expected: str) -> None:
    assert edited(text, "main", (("a", "1"),)) == expected.replace("BLOCK", f"{BEGIN}\na=1\n{END}\n")
