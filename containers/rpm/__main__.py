"""Build the package: python -m containers.rpm [--python 3.12] [--release 2] [--output DIR]."""

from __future__ import annotations

import argparse
import platform
import re
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
    if not re.fullmatch(r"3\.(1[1-9]|[2-9]\d)", asked.python):
        parser.error(f"--python {asked.python}: the command needs 3.11 or newer, written like that")
    if not re.fullmatch(r"\d+(\.\w+)*", asked.release):
        parser.error(f"--release {asked.release}: a release begins with a number, such as 2 or 2.site")
    try:
        print(build(target(asked.python), asked.output, asked.release))
    except subprocess.CalledProcessError as error:
        said = f": {error.stderr.strip()}" if error.stderr else ""
        print(f"rpm: {' '.join(error.cmd[:4])} ... ended with {error.returncode}{said}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
