"""Options that verbs share, as values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from spma.cli.console import Console

if TYPE_CHECKING:
    from yumbridge.config import Configuration

Verb = TypeVar("Verb", bound=Callable[..., Any])

_FILE = click.Path(path_type=Path)
EXISTING_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
"""A folder that is there."""
FOLDER = click.Path(file_okay=False, path_type=Path)
"""A folder that need not exist."""
STORE_VARIABLE = "YUMBRIDGE_STORE"
"""The environment variable that names the store where --store does not."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What every verb is told: the root it acts on, the configuration, and where it prints.

    `root` is absolute; `root_given` tells whether somebody named it. `cache_root` is where CCM keeps profiles, when
    somebody named that.
    """

    root: Path
    root_given: bool
    config: Path | None
    console: Console
    cache_root: Path | None = None

    @cached_property
    def configuration(self) -> Configuration:
        """The configuration, read once: all that a command does goes by the same. Raises ConfigError."""
        from yumbridge.config import read_configuration

        return read_configuration(self.root, self.config)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What the host would say of itself, where the caller knows better; and repositories in the profile's place.

    Those are the folders of `repos_from`, or `snapshot`, the name of one or of a ref; `store` is where that lies, None
    where the configuration says.
    """

    arch: str | None = None
    releasever: str | None = None
    kernel_release: str | None = None
    repos_from: Path | None = None
    snapshot: str | None = None
    store: Path | None = None


def store_path(named: Path | str | None) -> Path:
    """Return where the store is, which an option or the configuration named. Raises UsageError when none did."""
    if named is None:
        raise click.UsageError(
            f"No store: name one with --store, in {STORE_VARIABLE}, or as the key store of the configuration."
        )
    return Path(named).absolute()


def common(verb: Verb) -> Verb:
    """Give a verb the options of every verb. It is called with `settings` in their place."""

    @click.option("--root", type=EXISTING_FOLDER, help="Act on the install root DIR.", metavar="DIR")
    @click.option("--config", type=_FILE, help="Read FILE in place of /etc/yumbridge.", metavar="FILE")
    @click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
    @click.option("--no-color", is_flag=True, help="Print without colours.")
    @click.option("-v", "--verbose", is_flag=True, help="Show whole lists, and where an internal error is.")
    @wraps(verb)
    def told(
        root: Path | None,
        config: Path | None,
        as_json: bool,
        no_color: bool,
        verbose: bool,
        cache_root: Path | None = None,
        **options: Any,
    ) -> Any:
        settings = Settings(
            root=(root or Path("/")).absolute(),
            root_given=root is not None,
            config=config,
            console=Console(color=not no_color, json=as_json, verbose=verbose),
            cache_root=cache_root,
        )
        return verb(settings=settings, **options)

    return told  # type: ignore[return-value]


def cached(argument: str) -> Callable[[Verb], Verb]:
    """Let a verb, above `common`, do without the profile in `argument`: it is None when CCM's cache is to be read."""

    def decorated(verb: Verb) -> Verb:
        @click.option("--cache-root", type=_FILE, help="Read the profile from the CCM cache in DIR.", metavar="DIR")
        @wraps(verb)
        def told(cache_root: Path | None, **options: Any) -> Any:
            if cache_root is not None and options[argument] is not None:
                raise click.UsageError(f"--cache-root is for a run without {argument.upper()}.")
            return verb(cache_root=cache_root, **options)

        return told  # type: ignore[return-value]

    return decorated


def described(verb: Verb) -> Verb:
    """Give a verb the options that describe a host. It is called with `target` in their place."""

    @click.option("--arch", help="Plan for this architecture.", metavar="ARCH")
    @click.option("--releasever", help="The value of $releasever.", metavar="RELEASE")
    @click.option("--kernel-release", help="The running kernel, as uname -r says.", metavar="RELEASE")
    @wraps(verb)
    def told(arch: str | None, releasever: str | None, kernel_release: str | None, **options: Any) -> Any:
        target = Target(arch=arch, releasever=releasever, kernel_release=kernel_release)
        return verb(target=target, **options)

    return told  # type: ignore[return-value]


def targeted(verb: Verb) -> Verb:
    """Give a verb the options that `described` does, and those that name repositories in the profile's place."""

    @described
    @click.option(
        "--repos-from",
        type=EXISTING_FOLDER,
        help="Use the repositories in the folders of DIR in place of the profile's.",
        metavar="DIR",
    )
    @click.option("--snapshot", help="Use those of the snapshot, or ref, NAME.", metavar="NAME")
    @click.option(
        "--store",
        type=FOLDER,
        envvar=STORE_VARIABLE,
        help=f"The store with that snapshot; or {STORE_VARIABLE}.",
        metavar="DIR",
    )
    @wraps(verb)
    def told(target: Target, repos_from: Path | None, snapshot: str | None, store: Path | None, **options: Any) -> Any:
        if snapshot is not None and repos_from is not None:
            raise click.UsageError("--snapshot and --repos-from exclude each other.")
        # The variable may be there for other verbs.
        if (
            snapshot is None
            and click.get_current_context().get_parameter_source("store") is ParameterSource.COMMANDLINE
        ):
            raise click.UsageError("--store is for a run with --snapshot.")
        target = replace(target, repos_from=repos_from, snapshot=snapshot, store=store)
        return verb(target=target, **options)

    return told  # type: ignore[return-value]


def waiting(verb: Verb) -> Verb:
    """Give a verb the option how long it waits for another run: it is called with `wait` in seconds."""
    option = click.option(
        "--wait",
        type=click.FloatRange(min=0),
        default=0,
        help="Wait up to SECONDS for another run to end.",
        metavar="SECONDS",
    )
    return option(verb)
