"""Documents made hostile: what chance, a careless editor, a broken disk and somebody with a purpose make of them."""

from __future__ import annotations

import bz2
import gzip
import lzma
from collections.abc import Callable, Sequence
from random import Random
from typing import Final, TypeAlias

import zstandard

Mutator: TypeAlias = Callable[[bytes, Random], bytes]

DEEP: Final = 20_000
LONG: Final = 200_000
BOMB_BYTES: Final = 64 << 20
_MOST_STEPS: Final = 4

_NUMBERS: Final = (
    b"-1",
    b"0",
    b"65536",
    b"4294967296",
    b"9223372036854775808",
    b"18446744073709551616",
    b"-9223372036854775809",
    b"1e999",
    b"1e-999",
    b"NaN",
    b"Infinity",
    b"0x41",
    b"1_0",
    b"9" * 400,
    b"9" * 5000,
)
_WORDS: Final = (
    b"\x00",
    b"\xff",
    b"\xed\xa0\x80",
    b"\xc0\xaf",
    b"\\ud800",
    b"\\u0000",
    b"\\u001b[2J",
    b"\x1b[2J",
    b"\x1b]0;x\x07",
    "\u202e\u2066\x9b".encode(),
    b"\xef\xbb\xbf",
    b"\r",
    b"../../../../etc/passwd",
    b"/etc/passwd",
    b"file:///etc/passwd",
    b"%2e%2e%2f",
    b"$(touch pwned)",
    b"`touch pwned`",
    b"%s%n",
    b"{0.__class__}",
    b"</script><script>alert(1)</script>",
    b"'\"><img src=x onerror=alert(1)>",
    b"&lt;&#0;&#x1b;&x;",
    b"<![CDATA[",
    b"]]>",
    b"<!--",
    b"-->",
    b"null",
    b"true",
    b"[]",
    b"{}",
    b'""',
    b"!!python/object/apply:os.system [id]",
    b"!!binary aGk=",
    b"!!set {a, b}",
    b"&a [*a]",
    b"*a",
    b"<<: *a",
    b"2026-13-45",
    b"0001-01-01",
    b"9999-12-31T23:59:59Z",
    "\U0001f4a3".encode(),
    "e\u0301".encode() * 20,
)
# What a pattern may try again and again when there are many in a row.
_UNITS: Final = (
    *(b"a", b"\\", b" ", b"\t", b"\n", b"*", b"&amp;", b"0", b"(", b"://", b"://a:", b"?auth", b"&token", b"a.", b"1."),
    *(
        b"_",
        b"_5f",
        b"%25",
        b"#",
        b" #",
        b"@",
        b"a@",
        b"-1",
        b"x=",
        b"[a",
        b"a-",
        b"../",
        b"\xc2\x9b",
        b"'",
        b"{",
        b"a,",
    ),
)
_ENTITY: Final = b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 10))
_DOCTYPES: Final = (
    b'<!DOCTYPE x [<!ENTITY e0 "ha">' + _ENTITY + b"]>",
    b'<!DOCTYPE x [<!ENTITY e9 SYSTEM "file:///etc/passwd">]>',
    b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
    b'<!DOCTYPE x [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>',
)


def _flipped(data: bytes, random: Random) -> bytes:
    changed = bytearray(data or b"\0")
    for _ in range(random.choice((1, 1, 2, 8))):
        changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
    return bytes(changed)


def _cut(data: bytes, random: Random) -> bytes:
    return data[: random.randrange(len(data) + 1)]


def _without_part(data: bytes, random: Random) -> bytes:
    begin, end = _part(data, random)
    return data[:begin] + data[end:]


def _with_part_twice(data: bytes, random: Random) -> bytes:
    begin, end = _part(data, random)
    return data[:end] + data[begin:end] * random.choice((1, 1, 2, 50)) + data[end:]


def _with_part_moved(data: bytes, random: Random) -> bytes:
    begin, end = _part(data, random)
    rest = data[:begin] + data[end:]
    at = random.randrange(len(rest) + 1)
    return rest[:at] + data[begin:end] + rest[at:]


def _with_line_twice(data: bytes, random: Random) -> bytes:
    """Say a key, an element or a line twice."""
    lines = data.split(b"\n")
    at = random.randrange(len(lines))
    return b"\n".join([*lines[: at + 1], lines[at], *lines[at + 1 :]])


def _with_key_twice(data: bytes, random: Random) -> bytes:
    """Say one entry of a JSON object twice, with another value."""
    at = data.find(b'":', random.randrange(len(data) + 1))
    begin = data.rfind(b'"', 0, at)
    if at < 0 or begin < 0:
        return data
    return data[:begin] + data[begin:at] + b'": 0, ' + data[begin:]


def _with_word(data: bytes, random: Random) -> bytes:
    at = random.randrange(len(data) + 1)
    return data[:at] + random.choice(_WORDS) + data[at:]


def _with_other_word(data: bytes, random: Random) -> bytes:
    """Put something else in the place of a word, quotes and all left as they are."""
    begin, end = _word(data, random)
    return data[:begin] + random.choice((*_WORDS, *_NUMBERS)) + data[end:]


def _with_number(data: bytes, random: Random) -> bytes:
    """Put a number that is too large, or none, in the place of one."""
    digits = [at for at, byte in enumerate(data) if 48 <= byte <= 57]
    if not digits:
        return data
    begin = end = random.choice(digits)
    while end < len(data) and 48 <= data[end] <= 57:
        end += 1
    return data[:begin] + random.choice(_NUMBERS) + data[end:]


