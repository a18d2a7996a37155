"""What the shells need to complete the command: one file each, which asks the program itself."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Final

from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

from docs.generate.tree import Pages
from docs.generate.verbs import PROGRAM
from spma.cli.verbs import command

# By the name that each shell looks for.
_SHELLS: Final[dict[str, type[ShellComplete]]] = {
    f"{PROGRAM}.bash": BashComplete,
    f"_{PROGRAM}": ZshComplete,
    f"{PROGRAM}.fish": FishComplete,
}


def pages() -> Pages:
    """Return one file per shell."""
    return {PurePosixPath(f"completion/{name}"): _script(shell) for name, shell in _SHELLS.items()}


def _script(shell: type[ShellComplete]) -> str:
    completion = shell(command, {}, PROGRAM, f"_{PROGRAM.upper()}_COMPLETE")
    # Not `source()`: that of bash looks for one on this machine.
    lines = (completion.source_template % completion.source_vars()).strip().splitlines()
    return "\n".join(line.rstrip() for line in lines) + "\n"
