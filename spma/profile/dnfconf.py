"""The text of dnf.conf that a profile may have, as `dnfconf` or `yumconf`, and what it means for a plan."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, TypeVar

from msgspec.structs import replace

from spma.profile.fields import words_of
from spma.profile.finding import Finding, problem, warning
from spma.profile.options import OPTIONS, MainOptions, SpmaOptions, chosen
from spma.profile.proxy import NO_PROXY, PROXY
from spma.profile.tree import below, described
from yumbridge.desired.configuration import Options
from yumbridge.desired.ini import read_section, rendered_options, sections_of
from yumbridge.errors import ConfigError

Said = TypeVar("Said")

_MAIN: Final = "main"
EXCLUDES: Final = ("exclude", "excludepkgs")
"""dnf takes both names for one list."""

# Source: libdnf, OptionBool, OptionNumber and OptionSeconds.
_BOOLEANS: Final[Mapping[str, bool]] = {
    **dict.fromkeys(("1", "yes", "true", "on"), True),
    **dict.fromkeys(("0", "no", "false", "off"), False),
}
_SECONDS: Final = re.compile(r"([0-9]{1,9})([smhd]?)", re.IGNORECASE)
_UNITS: Final[Mapping[str, int]] = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_NUMBER: Final = re.compile(r"[0-9]{1,9}")


def main_text(options: SpmaOptions) -> Options:
    """Return the options of [main] in the text of a profile whose text can be read; `dnfconf` beats `yumconf`."""
    _, text = _text(options)
    return read_section(text, _MAIN, headless=True)


def with_main_text(options: SpmaOptions) -> tuple[SpmaOptions, tuple[Finding, ...]]:
    """Return `options` with what its text says and `main_options` does not, and what is wrong with that text.

    Upstream writes the text and lets dnf find out; a plan has to be made with the same values.
    """
    key, text = _text(options)
    path = below(OPTIONS, key)
    try:
        stated = read_section(text, _MAIN, headless=True)
        rendered_options(stated)
    except ConfigError as error:
        return options, tuple(problem(path, line) for line in error.details or (error.message,))
    reader = _Reader(dict(stated), path)
    main = reader.added_to(options.main_options)
    for section in sorted(sections_of(text) - {_MAIN}):
        reader.findings.append(warning(path, f"section {described(section)} is ignored: only [main] is read"))
    return replace(options, main_options=main), tuple(reader.findings)


def _text(options: SpmaOptions) -> tuple[str, str]:
    if options.dnfconf is not None:
        return "dnfconf", options.dnfconf
    return "yumconf", options.yumconf or ""


class _Reader:
    """The options of a text, read as dnf reads them. What it would not take is a warning and means nothing."""

    def __init__(self, stated: Mapping[str, str], path: str) -> None:
        self._stated = stated
        self._path = path
        self.findings: list[Finding] = []

    def added_to(self, main: MainOptions) -> MainOptions:
        """Return `main` with what it does not say itself; lists are added to its own."""
        excluded = (word for key in EXCLUDES for word in words_of(self._stated.get(key, "")))
        return replace(
            main,
            exclude=(*main.exclude, *excluded),
            installonly_limit=chosen(main.installonly_limit, self._limit()),
            retries=chosen(main.retries, self._number("retries")),
            timeout_s=chosen(main.timeout_s, self._seconds("timeout")),
            keepcache=chosen(main.keepcache, self._boolean("keepcache")),
            best=chosen(main.best, self._boolean("best")),
            weak_deps=self._boolean("install_weak_deps"),
            allow_vendor_change=self._boolean("allow_vendor_change"),
            proxy=self._proxy(),
        )

    def _boolean(self, key: str) -> bool | None:
        value = self._stated.get(key)
        found = _BOOLEANS.get(value.lower()) if value is not None else None
        return self._checked(key, found, "a boolean")

    def _number(self, key: str) -> int | None:
        value = self._stated.get(key, "")
        return self._checked(key, int(value) if _NUMBER.fullmatch(value) else None, "a number")

    def _limit(self) -> int | None:
        key = "installonly_limit"
        limit = 0 if self._stated.get(key) == "<off>" else self._number(key)
        if limit == 1:
            self.findings.append(warning(self._path, f"{key}: dnf does not allow 1, ignored"))
            return None
        return limit

    def _seconds(self, key: str) -> int | None:
        match = _SECONDS.fullmatch(self._stated.get(key, ""))
        return self._checked(key, int(match[1]) * _UNITS[match[2].lower()] if match else None, "a time in seconds")

    def _proxy(self) -> str | None:
        proxy = self._stated.get("proxy", "")
        if proxy in NO_PROXY:
            return None
        return self._checked("proxy", proxy if PROXY.fullmatch(proxy) else None, "a URL")

    def _checked(self, key: str, found: Said | None, wanted: str) -> Said | None:
        if found is None and key in self._stated:
            text = f"{key}: want {wanted}, got {described(self._stated[key])}; ignored"
            self.findings.append(warning(self._path, text))
        return found
