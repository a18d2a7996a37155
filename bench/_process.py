"""Run a command and measure it with all its children."""

from __future__ import annotations

import os
import resource
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from bench._figures import Peer


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One run: wall time, processor time and exit code, and the peak resident memory of all processes at one time.

    Processor time is that of the command and all that it waited for: what others do on the machine hardly changes it.
    """

    wall_s: float
    peak_bytes: int
    code: int
    cpu_s: float = 0


def timed(command: Sequence[str]) -> Measure:
    """Run a command to its end and measure wall time alone; its output is thrown away."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    code = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode
    wall_s = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Measure(wall_s=wall_s, peak_bytes=0, code=code, cpu_s=cpu_s)


def weighed(command: Sequence[str]) -> Measure:
    """Run a command and measure its memory too. The watching costs time: use `timed` for that."""
    peak = 0
    started = time.perf_counter()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)
        while process.poll() is None:
            peak = max(peak, sum(_peak_bytes(pid) for pid in _family(process.pid)))
            time.sleep(0.002)
    return Measure(wall_s=time.perf_counter() - started, peak_bytes=peak, code=process.returncode)


def interleaved(
    runs: int, commands: Mapping[str, Sequence[str]], measure: Callable[[Sequence[str]], Measure] = timed
) -> dict[str, list[Measure]]:
    """Run each command `runs` times, in turn, so that a slow moment of the machine hits them all."""
    return in_turn(runs, {name: partial(measure, command) for name, command in commands.items()})


def in_turn(runs: int, works: Mapping[str, Callable[[], Measure]]) -> dict[str, list[Measure]]:
    """Do each work `runs` times, in turn: what `interleaved` is for commands that need something done before."""
    measures: dict[str, list[Measure]] = {name: [] for name in works}
    for _ in range(runs):
        for name, work in works.items():
            measures[name].append(work())
    return measures


def succeeded(measure: Measure, command: Sequence[str]) -> Measure:
    """Return a measure if what it is of succeeded: one that fails early would be fast, too."""
    if measure.code:
        sys.exit(f"bench: ended with {measure.code}: {shlex.join(command)}")
    return measure


def median_wall_s(measures: Sequence[Measure]) -> float:
    """Return the median of the wall times."""
    return median(measure.wall_s for measure in measures)


def compared(ours: Sequence[Measure], theirs: Sequence[Measure], name: str) -> tuple[float, Peer]:
    """Return the medians of both in seconds, with the spread of the ratio over the turns."""
    ratios = [mine.wall_s / other.wall_s for mine, other in zip(ours, theirs, strict=True)]
    return median_wall_s(ours), Peer(name, median_wall_s(theirs), min(ratios), max(ratios))


def processor_s(measures: Sequence[Measure]) -> float:
    """Return the median of the processor times."""
    return median(measure.cpu_s for measure in measures)


def heaviest_mib(measures: Sequence[Measure]) -> float:
    """Return the largest of the peaks of memory."""
    return max(measure.peak_bytes for measure in measures) / (1 << 20)


def _family(pid: int, parent: bytes | None = None) -> Iterator[int]:
    """Yield a process and all that come from it, but those that still share the memory of their parent.

    Until a child has executed its program it is the parent's double, and would count what the parent has once more.
    """
    words = _words(pid)
    if words != (_words(os.getpid()) if parent is None else parent):
        yield pid
        for child in _children(pid):
            yield from _family(child, words)


def _words(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _children(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    except OSError:
        return []
    return [int(child) for child in text.split()]


def _peak_bytes(pid: int) -> int:
    """Return VmHWM of a process, 0 once it is gone. Source: proc(5)."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except OSError:
        return 0
    return 0
