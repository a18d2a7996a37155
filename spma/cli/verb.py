"""A command whose verbs are imported when they are used."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click


class NoVerbError(click.UsageError):
    """A command was called without any word: what it needs to be told is all of its help."""

    def __init__(self, ctx: click.Context) -> None:
        super().__init__(ctx.get_help(), ctx)


class Verbs(click.Group):
    """The verbs of a command, imported one at a time.

    `places` has, by the name of a verb, "module:attribute" and its line in the help: nothing else is imported to print
    that.
    """

    def __init__(self, *args: Any, places: Mapping[str, tuple[str, str]], **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self._places = places

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the words of the command line. Raises NoVerbError: there is none."""
        if not args and not ctx.resilient_parsing:
            raise NoVerbError(ctx)
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the verb that is meant, and the words after it. Raises UsageError: there is no such verb."""
        word = args[0]
        if word not in self._places and not word.startswith("-") and not ctx.resilient_parsing:
            from snapshots.content.name import suggestion

            raise click.UsageError(f"No such command: {word}{suggestion(word, self._places)}", ctx)
        return super().resolve_command(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names of the verbs, in the order of the help."""
        return list(self._places)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Return a verb, None when there is no such."""
        if cmd_name not in self._places:
            return None
        module, _, attribute = self._places[cmd_name][0].partition(":")
        verb: click.Command = getattr(import_module(module), attribute)
        return verb

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the verbs with their lines."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in self._places.items()])
