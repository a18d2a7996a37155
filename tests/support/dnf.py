"""The platform's own dnf, to arrange a root and to compare with."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support import tool
from tests.support.repositories import Repository
from tests.support.tool import Outcome


def dnf(root: Path, *args: str, repositories: Iterable[Repository] = ()) -> Outcome:
    """Run dnf on an install root with these repositories alone, answering yes.

    It leaves its cache, logs and history in the root. Signatures are not checked unless an
    argument asks for it.
    """
    with options(root, repositories) as words:
        return tool.attempt("dnf", *words, *args)


@contextmanager
def options(root: Path, repositories: Iterable[Repository]) -> Iterator[tuple[str, ...]]:
    """Yield the options that let a dnf of any generation see a root and some repositories, and nothing else."""
    with tempfile.NamedTemporaryFile(suffix=".conf") as nothing_configured:
        yield _options(root, repositories, nothing_configured.name)


def _options(root: Path, repositories: Iterable[Repository], config: str) -> tuple[str, ...]:
    return (
        "--assumeyes",
        "--noplugins",
        f"--config={config}",
        f"--installroot={root}",
        "--releasever=9",
        "--setopt=reposdir=/nonexistent",
        # A test replaces repositories more often than dnf expects.
        "--setopt=metadata_expire=0",
        *(f"--repofrompath={found.repo_id},{found.url}" for found in repositories),
    )
