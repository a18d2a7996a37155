"""JSON lines between the worker and the process that started it."""

import json
import os
import re
import sys
import time

# Ten times a second is as often as anybody looks.
_PROGRESS_INTERVAL_S = 0.1
# Of curl: "Failed to connect to host port 80 after 3 ms", "timed out after 5001 milliseconds with 0 bytes received".
_TIMINGS = re.compile(r" after [0-9]+ (?:ms|milliseconds)(?: with [0-9]+ (?:out of [0-9]+ )?bytes received)?")


def without_timings(text):
    """Return what a download failed of without how long it took: the same failure has the same words."""
    return _TIMINGS.sub("", text)


class Failure(Exception):  # noqa: N818 - a word of the protocol
    """An error that the other side shall see. `kind` is one of the protocol's, `details` are further lines."""

    def __init__(self, kind, message, details=()):
        Exception.__init__(self, message)
        self.kind = kind
        self.message = message
        self.details = list(details)


def failure_of_several(broken, words):
    """Return the Failure for repositories or packages, a line each; `words` say of their number what is wrong."""
    if len(broken) == 1:
        return Failure("repository", broken[0])
    return Failure("repository", words % len(broken), broken)


def failure_of_repositories(broken):
    """Return the Failure for repositories that failed, each with why."""
    return failure_of_several(broken, "%d repositories failed")


class Wire:
    """Requests in, answers out. Nothing else may write to the standard output that it took over."""

    def __init__(self):
        self._in = sys.stdin.buffer
        # Scriptlets and libraries print to descriptor 1: the answers go to a copy, and descriptor 1 to stderr.
        self._out = os.fdopen(os.dup(1), "wb")
        os.dup2(2, 1)
        self._last_progress = 0.0

    def requests(self):
        """Yield each request, a dictionary, until the other side closes.

        A line that is none is answered with an error.
        """
        for line in self._in:
            try:
                request = json.loads(line.decode("utf-8"))
            except (ValueError, RecursionError) as error:
                request = error
            if isinstance(request, dict) and isinstance(request.get("request"), str):
                yield request
            else:
                self.send({"answer": "error", "kind": "engine", "message": "no request", "details": []})

    def send(self, answer):
        """Write one answer. The other side may be gone: a transaction under way is carried to its end all the same."""
        try:
            self._out.write(json.dumps(answer, separators=(",", ":")).encode("utf-8") + b"\n")
            self._out.flush()
        except (BrokenPipeError, ValueError):
            self._out = open(os.devnull, "wb")  # noqa: SIM115 - open as long as we live

    def progress(self, phase, done, total):
        """Tell how far a phase is, at most ten times a second."""
        now = time.monotonic()
        if now - self._last_progress >= _PROGRESS_INTERVAL_S or done == total:
            self._last_progress = now
            self.send({"answer": "progress", "phase": phase, "done": int(done), "total": int(total)})
