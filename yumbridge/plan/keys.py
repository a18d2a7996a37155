"""The public keys that a plan's packages are verified with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from yumbridge.plan.closure import ProblemKind
from yumbridge.plan.document import Key, Problem, masked


class KeyState(msgspec.Struct, frozen=True):
    """A public key at a URL: its fingerprint, and whether the rpmdb has it. `problem` says why it cannot be used."""

    repo_id: str
    url: str
    fingerprint: str = ""
    imported: bool = False
    problem: str = ""


def keys_to_import(states: Iterable[KeyState]) -> tuple[Key, ...]:
    """Return the keys the rpmdb lacks, each once, sorted by fingerprint."""
    missing = {s.fingerprint: s.url for s in states if not (s.imported or s.problem)}
    return tuple(Key(fingerprint=fingerprint, url=masked(url)) for fingerprint, url in sorted(missing.items()))


def key_problems(states: Iterable[KeyState]) -> Iterator[Problem]:
    """Yield a problem per key that a repository names and that cannot be used."""
    for state in states:
        if state.problem:
            text = f"repository {state.repo_id} checks signatures, but {masked(state.problem)}"
            yield Problem(kind=ProblemKind.SIGNATURE, text=text)
