"""Run a command and measure it with all its children."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One run: wall time, and the sum of the peak resident memory of all its processes; the exit code."""

    wall_s: float
    peak_bytes: int
    code: int


def timed(command: Sequence[str]) -> Measure:
    """Run a command to its end and measure wall time alone; its output is thrown away."""
    started = time.perf_counter()
    code = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode
    return Measure(wall_s=time.perf_counter() - started, peak_bytes=0, code=code)


def weighed(command: Sequence[str]) -> Measure:
    """Run a command and measure its memory too. The watching costs time: use `timed` for that."""
    peaks: dict[int, int] = {}
    started = time.perf_counter()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)
        while process.poll() is None:
            for pid in (process.pid, *_children(process.pid)):
                peaks[pid] = max(peaks.get(pid, 0), _peak_bytes(pid))
            time.sleep(0.002)
    return Measure(wall_s=time.perf_counter() - started, peak_bytes=sum(peaks.values()), code=process.returncode)


def interleaved(
    runs: int, commands: Mapping[str, Sequence[str]], measure: Callable[[Sequence[str]], Measure] = timed
) -> dict[str, list[Measure]]:
    """Run each command `runs` times, in turn, so that a slow moment of the machine hits them all."""
    measures: dict[str, list[Measure]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            measures[name].append(measure(command))
    return measures


def median_wall_s(measures: Sequence[Measure]) -> float:
    """Return the median of the wall times."""
    return median(measure.wall_s for measure in measures)


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


def machine() -> str:
    """Return one line on what the figures were measured on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 30
    return f"{os.cpu_count()} cores, {memory} GiB, load {os.getloadavg()[0]:.1f}, Linux {os.uname().release}"
