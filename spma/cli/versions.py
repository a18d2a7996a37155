"""What `--version` tells: the command, and the engine with the bindings that it finds on this host."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from spma.cli.console import printable
from yumbridge.config import read_configuration
from yumbridge.engine.child import Starter
from yumbridge.engine.client import EngineClient
from yumbridge.errors import BridgeError


def versions() -> str:
    """Return a line for the command, the engine and the bindings each; where there is no engine, the reasons."""
    ours = f"yumbridge {metadata.version('yumbridge')} on Python {platform.python_version()}"
    return "\n".join((ours, *map(printable, _engine())))


def _engine() -> Iterator[str]:
    try:
        starter = Starter(choice=read_configuration(Path("/")).engine)
        with EngineClient(starter) as client:
            hello = client.hello
    except BridgeError as error:
        yield "engine: none"
        yield from (f"  {line}" for line in (error.message, *error.details))
        return
    yield f"engine: {hello.name} {hello.version}"
    known = (("rpm", hello.rpm), ("Python", hello.python))
    bindings = (starter.program, *(f"{name} {version}" for name, version in known if version))
    yield f"bindings: {', '.join(bindings)}"
