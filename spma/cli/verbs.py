"""The command with its verbs, each imported when it is used."""

from __future__ import annotations

from importlib import import_module
from typing import Final

import click

# Where each verb is, and its line in the help: nothing else is imported to print that.
_VERBS: Final = {
    "plan": ("spma.cli.host", "Show what a profile would change on the host, and why."),
    "apply": ("spma.cli.host", "Carry out a plan."),
    "status": ("spma.cli.host", "Show the last run and what has changed since."),
    "profile": ("spma.cli.profile", "Check and show profiles."),
}


class _Verbs(click.Group):
    """The verbs, imported one at a time."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _VERBS:
            return None
        verb: click.Command = getattr(import_module(_VERBS[cmd_name][0]), cmd_name)
        return verb

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in _VERBS.items()])


@click.group(
    cls=_Verbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
    epilog="\b\nExamples:\n  yumbridge plan profile.json\n  yumbridge apply profile.json",
)
@click.version_option(package_name="yumbridge", message="yumbridge %(version)s")
def command() -> None:
    """Bring the packages of a host to what its Quattor profile says, by way of a plan."""
