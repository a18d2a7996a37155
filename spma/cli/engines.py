"""The engine that the configuration chooses, and what it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from yumbridge.engine.child import EngineChoice, Starter

if TYPE_CHECKING:
    import click

    from spma.cli.options import Settings


def chosen_starter(settings: Settings, pass_fds: Sequence[int] = (), *, eager: Starter | None = None) -> Starter:
    """Return what starts the engine that the configuration chooses; `eager` was started before anybody had read that.

    Raises ConfigError.
    """
    from yumbridge.config import read_configuration

    choice = read_configuration(settings.root, settings.config).engine
    if eager is not None:
        if choice.commands() == eager.choice.commands():
            return eager
        eager.abandon()
    return Starter(pass_fds, choice)


def tell_version(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    """Print which yumbridge this is and which engine this machine has, and end."""
    from importlib.metadata import version

    import click

    if not value or context.resilient_parsing:
        return
    click.echo(f"yumbridge {version('yumbridge')}")
    click.echo(_engine_words())
    context.exit()


def _engine_words() -> str:
    from yumbridge.engine.client import EngineClient
    from yumbridge.errors import EngineError

    with EngineClient(Starter(choice=EngineChoice())) as client:
        try:
            hello = client.hello
        except EngineError as error:
            return f"no engine: {error.message}"
    return f"engine {hello.name} {hello.version}, rpm {hello.rpm}"
