"""The crew: threads that work off a list of jobs, and are left behind when nobody waits for them any more."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, Generic, TypeVar

from snapshots.errors import SnapshotError, UpstreamError

Job = TypeVar("Job")

# So many files that cannot be had are a repository that cannot: the others are not asked for.
_MAX_FAILURES: Final = 10
_TELL_S: Final = 0.1
# A thread may wait for a server for long. It touches nothing any more once it wakes up.
_FAREWELL_S: Final = 0.5


class StoppedError(SnapshotError):
    """A job was told to stop. It is no failure of its own."""


class Crew(Generic[Job]):
    """Works off jobs with `work`, which raises SnapshotError or OSError, and looks at `stop` now and then."""

    def __init__(self, jobs: Sequence[Job], work: Callable[[Job], None], stop: threading.Event) -> None:
        self._jobs = deque(jobs)
        self._work = work
        self._stop = stop
        self._lock = threading.Lock()
        self._undone = len(jobs)
        self._running = 0
        self._is_idle = threading.Event()
        self._failures: list[SnapshotError] = []

    def run(self, workers: int, tell: Callable[[], None]) -> tuple[SnapshotError, ...]:
        """Work off every job, and return the failures; `tell` is called here, some times a second.

        Not all jobs are begun when there are many failures, or one that is not upstream's.
        """
        threads = [threading.Thread(target=self._run, daemon=True) for _ in range(min(workers, len(self._jobs)))]
        self._running = len(threads)
        try:
            for thread in threads:
                thread.start()
            while threads and not self._is_idle.wait(_TELL_S):
                tell()
            tell()
        finally:
            self._stop.set()
            for thread in threads:
                # An interrupt may have come before it was started.
                if thread.ident is not None:
                    thread.join(_FAREWELL_S / len(threads))
        self._stop.clear()
        if self._undone and not self._failures:
            raise SnapshotError("a thread died that had to fetch files: this is a defect")
        return tuple(self._failures)

    def _run(self) -> None:
        try:
            while (job := self._next()) is not None:
                self._do(job)
        finally:
            with self._lock:
                self._running -= 1
                if not self._running:
                    self._is_idle.set()

    def _next(self) -> Job | None:
        with self._lock:
            return self._jobs.popleft() if self._jobs and not self._stop.is_set() else None

    def _do(self, job: Job) -> None:
        try:
            self._work(job)
        except StoppedError:
            return
        except OSError as error:
            self._fail(SnapshotError(f"cannot write {error.filename or 'a download'}: {error.strerror}"))
        except SnapshotError as error:
            self._fail(error)
        else:
            with self._lock:
                self._undone -= 1

    def _fail(self, error: SnapshotError) -> None:
        with self._lock:
            self._failures.append(error)
            if len(self._failures) >= _MAX_FAILURES or not isinstance(error, UpstreamError):
                self._stop.set()
