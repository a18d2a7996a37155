"""The engine's process on lines that are no requests: each is answered, none ends it, nothing is said beside."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.fuzz.mutation import mutated, seeded
from yumbridge.engine.child import EngineChoice

# None of these names a folder or a package: what is made of them can do nothing.
REQUESTS = (
    b'{"request": "installed"}',
    b'{"request": "verify"}',
    b'{"request": "groups", "names": ["core"]}',
    b'{"request": "offers", "names": ["a"], "modules": ["b"]}',
    b'{"request": "closure", "specs": [], "require_best": true, "weak_deps": false, "unwanted": []}',
)


def answers(lines: list[bytes]) -> tuple[list[dict[str, object]], bytes]:
    """Return what the process answers to lines, and what it says beside."""
    for command in EngineChoice().commands():
        done = subprocess.run(
            command,
            input=b"".join(line + b"\n" for line in lines),
            capture_output=True,
            check=True,
            timeout=120,
        )
        found = [json.loads(line) for line in done.stdout.splitlines()]
        if found[0]["answer"] == "hello":
            return found[1:], done.stderr
    pytest.skip("no interpreter has the bindings of dnf")


def test_every_line_is_answered(request: pytest.FixtureRequest) -> None:
    count = 5_000 if request.config.getoption("--nightly") else 200
    lines = [mutated(REQUESTS, seeded(f"request {number}")).replace(b"\n", b" ") for number in range(count)]

    told, beside = answers(lines)

    assert len(told) == count
    assert {each["answer"] for each in told} == {"error"}
    assert beside == b""


@pytest.mark.parametrize(
    "line",
    [b"", b"{", b"[]", b"null", b"1", b"\xff", b'{"request": 1}', b"[" * 100_000],
    ids=lambda line: repr(line[:12]),
)
def test_what_is_no_request_is_answered_with_an_error(line: bytes) -> None:
    told, beside = answers([line, b'{"request": "nonsense"}'])

    assert [(each["answer"], each["kind"]) for each in told] == [("error", "engine")] * 2
    assert beside == b""
