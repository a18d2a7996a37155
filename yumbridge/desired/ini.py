"""The INI files of dnf: read, written, and edited without touching what others wrote.

Source: libdnf, libdnf/utils/iniparser/iniparser.cpp. Only "=" separates, only "#" and ";" in the first column begin a
comment, keys keep their case, sections of one name are one, and of one key the last value counts. An indented line
continues the value above it; older releases let it do so across comments and empty lines too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from yumbridge.desired.configuration import Options
from yumbridge.errors import ConfigError

BEGIN: Final = "# yumbridge: options that it manages, changes are lost"
END: Final = "# yumbridge: end of the options that it manages"

_BLANKS: Final = " \t\r"
_LINES: Final = re.compile(r"[^\n]*\n|[^\n]+")
_HEADER: Final = re.compile(r"[ \t\r]*\[([^\]]+)\]")
_NAME: Final = re.compile(r"[A-Za-z0-9_.:@+-]+")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_QUOTES: Final = frozenset("\"'")
_INDENT: Final = "    "
_BOM: Final = "\N{ZERO WIDTH NO-BREAK SPACE}"


class _Kind(Enum):
    HEADER = auto()
    KEY = auto()
    CONTINUATION = auto()
    COMMENT = auto()
    EMPTY = auto()
    BLANK = auto()
    WRONG = auto()


@dataclass(frozen=True, slots=True)
class _Line:
    """One line as it stands, line feed included, and the section and key that it belongs to."""

    raw: str
    kind: _Kind
    section: str
    key: str

    @property
    def text(self) -> str:
        return self.raw.strip(_BLANKS + "\n" + _BOM)


def read_section(text: str, section: str, *, headless: bool = False) -> Options:
    """Return the options of one section, each once, in the order of their first lines.

    What stands before the first header belongs to `section` too if the text may be `headless`.

    Raises ConfigError when dnf could not read the file; its details have every line at fault.
    """
    found: dict[str, list[str]] = {}
    wrong: list[str] = []
    is_open = False
    for number, line in enumerate(_lines(text, section if headless else ""), start=1):
        if line.kind is _Kind.WRONG or (line.kind is _Kind.CONTINUATION and not is_open):
            wrong.append(f"line {number}: {_fault(line)}")
        elif line.section == section and line.kind is _Kind.KEY:
            found[line.key] = [_value(line)]
        elif line.section == section and line.kind is _Kind.CONTINUATION:
            found[line.key].append(line.text)
        is_open = line.kind is _Kind.KEY or (is_open and line.kind in {_Kind.CONTINUATION, _Kind.BLANK})
    if wrong:
        raise ConfigError("not a configuration that dnf can read", wrong)
    return tuple((key, _unquoted("\n".join(lines))) for key, lines in found.items())


def sections_of(text: str) -> frozenset[str]:
    """Return the names of the sections that a file has."""
    return frozenset(line.section for line in _lines(text) if line.kind is _Kind.HEADER)


def rendered(section: str, options: Options) -> str:
    """Return a section with its header. Raises ConfigError as `rendered_options`."""
    _check_name("section", section)
    return f"[{section}]\n{rendered_options(options)}"


def rendered_options(options: Options) -> str:
    r"""Return options as lines, in their order, a value of several lines with continuation lines.

    Raises ConfigError for a name or a value that dnf would read back as something else.

    >>> rendered_options((("baseurl", "http://a\nhttp://b"),))
    'baseurl=http://a\n    http://b\n'
    """
    return "".join(_rendered_option(key, value) for key, value in options)


def edited(text: str, section: str, options: Options, replaced: AbstractSet[str] = frozenset()) -> str:
    """Return a file with `options`, each once, in one block below the first header of `section`.

    In that section, whatever the block had before is gone, and so are the lines of these keys and of `replaced` ones
    elsewhere. All else stays as it is. Raises ConfigError as `rendered_options`.
    """
    lines = list(_lines(text))
    managed = _managed(lines, section)
    mine = replaced | {key for key, _ in options}
    left = "".join(line.raw for number, line in enumerate(lines) if number not in managed)
    # Read again: an indented line below the block continues nothing of it.
    kept = list(_without(_lines(left), section, mine))
    if not options:
        return "".join(line.raw for line in kept)
    block = f"{BEGIN}\n{rendered_options(options)}{END}\n"
    for number, line in enumerate(kept):
        if line.kind is _Kind.HEADER and line.section == section:
            before = "".join(each.raw for each in kept[: number + 1])
            return _ended(before) + block + "".join(each.raw for each in kept[number + 1 :])
    return _ended("".join(line.raw for line in kept)) + f"[{section}]\n{block}"


def _lines(text: str, section: str = "") -> Iterator[_Line]:
    key = ""
    for number, raw in enumerate(_LINES.findall(text)):
        line = raw.removesuffix("\n")
        if number == 0:
            line = line.removeprefix(_BOM)
        kind = _kind(line)
        if kind is _Kind.HEADER and (header := _HEADER.match(line)):
            section, key = header[1], ""
        elif kind is _Kind.KEY:
            key = _key(line)
        yield _Line(raw, kind if section or kind is not _Kind.KEY else _Kind.WRONG, section, key)


def _kind(line: str) -> _Kind:
    stripped = line.strip(_BLANKS)
    if not line:
        return _Kind.EMPTY
    if line[0] in "#;":
        return _Kind.COMMENT
    if not stripped:
        return _Kind.BLANK
    if stripped[0] == "[":
        return _Kind.HEADER if _HEADER.match(line) else _Kind.WRONG
    if line[0] in _BLANKS:
        return _Kind.CONTINUATION
    return _Kind.KEY if "=" in line and _key(line) else _Kind.WRONG


def _key(line: str) -> str:
    return line.partition("=")[0].rstrip(" \t")


def _fault(line: _Line) -> str:
    if line.kind is _Kind.CONTINUATION:
        return "an indented line continues nothing"
    if line.text.startswith("["):
        return "a section needs a name and a closing bracket"
    return "an option needs a name and an equals sign" if line.section else "an option needs a section before it"


def _value(line: _Line) -> str:
    return line.raw.partition("=")[2].strip(_BLANKS + "\n")


def _unquoted(value: str) -> str:
    is_quoted = len(value) > 1 and value[0] == value[-1] and value[0] in _QUOTES
    return value[1:-1] if is_quoted else value


def _managed(lines: list[_Line], section: str) -> frozenset[int]:
    """Return the numbers of the lines of our blocks. A mark without its other half is only itself."""
    found: set[int] = set()
    begin: int | None = None
    for number, line in enumerate(lines):
        if line.kind is _Kind.HEADER:
            begin = None
        elif line.kind is _Kind.COMMENT and line.section == section and line.text in {BEGIN, END}:
            found.add(number)
            if line.text == BEGIN:
                begin = number
            elif begin is not None:
                found.update(range(begin, number))
                begin = None
    return frozenset(found)


def _without(lines: Iterable[_Line], section: str, keys: AbstractSet[str]) -> Iterator[_Line]:
    """Yield the lines that are no part of these options of `section`."""
    directly = False
    for line in lines:
        is_part = line.section == section and line.key in keys
        directly = is_part and (line.kind is _Kind.KEY or (directly and line.kind in {_Kind.CONTINUATION, _Kind.BLANK}))
        # Left behind, an indented line would continue the option above, and a blank one would too, right below it.
        is_continuation = is_part and line.kind is _Kind.CONTINUATION
        if not (directly or is_continuation):
            yield line


def _rendered_option(key: str, value: str) -> str:
    _check_name("option", key)
    first, *rest = value.split("\n")
    lines = [first, *(line for line in rest if line.strip(_BLANKS))]
    if _CONTROL.search(value):
        raise ConfigError(f"the value of {key} has a control character: dnf's files cannot hold it")
    if any(line.lstrip(_BLANKS).startswith("[") for line in lines[1:]) or _unquoted(value) != value:
        raise ConfigError(f"the value of {key} would be read as something else: dnf's files cannot hold it")
    return f"\n{_INDENT}".join((f"{key}={lines[0]}", *lines[1:])) + "\n"


def _check_name(what: str, name: str) -> None:
    if not _NAME.fullmatch(name):
        raise ConfigError(f"{what} {name!r}: dnf's files have no such names")


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else f"{text}\n"
