"""Fetching: files of an upstream repository, verified while they arrive, resumed where an earlier run ended."""

from __future__ import annotations

import hashlib
import os
import stat
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeAlias, TypeVar

from snapshots.errors import SnapshotError
from snapshots.intake.crew import Crew, StoppedError
from snapshots.intake.location import url_scheme, without_credentials
from snapshots.intake.repomd import FILE_LIMIT_BYTES, Checksum
from snapshots.intake.transport import Answer, RangeError, Request, TransferError, Transport

Result = TypeVar("Result")
Delivery: TypeAlias = "Callable[[Download], None]"

_PIECE: Final = 1 << 20
_MAX_PAUSE_S: Final = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchOptions:
    """How files are fetched: `retries` after a failure that may pass, the first after `pause_s`, each twice as late."""

    workers: int = 4
    retries: int = 4
    pause_s: float = 0.5
    connect_s: float = 15.0
    read_s: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """A file to fetch; `what` names it in errors.

    `target` is where it is kept, under a hidden name: what is there is continued, or taken when it is whole.
    """

    what: str
    url: str
    target: Path
    checksum: Checksum
    size_bytes: int | None = None


class WrongBytesError(TransferError):
    """What arrived is not the file: it has another checksum or another size."""


class Fetcher:
    """Fetches files, several at once. Leaving it takes a second at most, whatever a server does."""

    def __init__(self, options: FetchOptions) -> None:
        self._options = options
        self._transport = Transport(connect_s=options.connect_s, read_s=options.read_s, connections=options.workers)
        self._stop = threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._transport.close()

    def content(self, url: str, limit_bytes: int) -> bytes:
        """Return a small file as it is now: no cache on the way may answer. Raises UpstreamError."""

        def read(_failure: TransferError | None) -> bytes:
            content = b""
            with self._transport.opened(Request(url=url, is_fresh=True)) as answer:
                for piece in answer.pieces:
                    content += piece
                    if len(content) > limit_bytes:
                        text = f"{without_credentials(url)} is larger than {limit_bytes} bytes: it is not read further"
                        raise TransferError(text, is_passing=False)
            return content

        return self._retried(read)

    def fetch(
        self, downloads: Sequence[Download], deliver: Delivery, tell: Callable[[int, int], None]
    ) -> tuple[SnapshotError, ...]:
        """Fetch files, and give each that is whole and verified to `deliver`, in a thread. Return the failures.

        `tell` is told how many bytes there are, and how many there will be.
        """
        arrived = dict.fromkeys(range(len(downloads)), 0)
        total = sum(download.size_bytes or 0 for download in downloads)

        def work(job: tuple[int, Download]) -> None:
            number, download = job
            transfer = _Transfer(download, self._transport, self._stop, lambda done: arrived.update({number: done}))
            self._retried(transfer.run)
            if self._stop.is_set():
                raise StoppedError(download.what)
            deliver(download)

        crew = Crew(tuple(enumerate(downloads)), work, self._stop)
        return crew.run(self._options.workers, lambda: tell(sum(arrived.values()), total))

    def _retried(self, attempt: Callable[[TransferError | None], Result]) -> Result:
        """Return what `attempt` does, which is given its last failure, as often as that may pass."""
        failure: TransferError | None = None
        for number in range(self._options.retries + 1):
            try:
                return attempt(failure)
            except TransferError as error:
                if not error.is_passing or number == self._options.retries:
                    raise
                failure = error
            if self._stop.wait(min(self._options.pause_s * 2**number, _MAX_PAUSE_S)):
                raise StoppedError("stopped")
        raise StoppedError("no attempt was made")


class _Transfer:
    """One file on its way."""

    def __init__(
        self, download: Download, transport: Transport, stop: threading.Event, tell: Callable[[int], None]
    ) -> None:
        self._download = download
        self._transport = transport
        self._stop = stop
        self._tell = tell
        self._validator = ""

    def run(self, failure: TransferError | None) -> None:
        """Bring the file to its target; `failure` is that of the attempt before. Raises TransferError, OSError."""
        hasher, begun = self._kept()
        if begun and hasher.hexdigest() == self._download.checksum.digest:
            return
        request = Request(
            url=self._download.url,
            offset=begun,
            validator=self._validator,
            is_fresh=isinstance(failure, WrongBytesError),
        )
        try:
            with self._transport.opened(request) as answer:
                self._validator = answer.validator
                self._write(answer, hasher if answer.offset else self._download.checksum.new())
        except RangeError:
            self._download.target.unlink(missing_ok=True)
            raise
        except WrongBytesError as error:
            self._download.target.unlink(missing_ok=True)
            # A second time, past every cache: what is wrong then is wrong upstream.
            if isinstance(failure, WrongBytesError) or url_scheme(request.url) == "file":
                raise WrongBytesError(error.message, is_passing=False) from error
            raise

    def _kept(self) -> tuple[hashlib._Hash, int]:
        """Return how many bytes an earlier attempt left, with their hash; what cannot be continued is removed."""
        target, hasher = self._download.target, self._download.checksum.new()
        try:
            found = target.lstat()
        except FileNotFoundError:
            return hasher, 0
        if stat.S_ISREG(found.st_mode):
            with target.open("rb") as file:
                while piece := file.read(_PIECE):
                    hasher.update(piece)
            is_whole = hasher.hexdigest() == self._download.checksum.digest
            # Of a file with two names the other may be in the pool: nothing is written to it.
            if is_whole or (found.st_size < self._limit_bytes and found.st_nlink == 1):
                self._tell(found.st_size)
                return hasher, found.st_size
        target.unlink()
        return self._download.checksum.new(), 0

    @property
    def _limit_bytes(self) -> int:
        return FILE_LIMIT_BYTES if self._download.size_bytes is None else self._download.size_bytes

    def _write(self, answer: Answer, hasher: hashlib._Hash) -> None:
        """Write what arrives behind what there is, and verify it all. Raises TransferError, OSError."""
        what, expected = self._download.what, self._download.checksum
        done = answer.offset
        flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | (0 if done else os.O_TRUNC)
        with os.fdopen(os.open(self._download.target, flags, 0o644), "wb") as file:
            file.seek(done)
            for piece in answer.pieces:
                if self._stop.is_set():
                    raise StoppedError(what)
                done += len(piece)
                if done > self._limit_bytes:
                    raise WrongBytesError(
                        f"{what} is larger than the {self._limit_bytes} bytes it may have", is_passing=True
                    )
                hasher.update(piece)
                file.write(piece)
                self._tell(done)
            file.flush()
            os.fsync(file.fileno())
        size = self._download.size_bytes
        if size is not None and done < size:
            text = f"{what} ends after {done} bytes instead of {size}"
            raise (WrongBytesError if answer.is_measured else TransferError)(text, is_passing=True)
        if hasher.hexdigest() != expected.digest:
            text = f"{what} is not what the metadata says: its {expected.kind} is {hasher.hexdigest()}"
            raise WrongBytesError(f"{text} instead of {expected.digest}", is_passing=True)
