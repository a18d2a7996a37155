"""ISAs: what rpm says of the machine that a package is for, where a package of no arch can require it."""

from __future__ import annotations

from typing import Final

# Source: rpm, macros of its platforms, %__isa_name and %__isa_bits. Of the arches of one ISA here is the one that
# distributions build for; each of them has but one of these on any host.
_ISAS: Final = {
    "aarch64": "aarch-64",
    "armv7hl": "armv7hl-32",
    "i686": "x86-32",
    "ppc64le": "ppc-64",
    "riscv64": "riscv-64",
    "s390x": "s390-64",
    "x86_64": "x86-64",
}

_OTHER_ARCHES: Final = frozenset(
    {
        *("athlon", "geode", "i386", "i486", "i586", "pentium3", "pentium4"),
        *("amd64", "ia32e", "x86_64_v2", "x86_64_v3", "x86_64_v4"),
        *("armv5tel", "armv6hl", "armv6l", "armv7hnl", "armv7l", "armv8hl", "loongarch64", "mips64el"),
        *("ia64", "ppc", "ppc64", "ppc64p7", "s390", "sparc", "sparc64", "sparcv9"),
        *("noarch", "nosrc", "src"),
    }
)
"""Arches that no ISA says alone."""


def split_arch(name: str) -> tuple[str, str | None]:
    """Return name and arch of a `name.arch`, or the whole name and None when it does not end in an arch.

    >>> split_arch("glibc.i686"), split_arch("java-1.8.0")
    (('glibc', 'i686'), ('java-1.8.0', None))
    """
    stem, dot, arch = name.rpartition(".")
    return (stem, arch) if dot and stem and (arch in _ISAS or arch in _OTHER_ARCHES) else (name, None)


def isa_capability(name: str, arch: str) -> str | None:
    """Return the capability that packages of a name have on one arch alone, None where there is no such.

    >>> isa_capability("glibc", "x86_64")
    'glibc(x86-64)'
    """
    isa = _ISAS.get(arch)
    return f"{name}({isa})" if isa else None
