"""Line charts with logarithmic axes, as SVG: text stays text, the same values are the same bytes.

Colours follow the reader's choice of light or dark; lines differ by their marks and dashes as well.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from bench._figures import amount

WIDTH, HEIGHT = 760, 380
LEFT, RIGHT, TOP, BOTTOM = 78, 230, 44, 54
_LABEL_HEIGHT = 16
_DASHES = ("", "7 4", "2 3", "9 3 2 3", "4 2", "1 4")

# Okabe and Ito's colours, which those who do not see all colours can tell apart; darker ones on white.
_STYLE = """
  svg { color-scheme: light dark; font: 13px system-ui, sans-serif; }
  .back { fill: #fff; }
  text { fill: #24292f; }
  .title { font-weight: 600; font-size: 15px; }
  .grid { stroke: #d0d7de; stroke-width: 1; }
  .line { fill: none; stroke-width: 2; }
  .c0 { --c: #0060a0; } .c1 { --c: #b34a00; } .c2 { --c: #00785a; }
  .c3 { --c: #a0477d; } .c4 { --c: #7a6a00; } .c5 { --c: #57606a; }
  .line { stroke: var(--c); }
  .mark, .label { fill: var(--c); }
  @media (prefers-color-scheme: dark) {
    .back { fill: #0d1117; }
    text { fill: #e6edf3; }
    .grid { stroke: #30363d; }
    .c0 { --c: #56b4e9; } .c1 { --c: #e69f00; } .c2 { --c: #2fc79a; }
    .c3 { --c: #e39ac6; } .c4 { --c: #f0e442; } .c5 { --c: #9aa4ae; }
  }
"""


@dataclass(frozen=True, slots=True)
class Line:
    """A line and its points, by rising x; all of them above 0."""

    label: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """What is drawn; the labels of the axes have the units."""

    title: str
    x: str
    y: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Scale:
    """A logarithmic axis from `low` to `high`, drawn from `begin` to `end`."""

    low: float
    high: float
    begin: float
    end: float

    def at(self, value: float) -> float:
        """Return where a value is drawn."""
        part = math.log(value / self.low) / math.log(self.high / self.low)
        return self.begin + part * (self.end - self.begin)

    @property
    def ticks(self) -> tuple[float, ...]:
        """The powers of ten, and twice and five times those where there are few of them."""
        wide = math.log10(self.high / self.low) > 3  # noqa: PLR2004 - decades
        exponents = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        every = [step * 10.0**exponent for exponent in exponents for step in ((1,) if wide else (1, 2, 5))]
        return tuple(tick for tick in every if self.low <= tick * 1.0001 and tick <= self.high * 1.0001)


def svg(chart: Chart) -> str:
    """Return a chart as the text of an SVG file."""
    x = _scale([point[0] for line in chart.lines for point in line.points], LEFT, WIDTH - RIGHT)
    y = _scale([point[1] for line in chart.lines for point in line.points], HEIGHT - BOTTOM, TOP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        f"<title>{escape(chart.title)}</title>",
        f"<style>{_STYLE}</style>",
        f'<rect class="back" width="{WIDTH}" height="{HEIGHT}" rx="6"/>',
        _text(LEFT, 24, chart.title, "title"),
        *_axes(chart, x, y),
        *_lines(chart.lines, x, y),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _scale(values: Sequence[float], begin: float, end: float) -> Scale:
    low, high = min(values), max(values)
    # One value alone would have no direction.
    return Scale(low / 1.15, high * 1.15, begin, end)


def _axes(chart: Chart, x: Scale, y: Scale) -> Iterator[str]:
    right, floor = WIDTH - RIGHT, HEIGHT - BOTTOM
    for tick in x.ticks:
        yield f'<path class="grid" d="M{x.at(tick):.1f} {TOP}V{floor}"/>'
        yield _text(x.at(tick), floor + 18, amount(tick), anchor="middle")
    for tick in y.ticks:
        yield f'<path class="grid" d="M{LEFT} {y.at(tick):.1f}H{right}"/>'
        yield _text(LEFT - 8, y.at(tick) + 4, amount(tick), anchor="end")
    yield _text((LEFT + right) / 2, HEIGHT - 12, chart.x, anchor="middle")
    middle = (TOP + floor) / 2
    yield f'<g transform="rotate(-90 18 {middle:.1f})">{_text(18, middle, chart.y, anchor="middle")}</g>'


def _lines(lines: Sequence[Line], x: Scale, y: Scale) -> Iterator[str]:
    heights = _apart([y.at(line.points[-1][1]) for line in lines])
    for number, (line, height) in enumerate(zip(lines, heights, strict=True)):
        places = [(x.at(at), y.at(value)) for at, value in line.points]
        path = "L".join(f"{across:.1f} {down:.1f}" for across, down in places)
        dashes = _DASHES[number % len(_DASHES)]
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        yield f'<g class="c{number % 6}">'
        yield f'<path class="line" d="M{path}"{dashed}/>'
        yield from (_mark(number, *place) for place in places)
        yield _text(WIDTH - RIGHT + 12, height + 4, line.label, "label")
        yield "</g>"


def _mark(number: int, across: float, down: float) -> str:
    match number % 3:
        case 0:
            return f'<circle class="mark" cx="{across:.1f}" cy="{down:.1f}" r="4"/>'
        case 1:
            return f'<rect class="mark" x="{across - 4:.1f}" y="{down - 4:.1f}" width="8" height="8"/>'
        case _:
            return f'<path class="mark" d="M{across:.1f} {down - 5:.1f}l5 9h-10z"/>'


def _apart(heights: Sequence[float]) -> list[float]:
    """Return heights for labels that do not cover each other, in the order of those given."""
    placed = list(heights)
    order = sorted(range(len(placed)), key=placed.__getitem__)
    for above, below in pairwise(order):
        placed[below] = max(placed[below], placed[above] + _LABEL_HEIGHT)
    # Whatever was pushed below the floor moves up again, and what is above it with it.
    limit = float(HEIGHT - BOTTOM)
    for place in reversed(order):
        placed[place] = min(placed[place], limit)
        limit = placed[place] - _LABEL_HEIGHT
    return placed


def _text(across: float, down: float, text: str, kind: str = "", anchor: str = "start") -> str:
    style = f' class="{kind}"' if kind else ""
    return f'<text{style} x="{across:.1f}" y="{down:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
