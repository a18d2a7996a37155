"""The platform's own dnf, to arrange a root and to compare with."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

from tests.support import tool
from tests.support.repositories import Repository
from tests.support.tool import Outcome


def dnf(root: Path, *args: str, repositories: Iterable[Repository] = ()) -> Outcome:
    """Run dnf on an install root with these repositories alone, answering yes.

    It leaves its cache, logs and history in the root. Signatures are not checked unless an
    argument asks for it.
    """
    with tempfile.NamedTemporaryFile(suffix=".conf") as nothing_configured:
        options = (
            "--assumeyes",
            "--noplugins",
            f"--config={nothing_configured.name}",
            f"--installroot={root}",
            "--releasever=9",
            "--setopt=reposdir=/nonexistent",
            # A test replaces repositories more often than dnf expects.
            "--setopt=metadata_expire=0",
        )
        sources = (f"--repofrompath={found.repo_id},{found.url}" for found in repositories)
        return tool.attempt("dnf", *options, *sources, *args)
