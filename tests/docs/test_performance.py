"""The page of performance says what was measured, and nothing else: no figure of it is written by hand."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from bench._chart import Chart, Line, svg
from bench._figures import Bound, Figure, Peer, Size, Target
from bench._page import Measured, last_run, written
from tests.support.project import ROOT

DOCS = ROOT / "docs"


def test_the_page_and_its_plots_are_made_of_the_figures() -> None:
    page = (DOCS / "performance.md").read_text(encoding="utf-8")
    expected = written(last_run(DOCS), page)
    there = {path.relative_to(DOCS).as_posix() for path in (DOCS / "performance").iterdir()} | {"performance.md"}
    assert there == expected.keys()
    assert [path for path, text in expected.items() if (DOCS / path).read_text(encoding="utf-8") != text] == []


def test_a_page_without_a_place_for_a_benchmark_is_refused() -> None:
    with pytest.raises(ValueError, match="the page has"):
        written(last_run(DOCS), "# Performance\n")


@pytest.mark.parametrize(
    ("ours", "peer", "target", "is_met"),
    [
        (2.0, Peer("dnf", 4.0), Target(0.5), True),
        (2.0, Peer("dnf", 4.0), Target(0.4), False),
        (2.0, None, Target(1.0), False),
        (2.0, None, Target(1.0, Bound.AT_LEAST), True),
        (2.0, None, None, None),
    ],
)
def test_a_target_is_of_the_ratio_or_without_a_peer_of_the_figure(
    ours: float, peer: Peer | None, target: Target | None, is_met: bool | None
) -> None:
    assert Figure(benchmark="a", name="b", unit="s", ours=ours, peer=peer, target=target).is_met is is_met


def test_a_missed_target_is_named_on_the_page() -> None:
    missed = Figure(benchmark="a", name="slow", size=Size(3, "rpms"), unit="s", ours=2.0, target=Target(1.0))
    page = "".join(f"<!-- figures: {name} -->\n<!-- end -->\n" for name in ("machine", "missed", "a"))
    text = written(Measured(last_run(DOCS).machine, (missed,)), page)["performance.md"]
    assert "0 of 1 targets are met" in text
    assert "- slow (3 rpms): 2 s, the target is at most 1 s" in text
    assert "**missed** |" in text


def test_a_chart_keeps_its_text_and_puts_equal_ratios_at_equal_distances() -> None:
    text = svg(Chart("Time & size", "packages", "seconds", (Line("ours", ((10, 1), (100, 2), (1000, 4))),)))
    root = ET.fromstring(text)  # noqa: S314 - our own text
    words = [each.text for each in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"Time & size", "packages", "seconds", "ours", "10", "100", "1,000"} <= set(words)
    circles = [each for each in root.iter() if each.tag.endswith("circle")]
    places = [(float(each.get("cx", "")), float(each.get("cy", ""))) for each in circles]
    across, down = zip(*places, strict=True)
    assert across[1] - across[0] == pytest.approx(across[2] - across[1], abs=0.2)
    assert down[0] - down[1] == pytest.approx(down[1] - down[2], abs=0.2)
    assert down[0] > down[1]
