"""The engine's child process: one JSON request per line in, progress and one result or error out.

It runs on the interpreter that has the bindings of dnf, from Python 3.6 on, and needs nothing else.
"""

import gc
import os
import signal
import traceback

from wire import Failure, Wire


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
        import dnf4
    except ImportError as error:
        wire.send({"answer": "error", "kind": "bindings", "message": str(error), "details": []})
        return
    handler = dnf4.Handler(wire.progress)
    wire.send(dict(handler.hello(), answer="hello"))
    for request in wire.requests():
        answer(wire, handler, request)


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
