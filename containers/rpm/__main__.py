"""Build the package: python -m containers.rpm [--python 3.12] [--release 2] [--output DIR]."""

from __future__ import annotations

import argparse
import platform
import subprocess
import sys
from pathlib import Path

from containers.rpm.build import build
from containers.rpm.sources import ROOT, target


def main(words: list[str]) -> int:
    """Build it, print its path, and return the exit code."""
    own = ".".join(platform.python_version_tuple()[:2])
    parser = argparse.ArgumentParser(prog="./dev rpm", description="Build the rpm of this checkout.")
    parser.add_argument("--python", default=own, metavar="X.Y", help=f"the Python of the hosts (default: {own})")
    parser.add_argument("--release", default="1", help="of the package, where one version is built again (default: 1)")
    parser.add_argument("--output", default=ROOT / "dist", type=Path, metavar="DIR", help="default: dist")
    asked = parser.parse_args(words)
    try:
        print(build(target(asked.python), asked.output, asked.release))
    except subprocess.CalledProcessError as error:
        print(f"rpm: {error.cmd[0]} failed with {error.returncode}: {(error.stderr or '').strip()}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
