"""Reading profiles, in process: ./dev bench profile."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from statistics import median

from bench._figures import Figure, Peer, Size, Target
from bench._sample import sample
from spma.profile.reading import read_profile
from tests.support.profiles import profile
from yumbridge.desired.policy import Policy

RUNS = 9
PACKAGES = 5000
FULL_BYTES = 250 << 10


def figures() -> tuple[Figure, ...]:
    """Measure how long profiles take to become a desired state."""
    listed = profile({f"package-{n}": {f"1.{n}-1.el9": {"x86_64": ""}} for n in range(PACKAGES)}, [])
    content = sample("profiles/wn.example.org.json").read_bytes()
    return (
        *report(f"{PACKAGES:,} packages", json.dumps(listed).encode(), target_ms=150),
        *report("a whole node", content, target_ms=50),
        *report("the same, with more components", grown(content), target_ms=50),
    )


def report(what: str, content: bytes, *, target_ms: int) -> tuple[Figure, Figure]:
    """Return how long a profile takes to become a desired state; and beside it how long its JSON takes alone."""
    whole_ms = timed_ms(lambda: read_profile(content).desired_state(Policy()))
    bare = Peer("json.loads of the same bytes", timed_ms(lambda: json.loads(content)))
    size = Size(len(content) >> 10, "KiB")
    return (
        Figure(benchmark="profile", name=what, size=size, unit="ms", ours=whole_ms, target=Target(target_ms)),
        Figure(benchmark="profile", name=f"{what}, beside JSON alone", size=size, unit="ms", ours=whole_ms, peer=bare),
    )


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
