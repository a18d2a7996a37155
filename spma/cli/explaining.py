"""The verb `why`."""

from __future__ import annotations

from pathlib import Path

import click

from spma.cli.console import ProgressBar
from spma.cli.engines import chosen_starter
from spma.cli.inputs import load
from spma.cli.options import Settings, Target
from yumbridge.desired.alias import referred
from yumbridge.engine.child import Starter
from yumbridge.engine.client import EngineClient
from yumbridge.run.planning import collect, submit


def why_verb(eager: Starter | None, settings: Settings, target: Target, package: str, profile: Path | None) -> None:
    """Print what is known of a package."""
    if not package.strip():
        raise click.UsageError("Name a package.")
    with EngineClient(chosen_starter(settings, eager=eager)) as engine:
        request, _ = load(profile, settings, target)
        if referred(package) in {alias.name for alias in request.state.aliases}:
            raise click.UsageError(f"{package} is an alias: yumbridge alias show {package[1:]} tells of it.")
        submit(request, engine)
        from spma.cli.explanation_text import explanation_text
        from yumbridge.run.explaining import explained

        with ProgressBar() as progress:
            engine.listener = progress
            found = explained(package, collect(request, engine), engine)
        engine.dismiss()
    settings.console.tell(found, lambda: explanation_text(found, settings.console))
