"""The verb `status`."""

from __future__ import annotations

from spma.cli.engines import chosen_starter
from spma.cli.options import Settings
from yumbridge.engine.client import EngineClient
from yumbridge.engine.protocol import InstalledNevras, Opened, Verify
from yumbridge.run.host import HostFacts
from yumbridge.run.report import read_inventory
from yumbridge.run.request import nothing_wanted, open_request
from yumbridge.run.standing import status_of
from yumbridge.run.state import StateFolder


def status_verb(settings: Settings) -> None:
    """Print where the host stands. What is installed is only read when there is a record to compare it with."""
    from spma.cli.report_text import status_text

    folder = StateFolder(settings.root)
    facts = HostFacts(root=settings.root)
    installed = _installed(settings, facts) if read_inventory(folder) is not None else None
    status = status_of(folder, installed, facts.boot_id)
    settings.console.tell(status, lambda: status_text(status, settings.console))


def _installed(settings: Settings, facts: HostFacts) -> tuple[str, ...]:
    """Return what is installed, asked without any repository."""
    with EngineClient(chosen_starter(settings)) as engine:
        engine.ask(open_request(nothing_wanted(facts)), Opened)
        return engine.ask(Verify(), InstalledNevras).nevras
