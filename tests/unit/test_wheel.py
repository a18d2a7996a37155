"""The wheel has everything that is below our packages, whatever it is."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from containers.rpm.sources import tracked_files
from tests.support.project import ROOT


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="this is no checkout of git")
def test_every_file_of_our_packages_is_in_the_wheel(tmp_path: Path) -> None:
    command = (sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path))
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (wheel,) = tmp_path.glob("*.whl")

    packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}

    ours = {name for name in tracked_files() if name.startswith(("spma/", "snapshots/", "yumbridge/"))}
    assert ours - packed == set()
    assert {"yumbridge/engine/worker/__main__.py", "spma/cli/plan_page.css"} <= packed
