"""The engine's child process: one JSON request per line in, progress and one result or error out.

It runs on the interpreter that has the bindings of dnf, from Python 3.6 on, and needs nothing else.
"""

import gc
import importlib
import importlib.util
import os
import shutil
import signal
import sys
import traceback

from wire import Failure, Wire

ENGINES = ("dnf4", "dnf5")


def _carry_on(_number, _frame):
    """Hear a signal and do nothing about it."""


def main():
    """Answer requests until the standard input ends."""
    # A transaction must not die half-way because a terminal or a service manager went away.
    # Caught and not ignored: what scriptlets start would inherit that, and could not be stopped.
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        signal.signal(getattr(signal, name), _carry_on)
    wire = Wire()
    try:
        engine = chosen(sys.argv[1:])
    except ImportError as error:
        wire.send({"answer": "error", "kind": "bindings", "message": str(error), "details": []})
        return
    handler = engine.Handler(wire.progress)
    wire.send(dict(handler.hello(), answer="hello"))
    for request in wire.requests():
        answer(wire, handler, request)


def chosen(words):
    """Return the module of the engine that the first word names, or of the platform's. Raises ImportError."""
    named = words[0] if words else platforms_engine()
    if named not in ENGINES:
        raise ImportError("there is no engine %s: it is one of %s" % (named, ", ".join(ENGINES)))
    return importlib.import_module(named)


def platforms_engine():
    """Return the name of the engine whose package manager is the platform's `dnf`.

    Both may be installed: they keep install reasons and histories apart, so that whoever calls `dnf` has to find ours.
    """
    program = os.path.basename(os.path.realpath(shutil.which("dnf") or ""))
    if program == "dnf5" or not importlib.util.find_spec("dnf"):
        return "dnf5" if importlib.util.find_spec("libdnf5") else "dnf4"
    return "dnf4"


def answer(wire, handler, request):
    """Send the result of one request, or the error that it ended in."""
    try:
        result = getattr(handler, "do_" + request.pop("request"))(**request)
    except Failure as failure:
        wire.send(
            {
                "answer": "error",
                "kind": failure.kind,
                "message": failure.message,
                "details": failure.details,
            }
        )
    except Exception as error:  # noqa: BLE001 - the other side is told, whatever it was
        lines = traceback.format_exc().splitlines()
        wire.send(
            {
                "answer": "error",
                "kind": "engine",
                "message": "%s: %s" % (type(error).__name__, error),
                "details": lines,
            }
        )
    else:
        wire.send(dict(result, answer="result"))


if __name__ == "__main__":
    # A child lives for one plan: collecting what it allocates on the way there costs a tenth of its time.
    gc.disable()
    main()
    # Everything is written and closed; taking the interpreter apart would only make the other side wait.
    os._exit(0)
