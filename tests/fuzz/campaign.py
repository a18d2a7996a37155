"""A campaign: readers fed with mutated documents, in a process with bounds on memory, time and where it writes.

The process is `python -m tests.fuzz.campaign SEED CASES READER...`, run in an empty folder. The cases are the same
whenever reader, seed and number are; `work/case` beside the folder is the one under way, and stays when the process
dies of it. `work/finding-READER-NUMBER` is a case that a reader did not take as it has to.
"""

from __future__ import annotations

import faulthandler
import io
import json
import os
import resource
import subprocess
import sys
import time
import traceback
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from snapshots.errors import SnapshotError
from spma.cli.failure import tell_error
from spma.errors import SpmaError
from tests.fuzz.mutation import mutated, seeded
from tests.fuzz.readers import BROKEN, READERS, Read
from tests.support.project import ROOT
from tests.support.terminal import UNPRINTABLE
from tests.support.trees import Tree
from yumbridge.errors import BridgeError

MEMORY_BYTES: Final = 1 << 30
CASE_S: Final = 5
WORK: Final = "work"
CASE: Final = "case"
_MOST_FINDINGS: Final = 10
_READERS: Final = READERS | BROKEN
# What a process needs that reads nothing, on a machine that is busy.
_START_S: Final = 60
_WRITING: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_CHANGES: Final = frozenset(
    {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.symlink", "os.link", "os.truncate", "os.chmod", "os.chown"}
)
_NEVER: Final = frozenset({"socket.connect", "socket.bind", "os.system", "os.exec", "os.posix_spawn", "os.fork"})
# Children that a reader has by itself, and where Python keeps what it compiled.
_CHILDREN: Final = frozenset({"cat"})


class Finding(msgspec.Struct, frozen=True):
    """A case that a reader did not take as it has to, and what it did."""

    case: int
    why: str


class Result(msgspec.Struct, frozen=True):
    """What came of one reader: how many cases were read, how many refused, and what else; the slowest in seconds."""

    reader: str
    read: int
    refused: int
    slowest_s: float
    memory_bytes: int
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Campaign:
    """Which readers, which cases: `cases` of each reader."""

    readers: tuple[str, ...]
    seed: int
    cases: int

    def run(self, folder: Path) -> tuple[Result, ...]:
        """Run it in an empty folder, and return a result per reader.

        Raises AssertionError: the process died, hung, or wrote where it may not.
        """
        cwd = folder / "cwd"
        cwd.mkdir(parents=True)
        (folder / WORK).mkdir()
        (folder / "beside").write_text("untouched", encoding="utf-8")
        before = Tree.of(folder, ignoring=_OURS)
        words = [sys.executable, "-m", "tests.fuzz.campaign", str(self.seed), str(self.cases), *self.readers]
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(cwd), "LC_ALL": "C.UTF-8"}
        done = subprocess.run(
            words,
            cwd=cwd,
            env=environment | {"PYTHONDONTWRITEBYTECODE": "1", "TMPDIR": str(folder / WORK)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=_START_S + CASE_S * self.cases * len(self.readers),
        )
        told = _without_createrepo_c(done.stderr.decode(errors="replace"))[-3000:]
        assert done.returncode == 0, f"{self}: ended with {done.returncode} at {folder / WORK}\n{told}"
        assert not told, f"{self}: said something\n{told}"
        assert before.changes(Tree.of(folder, ignoring=_OURS)) == (), f"{self}: wrote outside of its folder"
        return msgspec.json.decode(done.stdout, type=tuple[Result, ...])


def _without_createrepo_c(text: str) -> str:
    """Return what a process said without what GLib says for createrepo_c, which is on standard error by itself."""
    return "" if "Traceback" not in text and "C_CREATEREPOLIB" in text else text


_OURS: Final = (f"/{WORK}", f"/{WORK}/*", "/.", f"*/{WORK}/*")


class _Watch:
    """Hears of every file that Python code writes, every process and connection, wherever."""

    def __init__(self, allowed: Path) -> None:
        self.seen: list[str] = []
        self._allowed = allowed

    def hear(self, event: str, arguments: tuple[object, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            if isinstance(flags, int) and flags & _WRITING:
                self._judge(event, path)
        elif event in _CHANGES:
            # Of a link it is the second path that is made.
            paths = arguments[1:] if event in {"os.symlink", "os.link"} else arguments
            self._judge(event, _whole(paths))
        elif event in _NEVER or (event == "subprocess.Popen" and arguments[0] not in _CHILDREN):
            self.seen.append(f"{event} {arguments[0]!r}")

    def _judge(self, event: str, path: object) -> None:
        if isinstance(path, int):
            return
        text = os.path.realpath(os.fsdecode(path)) if isinstance(path, str | bytes | os.PathLike) else str(path)
        if not Path(text).is_relative_to(self._allowed) and text != os.devnull:
            self.seen.append(f"{event} {text}")


def _whole(arguments: tuple[object, ...]) -> object:
    """Return the path that an event names: it may be relative to an open folder, which stands last."""
    path, folder = arguments[0], arguments[-1]
    is_relative = isinstance(path, str | bytes) and isinstance(folder, int) and folder >= 0
    return Path(f"/proc/self/fd/{folder}").readlink() / os.fsdecode(path) if is_relative else path  # type: ignore[arg-type]


def _judged(reader: Read, data: bytes, work: Path) -> tuple[bool, str]:
    """Return whether a document is read, and what is wrong with how it is or is not."""
    try:
        try:
            reader(data, work)
        except (BridgeError, SnapshotError, SpmaError) as error:
            return False, _wrong_words(error)
    except BaseException as error:  # noqa: BLE001 - whatever else it is, it is what we look for
        return False, "".join(traceback.format_exception(error))[-1500:]
    return True, ""


def _wrong_words(error: BridgeError | SnapshotError | SpmaError) -> str:
    """Return what is wrong with how an error is told: nothing when it is plain lines, and a document for programs."""
    said, document = io.StringIO(), io.BytesIO()
    answer = io.TextIOWrapper(document)
    with redirect_stderr(said), redirect_stdout(answer):
        tell_error(error.kind, error.message, error.details, as_json=True)
    text = said.getvalue()
    if error.message not in json.loads(document.getvalue())["message"]:
        return f"not in its document: {error.message!r}"
    if found := UNPRINTABLE.search(text):
        return f"a terminal would act on {found}"
    longest = max(map(len, text.splitlines()))
    return f"a line of {longest} characters: {text[:300]!r}" if longest > _LONGEST else ""


_LONGEST: Final = 4_100


def _campaign(name: str, seed: int, cases: int, watch: _Watch, work: Path) -> Result:
    """Feed one reader."""
    reader, documents = _READERS[name].read, _READERS[name].documents()
    case = os.open(work / CASE, os.O_RDWR | os.O_CREAT, 0o600)
    read = refused = 0
    slowest = 0.0
    findings: list[Finding] = []
    for number in range(cases):
        data = mutated(documents, seeded(f"{name} {seed} {number}"))
        os.ftruncate(case, 0)
        os.pwrite(case, data, 0)
        # The watch is a thread of C: what hangs in a library ends as well.
        faulthandler.dump_traceback_later(CASE_S, exit=True)
        began = time.monotonic()
        taken, why = _judged(reader, data, work)
        slowest = max(slowest, time.monotonic() - began)
        faulthandler.cancel_dump_traceback_later()
        read, refused = read + taken, refused + (not taken)
        if watch.seen:
            why = f"touched {watch.seen[:3]} {why}"
            watch.seen.clear()
        if why and len(findings) < _MOST_FINDINGS:
            findings.append(Finding(number, why))
            (work / f"finding-{name}-{number}").write_bytes(data)
    os.close(case)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return Result(name, read, refused, slowest, memory, tuple(findings))


def main(seed: int, cases: int, names: list[str]) -> None:
    """Feed some readers, and print the results."""
    work = Path("..", WORK).resolve()
    corpus = work / "corpus"
    corpus.mkdir()
    for name in names:
        for document in _READERS[name].documents():
            taken, why = _judged(_READERS[name].read, document, corpus)
            is_answer = taken or b'"answer": "error"' in document
            assert is_answer, f"a document of the corpus of {name} is not read: {why} {document!r}"
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    watch = _Watch(work)
    sys.addaudithook(watch.hear)
    results = []
    for name in names:
        # What one reader has left behind is nothing for the next.
        place = work / name
        place.mkdir()
        results.append(_campaign(name, seed, cases, watch, place))
    sys.stdout.buffer.write(msgspec.json.encode(results))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
