"""What an alias comes to on a host: asking the engine as far as it has to be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import msgspec

from yumbridge.desired.alias import Alias, AliasHost
from yumbridge.engine.child import Starter
from yumbridge.engine.client import EngineClient
from yumbridge.engine.protocol import Opened
from yumbridge.plan.alias_explanation import AliasExplanation, decided_alias, probe
from yumbridge.run.alternatives import opened_host, resolve
from yumbridge.run.basis import missing_notes
from yumbridge.run.host import HostFacts
from yumbridge.run.request import PlanRequest, nothing_wanted, open_request


def alias_host(facts: HostFacts, aliases: Sequence[Alias], starter: Callable[[], Starter]) -> AliasHost:
    """Return what selects definitions on a host.

    The engine is asked only when one of the aliases is defined by arch: not every machine on which somebody looks at
    aliases has DNF. Raises EngineError; HostError for an arch that DNF does not know.
    """
    by_arch = any(each.when.arch or each.when.basearch for alias in aliases for each in alias.definitions)
    if not by_arch:
        return AliasHost(os_major=facts.os_major, arch=facts.arch or "", basearch="")
    with EngineClient(starter()) as engine:
        opened = engine.ask(open_request(nothing_wanted(facts)), Opened)
    return opened_host(facts, opened)


def explained_alias(alias: Alias, request: PlanRequest, engine: EngineClient) -> tuple[AliasHost, AliasExplanation]:
    """Return what an alias of the desired state comes to beside all else that is asked for, and on what host.

    It need not be asked for. Raises RepositoryError, HostError, EngineError.
    """
    state = request.state
    # Last, so that what is chosen for the profile's own lines is what a plan chooses.
    wanted = replace(request, state=msgspec.structs.replace(state, specs=(*state.specs, probe(alias))))
    opened = engine.ask(open_request(wanted), Opened)
    host = opened_host(request.facts, opened)
    resolution = resolve(wanted, opened, engine, reasons=False)
    found = decided_alias(alias, state, host, resolution, degraded=bool(opened.unavailable))
    return host, msgspec.structs.replace(found, notes=(*missing_notes(opened), *found.notes))
