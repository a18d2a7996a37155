"""docs/performance.md and its plots, from what was measured.

The page is written by hand but for the lines between `<!-- figures: NAME -->` and `<!-- end -->`, which are made here;
NAME is a benchmark, `machine` or `missed`. A curve has its plot below the table of its benchmark.
"""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from bench._chart import Chart, Line, svg
from bench._figures import Figure, amount, goal, verdict
from bench._machine import Machine

_BLOCK = re.compile(r"(<!-- figures: (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)
_UNITS = {"s": "seconds", "ms": "milliseconds", "MiB": "MiB", "MB": "MB", "/s": "a second"}


class Measured(msgspec.Struct, frozen=True):
    """One run of all benchmarks."""

    machine: Machine
    figures: tuple[Figure, ...]


def written(measured: Measured, page: str) -> dict[str, str]:
    """Return the page with these figures, its data, and its plots, by their paths in docs/.

    Raises:
        ValueError: the page has no place for a benchmark, or one for what was not measured.
    """
    data = msgspec.json.encode(measured, order="sorted")
    # As it is read again: keys are sorted then, and whole numbers are none.
    measured = msgspec.json.decode(data, type=Measured)
    data = msgspec.json.encode(measured, order="sorted")
    names = list(dict.fromkeys(each.benchmark for each in measured.figures))
    blocks = {"machine": _machine(measured.machine), "missed": _missed(measured.figures)}
    blocks |= {name: _section(tuple(each for each in measured.figures if each.benchmark == name)) for name in names}
    asked = [found[2] for found in _BLOCK.finditer(page)]
    if sorted(asked) != sorted(blocks):
        raise ValueError(f"the page has {sorted(asked)}, measured were {sorted(blocks)}")
    text = _BLOCK.sub(lambda found: f"{found[1]}\n{blocks[found[2]]}\n\n{found[3]}", page)
    kept = msgspec.json.format(data, indent=1).decode() + "\n"
    plots = {f"performance/{_slug(chart.title)}.svg": svg(chart) for chart in charts(measured.figures)}
    return {"performance.md": text, "performance/figures.json": kept, **plots}


def last_run(docs: Path) -> Measured:
    """Return the figures that the page is made of."""
    return msgspec.json.decode((docs / "performance/figures.json").read_bytes(), type=Measured)


def write(measured: Measured, docs: Path) -> None:
    """Write the page again, and its plots in place of all that were there."""
    files = written(measured, (docs / "performance.md").read_text(encoding="utf-8"))
    (docs / "performance").mkdir(exist_ok=True)
    for plot in (docs / "performance").glob("*.svg"):
        plot.unlink()
    for path, content in files.items():
        (docs / path).write_text(content, encoding="utf-8")


def charts(figures: tuple[Figure, ...]) -> tuple[Chart, ...]:
    """Return a chart for each curve, in the order of the figures."""
    curves = list(dict.fromkeys(each.curve for each in figures if each.curve))
    return tuple(_chart(curve, [each for each in figures if each.curve == curve]) for curve in curves)


def _chart(curve: str, figures: list[Figure]) -> Chart:
    names = list(dict.fromkeys(each.name for each in figures))
    peers = list(dict.fromkeys(each.peer.name for each in figures if each.peer))
    ours = [Line(name, tuple((_count(each), each.ours) for each in figures if each.name == name)) for name in names]
    theirs = [
        Line(name, tuple((_count(each), each.peer.value) for each in figures if each.peer and each.peer.name == name))
        for name in peers
    ]
    sizes = [each.size.of for each in figures if each.size]
    return Chart(curve, sizes[0], _UNITS[figures[0].unit], (*ours, *theirs))


def _count(figure: Figure) -> float:
    if figure.size is None:
        raise ValueError(f"{figure.name}: a point of a curve has a size")
    return figure.size.count


def _section(figures: tuple[Figure, ...]) -> str:
    rows = [_row(each) for each in figures]
    table = [
        "| what | size | ours | beside | | ratio | target | |",
        "| --- | ---: | ---: | --- | ---: | --- | --- | --- |",
    ]
    plots = [
        f"![{chart.title}: {chart.y} by {chart.x}](performance/{_slug(chart.title)}.svg)" for chart in charts(figures)
    ]
    return "\n\n".join(["\n".join([*table, *rows]), *plots])


def _row(figure: Figure) -> str:
    size = "" if figure.size is None else f"{amount(figure.size.count)} {figure.size.of}"
    peer, value = ("", "") if figure.peer is None else (figure.peer.name, amount(figure.peer.value, figure.unit))
    cells = (figure.name, size, amount(figure.ours, figure.unit), peer, value, _ratio(figure), goal(figure))
    return f"| {' | '.join((*cells, verdict(figure)))} |"


def _ratio(figure: Figure) -> str:
    if figure.ratio is None or figure.peer is None:
        return ""
    if figure.peer.low is None or figure.peer.high is None or figure.peer.low == figure.peer.high:
        return amount(figure.ratio)
    return f"{amount(figure.ratio)} ({amount(figure.peer.low)} to {amount(figure.peer.high)})"


def _missed(figures: tuple[Figure, ...]) -> str:
    judged = [each for each in figures if each.is_met is not None]
    missed = [each for each in judged if not each.is_met]
    head = f"{len(judged) - len(missed)} of {len(judged)} targets are met."
    return "\n".join([head, *(["", "Missed are:", ""] if missed else []), *map(_miss, missed)])


def _miss(figure: Figure) -> str:
    reached = amount(figure.ours, figure.unit) if figure.ratio is None else amount(figure.ratio)
    size = "" if figure.size is None else f" ({amount(figure.size.count)} {figure.size.of})"
    beside = "" if figure.peer is None else f" of {figure.peer.name}"
    return f"- {figure.name}{size}: {reached}{beside}, the target is {goal(figure)}"


def _machine(machine: Machine) -> str:
    versions = ", ".join(f"{name} {number}" for name, number in machine.versions.items())
    before, after = machine.load
    cores = f"{machine.cores} cores of {machine.processor}, {machine.memory_gib} GiB, files on {machine.scratch}"
    busy = f"load average {before} at the beginning and {after} at the end"
    told = (f"{cores}; {machine.system}, Linux {machine.kernel}", versions, f"{machine.day}, {busy}")
    return "\n".join(f"- {each}" for each in told)


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
