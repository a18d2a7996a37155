"""Run benchmarks, print their figures, and write the page about them: ./dev bench [NAME...] [--list] [--write]."""

from __future__ import annotations

import argparse
import compileall
import os
import sys
import time
from importlib import import_module
from pathlib import Path

from bench._figures import Figure, lines
from bench._machine import machine
from bench._page import Measured, last_run, write
from tests.support.project import ROOT

PRODUCT = ("yumbridge", "snapshots", "spma")
# In the order of the page.
BENCHMARKS = ("plan", "apply", "closure", "snapshot", "hold", "why", "profile")


def main() -> None:
    """Run the benchmarks that the command line names; all of them when it names none."""
    parser = argparse.ArgumentParser(prog="./dev bench", description="Measure, beside a peer where there is one.")
    parser.add_argument("name", nargs="*", help="a benchmark; without any, all of them")
    parser.add_argument("--list", action="store_true", help="list the benchmarks, and run none")
    parser.add_argument("--write", action="store_true", help="run all of them, and write docs/performance.md again")
    parser.add_argument("--page", action="store_true", help="write the page again from the figures of the last run")
    asked = parser.parse_args()
    if unknown := sorted(set(asked.name) - set(BENCHMARKS)):
        parser.error(f"no benchmark {', '.join(unknown)}: --list tells their names")
    if asked.write and asked.name:
        parser.error("--write is for all benchmarks: the figures of one page are of one run")
    if asked.list:
        print("\n".join(f"{name:<10} {_module_line(name)}" for name in BENCHMARKS))
        return
    if asked.page:
        write(last_run(ROOT / "docs"), ROOT / "docs")
        return
    load = os.getloadavg()[0]
    compiled()
    figures = tuple(each for name in asked.name or BENCHMARKS for each in run(name))
    if asked.write:
        write(Measured(machine(load), figures), ROOT / "docs")
        print(f"wrote {Path('docs/performance.md')}")
    if missed := [each for each in figures if each.is_met is False]:
        print(f"{len(missed)} of {sum(each.is_met is not None for each in figures)} targets missed")


def compiled() -> None:
    """Compile the product, as an installed one is; PYTHONDONTWRITEBYTECODE would have every start do it."""
    for package in PRODUCT:
        compileall.compile_dir(ROOT / package, quiet=1)


def run(name: str) -> tuple[Figure, ...]:
    """Run a benchmark, print its figures, and return them."""
    print(f"{name}: {_module_line(name)}", file=sys.stderr, flush=True)
    started = time.perf_counter()
    figures: tuple[Figure, ...] = import_module(f"bench.{name}").figures()
    print("\n".join(lines(figures)))
    print(f"{name}: took {time.perf_counter() - started:.0f} s", file=sys.stderr, flush=True)
    return figures


def _module_line(name: str) -> str:
    text = import_module(f"bench.{name}").__doc__ or ""
    return text.partition(": ./dev")[0]


if __name__ == "__main__":
    main()
