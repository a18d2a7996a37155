"""How a figure is printed beside its target."""

from __future__ import annotations


def line(what: str, figure: str, target: str, *, met: bool, bound: str = "at most") -> None:
    """Print one figure."""
    print(f"  {what:<46} {figure:>10}  {bound} {target:<6} {'met' if met else 'MISSED'}")
