"""The manual pages: man/yumbridge.1 and one for each verb, in plain roff (man(7))."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from docs.generate.tree import Pages
from docs.generate.verbs import PROGRAM, Verb, verbs
from spma.cli.exits import MEANINGS

_FILES = (
    ("/etc/yumbridge/config.yaml, /etc/yumbridge/conf.d/*.yaml", "Configuration of the host, below its root."),
    ("/var/lib/yumbridge", "Reports and the lock, below the root."),
    ("/var/cache/yumbridge", "Metadata and downloads of root, below the root."),
    ("$XDG_CACHE_HOME/yumbridge", "The same for every other user."),
)
_ENVIRONMENT = (
    ("YUMBRIDGE_PYTHON", "The interpreter with the bindings of dnf, in place of the platform's."),
    ("YUMBRIDGE_ENGINE_COMMAND", "The command that runs the engine, in place of any interpreter."),
    ("YUMBRIDGE_STORE", "The snapshot store, where --store names none."),
    ("XDG_CACHE_HOME", "Where users other than root keep caches; ~/.cache if it is not set."),
    ("NO_COLOR", "Print without colours."),
)


def pages() -> Pages:
    """Return one page per verb."""
    found = verbs()
    return {PurePosixPath(f"man/{verb.slug}.1"): "\n".join(_page(verb, found)) + "\n" for verb in found}


def _page(verb: Verb, found: tuple[Verb, ...]) -> Iterator[str]:
    title = _plain(verb.slug.upper())
    yield '.\\" Written from the program by python -m docs.generate.'
    yield f'.TH {title} 1 "" "{PROGRAM}"'
    yield ".SH NAME"
    yield f"{_plain(verb.slug)} \\- {_plain(verb.summary[0].lower() + verb.summary[1:].rstrip('.'))}"
    yield ".SH SYNOPSIS"
    name, rest = verb.name, verb.synopsis.removeprefix(verb.name).strip()
    yield f".B {_plain(name)}"
    yield _plain(rest)
    yield ".SH DESCRIPTION"
    for paragraph in verb.paragraphs:
        yield ".PP"
        yield _plain(paragraph)
    if verb.children:
        yield ".SH VERBS"
        yield from _entries((each.name, each.summary) for each in found if each.name in verb.children)
    yield ".SH OPTIONS"
    yield from _entries((row.names, row.does) for row in verb.options)
    if verb.examples:
        yield from (".SH EXAMPLES", ".nf", *map(_plain, verb.examples), ".fi")
    yield ".SH EXIT STATUS"
    yield from _entries((str(int(code)), meaning.replace("`", "")) for code, meaning in MEANINGS.items())
    yield ".SH ENVIRONMENT"
    yield from _entries(_ENVIRONMENT)
    yield ".SH FILES"
    yield from _entries(_FILES)
    yield from _see_also(verb, found)


def _entries(entries: Iterator[tuple[str, str]] | tuple[tuple[str, str], ...]) -> Iterator[str]:
    for term, meaning in entries:
        yield ".TP"
        yield f".B {_plain(term)}"
        yield _plain(meaning)


def _see_also(verb: Verb, found: tuple[Verb, ...]) -> Iterator[str]:
    others = sorted(each.slug for each in found if each.slug != verb.slug)
    yield ".SH SEE ALSO"
    for other in others:
        comma = "" if other == others[-1] else " ,"
        yield f".BR {_plain(other)} (1){comma}"


def _plain(text: str) -> str:
    r"""Return `text` with everything that roff would act on written out.

    >>> _plain("-y and 'a\\b'")
    "\\-y and 'a\\eb'"
    """
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace("~", "\\(ti").replace("^", "\\(ha")
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped
