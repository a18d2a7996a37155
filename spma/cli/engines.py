"""The engine that the configuration chooses, and what it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from yumbridge.engine.child import Starter

if TYPE_CHECKING:
    from spma.cli.options import Settings


def chosen_starter(settings: Settings, pass_fds: Sequence[int] = (), *, eager: Starter | None = None) -> Starter:
    """Return what starts the engine that the configuration chooses; `eager` was started before anybody had read that.

    Raises ConfigError.
    """
    choice = settings.configuration.engine
    if eager is not None:
        if choice.commands() == eager.choice.commands():
            return eager
        eager.abandon()
    return Starter(pass_fds, choice)
