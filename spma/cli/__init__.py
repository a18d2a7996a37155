"""The command line: one module of verbs per noun."""

from __future__ import annotations

import sys
from typing import Final

from yumbridge.engine.child import Starter

# Verbs that need the engine whatever else they are told: it starts before anything is imported, and gets ready
# while we do.
_EAGER: Final = frozenset({"plan"})
_ONLY_HELP: Final = frozenset({"-h", "--help"})


def main() -> None:
    """Run the command and end the process with its exit code."""
    words = sys.argv[1:]
    eager = bool(words) and words[0] in _EAGER and not _ONLY_HELP & set(words)
    starter = Starter() if eager else None
    from spma.cli.failure import exit_after
    from spma.cli.verbs import command

    try:
        command(prog_name="yumbridge", standalone_mode=False, obj=starter)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the one place that turns errors into exit codes
        sys.exit(exit_after(error, as_json="--json" in words, verbose=bool({"-v", "--verbose"} & set(words))))
