"""Pan's escaping of dict keys, which may hold letters, digits and underscores only."""

from __future__ import annotations

import re
from typing import Final

from spma.errors import ProfileError

_TO_ESCAPE: Final = re.compile(r"^[0-9]|[^A-Za-z0-9]")
_ESCAPED: Final = re.compile(r"_([0-9A-Fa-f]{2})")
_BAD: Final = re.compile(r"_(?![0-9A-Fa-f]{2}).{0,2}", re.DOTALL)
_ESCAPED_FOR_CCM: Final = re.compile(r"_([0-9a-f]{2})")

_LATIN_1: Final = 0xFF


def escape(text: str) -> str:
    """Return `text` as a key of a profile.

    Raises ProfileError for characters above U+00FF, which have no escape. Source: pan, EscapeUtils.escape().

    >>> escape("7zip++"), escape("")
    ('_37zip_2b_2b', '_')
    """
    return _TO_ESCAPE.sub(_escaped, text) or "_"


def unescape(key: str) -> str:
    """Return the text that `key` stands for.

    Hex digits of either case are read. A character that would have been escaped is taken as it stands: a path in a
    template may hold "-" and "." as they are, and CCM delivers them. Raises ProfileError for an underscore without
    two hex digits behind it, which escape() never writes. Source: pan, EscapeUtils.unescape().

    >>> unescape("kernel_2dtools"), unescape("kernel-tools"), unescape("_")
    ('kernel-tools', 'kernel-tools', '')
    """
    if "_" not in key:
        return key
    if key == "_":
        return ""
    if bad := _BAD.search(key):
        raise ProfileError(f"bad escape {bad.group()!r}: want _ and two hex digits (_5f is _)")
    return _ESCAPED.sub(_unescaped, key)


def unescape_leniently(key: str) -> str:
    """Return the text in `key`, where nobody has to escape but some do: what is no escape stays as it is.

    As CCM's Perl reads lower-case escapes, but a key that would not be printable ASCII then was none.
    Source: CCM, EDG::WP4::CCM::Path unescape().

    >>> unescape_leniently("web_2dserver"), unescape_leniently("mod_python"), unescape_leniently("perl_dbi")
    ('web-server', 'mod_python', 'perl_dbi')
    """
    text = _ESCAPED_FOR_CCM.sub(_unescaped, key)
    return text if text.isascii() and text.isprintable() else key


def _escaped(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code > _LATIN_1:
        raise ProfileError(f"no escape for {match.group()!r}: it is above U+00FF")
    return f"_{code:02x}"


def _unescaped(match: re.Match[str]) -> str:
    return chr(int(match.group(1), 16))
