"""Options that the verbs of `snapshot` share, as values."""

from __future__ import annotations

from functools import wraps
from pathlib import Path
from typing import Any

import click

from spma.cli.options import FOLDER, STORE_VARIABLE, Settings, Verb, common, store_path

PROFILES = click.option(
    "--profile",
    "profiles",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Check with this profile; may be given often.",
    metavar="PROFILE",
)
"""The profiles that a snapshot is checked with, as `profiles`."""

compressed = click.option(
    "--compression",
    type=click.Choice(["zstd", "gzip"]),
    default="zstd",
    show_default=True,
    help="How repodata is compressed.",
)
"""How repodata is compressed, as `compression`: zstd is read by dnf 4.5 and later."""


def stored(verb: Verb) -> Verb:
    """Give a verb the options of every verb, and the store: it is called with `settings` and the path `store`."""

    @click.option(
        "--store",
        type=FOLDER,
        envvar=STORE_VARIABLE,
        help=f"Use the snapshot store in DIR; or {STORE_VARIABLE}.",
        metavar="DIR",
    )
    @common
    @wraps(verb)
    def told(settings: Settings, store: Path | None, **options: Any) -> Any:
        return verb(settings=settings, store=store_path(store or _configured(settings)), **options)

    return told  # type: ignore[return-value]


def _configured(settings: Settings) -> str | None:
    """Return the store of the host's configuration. Raises ConfigError."""
    return settings.configuration.store