def _with_doctype(data: bytes, random: Random) -> bytes:
    """Define entities: some that grow, some that are files or far away; and refer to one."""
    at = data.find(b"?>") + 2 if b"?>" in data[:200] else 0
    rest = data[at:]
    text = rest.find(b">", random.randrange(len(rest) + 1)) + 1
    return data[:at] + random.choice(_DOCTYPES) + rest[:text] + b"&e9;" + rest[text:]


def _nested(data: bytes, random: Random) -> bytes:
    opening, closing = random.choice(
        (
            (b"[", b"]"),
            (b'{"a":', b"}"),
            (b"{a: ", b"}"),
            (b"<nlist name='a'>", b"</nlist>"),
            (b"<group>", b"</group>"),
            (b"- ", b""),
            (b"? ", b""),
            (b'<list name="a">', b""),
            (b"((", b"))"),
        )
    )
    depth = random.choice((90, 101, 300, 1100, DEEP))
    begin, end = _word(data, random)
    return data[:begin] + opening * depth + data[begin:end] + closing * depth + data[end:]


def _long(data: bytes, random: Random) -> bytes:
    begin, end = _word(data, random)
    return data[:begin] + _repeated(random.choice(_UNITS)) + data[end:]


def _repeated(unit: bytes) -> bytes:
    return unit * (LONG // len(unit))


def _growing_yaml(data: bytes, random: Random) -> bytes:
    """Name lists of lists by anchors, so that little text stands for much."""
    first, more = random.choice(
        (
            (b"[a, a, a, a, a, a, a, a, a, a]", b"[%s]"),
            (b"{a: 1, b: 2, c: 3}", b"{<<: [%s]}"),
            (b"{boot: true}", b"{any_of: [%s]}"),
            (b"{packages: [a]}", b"{packages: [%s]}"),
        )
    )
    lines = [b"x0: &x0 " + first]
    lines += [b"x%d: &x%d " % (n, n) + more % b", ".join([b"*x%d" % (n - 1)] * 10) for n in range(1, 10)]
    key = random.choice((b"aliases", b"holds", b"policy", b"store", b"condition", b"packages"))
    return b"\n".join([*lines, key + b": *x9", data])


def _packed(data: bytes, random: Random) -> bytes:
    pack = random.choice((_gzipped, bz2.compress, lzma.compress, zstandard.ZstdCompressor().compress))
    return pack(data)


def _gzipped(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def _cut_packed(data: bytes, random: Random) -> bytes:
    return _cut(_packed(data, random), random)


def _bomb(_data: bytes, random: Random) -> bytes:
    """Pack much into little, as a document or as nothing."""
    zeros = random.choice((b"\0", b" ", b"[", b"a")) * BOMB_BYTES
    return _gzipped(zeros) if random.random() < 0.5 else zstandard.ZstdCompressor().compress(zeros)


def _part(data: bytes, random: Random) -> tuple[int, int]:
    begin = random.randrange(len(data) + 1)
    return begin, min(len(data), begin + random.choice((1, 2, 4, 16, 64, 256, 1024)))


def _word(data: bytes, random: Random) -> tuple[int, int]:
    """Return where a run of letters, digits and what names are made of begins and ends; it may be empty."""
    begin = end = random.randrange(len(data) + 1)
    while begin > 0 and _is_of_word(data[begin - 1]):
        begin -= 1
    while end < len(data) and _is_of_word(data[end]):
        end += 1
    return begin, end


def _is_of_word(byte: int) -> bool:
    return chr(byte).isalnum() or byte in b"_.:/@+~^*-"


_EVERYWHERE: Final[tuple[tuple[Mutator, int], ...]] = (
    (_flipped, 16),
    (_cut, 6),
    (_without_part, 10),
    (_with_part_twice, 8),
    (_with_part_moved, 6),
    (_with_line_twice, 6),
    (_with_key_twice, 6),
    (_with_word, 16),
    (_with_other_word, 20),
    (_with_number, 12),
    (_nested, 6),
    (_long, 4),
)
_XML: Final[tuple[tuple[Mutator, int], ...]] = ((_with_doctype, 8),)
_YAML: Final[tuple[tuple[Mutator, int], ...]] = ((_growing_yaml, 4),)
_PACKED: Final[tuple[tuple[Mutator, int], ...]] = ((_packed, 4), (_cut_packed, 4))
_LAST: Final[tuple[Mutator, ...]] = (_bomb,)
_BOMBS: Final = 0.004


def seeded(seed: str) -> Random:
    """Return a source of chance that is the same for the same seed."""
    return Random(seed)  # noqa: S311 - nothing is to be kept from anybody


def mutated(documents: Sequence[bytes], random: Random) -> bytes:
    """Return one of some documents after a few changes; a part of another one may come in."""
    data = random.choice(documents)
    if random.random() < _BOMBS:
        return _bomb(data, random)
    if random.random() < 0.1:
        other = random.choice(documents)
        data = data[: random.randrange(len(data) + 1)] + other[random.randrange(len(other) + 1) :]
    choices = [*_EVERYWHERE, *_PACKED]
    choices += _XML if b"<" in data[:300] else _YAML
    mutators, weights = zip(*choices, strict=True)
    for mutate in random.choices(mutators, weights, k=random.choice((1, 1, 1, 2, _MOST_STEPS))):
        data = mutate(data, random)
    return data
