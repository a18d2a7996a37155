"""Reading profiles, in process: ./dev bench profile."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from bench._figures import line
from bench._process import machine
from spma.profile.reading import read_profile
from tests.support.profiles import profile
from tests.support.project import ROOT
from yumbridge.desired.policy import Policy

RUNS = 9
PACKAGES = 5000
FULL_BYTES = 250 << 10


def main() -> None:
    """Measure, and print a line per figure with its target."""
    print(f"on {machine()}; medians of {RUNS}")
    large = json.dumps(profile({f"package-{n}": {f"1.{n}-1.el9": {"x86_64": ""}} for n in range(PACKAGES)}, []))
    report(f"{PACKAGES} packages, {len(large) >> 10} KiB", large.encode(), target_ms=150)
    data = Path(os.environ.get("YUMBRIDGE_TEST_DATA") or ROOT.parent / "shared" / "data")
    node = data / "profiles/wn.example.org.json"
    if not node.exists():
        sys.exit(f"bench profile: no sample data in {data} (set YUMBRIDGE_TEST_DATA)")
    content = node.read_bytes()
    report(f"a whole node, {len(content) >> 10} KiB", content, target_ms=50)
    full = grown(content)
    report(f"the same, grown to {len(full) >> 10} KiB", full, target_ms=50)


def report(what: str, content: bytes, *, target_ms: int) -> None:
    """Print how long a profile takes to become a desired state, and beside it how long its JSON takes alone."""
    whole_ms = timed_ms(lambda: read_profile(content).desired_state(Policy()))
    bare_ms = timed_ms(lambda: json.loads(content))
    line(what, f"{whole_ms:.0f} ms", f"{target_ms} ms", met=whole_ms <= target_ms)
    print(f"    of json.loads of the same bytes: {whole_ms / bare_ms:.1f}")


def timed_ms(run: Callable[[], object]) -> float:
    """Return the median of the wall times of `run`, in milliseconds."""
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        run()
        times.append((time.perf_counter() - started) * 1000)
    return median(times)


def grown(content: bytes) -> bytes:
    """Return a profile with more components, copies of its own, until it is as large as the largest nodes'."""
    tree = json.loads(content)
    components = dict(tree["software"]["components"])
    rest = {name: value for name, value in components.items() if name != "spma"}
    number = 0
    while len(grown := json.dumps(tree, indent=1).encode()) < FULL_BYTES:
        number += 1
        components |= {f"{name}{number}": value for name, value in rest.items()}
        tree["software"]["components"] = components
    return grown


if __name__ == "__main__":
    main()
