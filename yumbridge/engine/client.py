"""The engine's child process, seen from our side."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self, TypeVar

import msgspec

from yumbridge.complaint import UNDECODABLE
from yumbridge.engine.child import Starter
from yumbridge.engine.protocol import Hello, Request
from yumbridge.errors import (
    BridgeError,
    EngineError,
    HostError,
    PlanMismatchError,
    RepositoryError,
    StalePlanError,
    TransactionError,
)
from yumbridge.plan.document import masked
from yumbridge.progress import Listener

Answer = TypeVar("Answer", bound=msgspec.Struct)


class _Line(msgspec.Struct, frozen=True):
    """What tells the lines of a child apart."""

    answer: str


class _Progress(msgspec.Struct, frozen=True):
    phase: str
    done: int
    total: int


class _Failure(msgspec.Struct, frozen=True):
    kind: str
    message: str
    details: tuple[str, ...]


_ERRORS: dict[str, Callable[[str, tuple[str, ...]], BridgeError]] = {
    "host": HostError,
    "plan-mismatch": PlanMismatchError,
    "repository": RepositoryError,
    "stale": StalePlanError,
    "transaction": TransactionError,
}


class EngineClient:
    """One child process. Answers come in the order of the requests.

    `listener` hears the progress of long requests: phase, done, total; the total is 0 when it is not known.
    """

    def __init__(self, starter: Starter) -> None:
        self.listener: Listener = lambda _phase, _done, _total: None
        self._starter = starter
        self._hello: Hello | None = None
        self._sent: list[bytes] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._starter.child and error is not None:
            # Whatever it is busy with, nobody waits for the answer.
            self._starter.child.kill()
        self.close()

    @property
    def hello(self) -> Hello:
        """Which engine the child is. Waits for its first line.

        Raises EngineError: no interpreter has the bindings of dnf.
        """
        while self._hello is None:
            line = self._readline()
            if line and _decoded(line, _Line).answer == "hello":
                self._hello = _decoded(line, Hello)
            else:
                self._try_next(line)
        return self._hello

    def submit(self, request: Request) -> None:
        """Send a request without waiting for its answer."""
        line = msgspec.json.encode(request) + b"\n"
        if self._hello is None:
            self._sent.append(line)
        self._write(line)

    def collect(self, answer: type[Answer]) -> Answer:
        """Return the answer to the oldest request not yet answered.

        Raises the error that the request ended in, or EngineError when the child died or answered nonsense.
        """
        _ = self.hello
        while line := self._readline():
            kind = _decoded(line, _Line).answer
            if kind == "progress":
                progress = _decoded(line, _Progress)
                self.listener(progress.phase, progress.done, progress.total)
            elif kind == "error":
                failure = _decoded(line, _Failure)
                # The engine tells of URLs as it uses them.
                kind_of_error = _ERRORS.get(failure.kind, EngineError)
                raise kind_of_error(masked(failure.message), tuple(map(masked, failure.details)))
            else:
                return _decoded(line, answer)
        raise EngineError(f"the engine stopped: {self._death()}")

    def ask(self, request: Request, answer: type[Answer]) -> Answer:
        """Send a request and return its answer. Raises as `collect`."""
        self.submit(request)
        return self.collect(answer)

    def dismiss(self) -> None:
        """Tell the child that nothing more will be asked: it ends while we go on."""
        child = self._starter.child
        if child and child.stdin:
            with suppress(BrokenPipeError):
                child.stdin.close()

    def close(self) -> None:
        """End the child: it stops when its input does."""
        self.dismiss()
        child = self._starter.child
        if child is None:
            return
        if child.stdout:
            child.stdout.close()
        child.wait()

    def _child(self) -> subprocess.Popen[bytes]:
        if self._starter.child is None:
            raise EngineError(
                "no Python interpreter has the bindings of dnf: install the package python3-dnf or python3-libdnf5",
                self._starter.failures,
            )
        return self._starter.child

    def _try_next(self, line: bytes) -> None:
        """Go on to the next interpreter after one that cannot import the bindings."""
        why = _decoded(line, _Failure).message if line else self._death()
        self.close()
        self._starter.next_after(why)
        for sent in self._sent:
            self._write(sent)

    def _readline(self) -> bytes:
        stream = self._child().stdout
        return stream.readline() if stream else b""

    def _write(self, line: bytes) -> None:
        stream = self._child().stdin
        if stream:
            try:
                stream.write(line)
                stream.flush()
            except BrokenPipeError:
                # Said when the answer is collected, with what the child died of.
                return

    def _death(self) -> str:
        code = self._child().wait()
        return f"killed by signal {-code}" if code < 0 else f"it exited with code {code}"


def _decoded(line: bytes, kind: type[Answer]) -> Answer:
    try:
        return msgspec.json.decode(line, type=kind)
    except UNDECODABLE as error:
        raise EngineError(f"the engine answered nonsense: {error}") from error
