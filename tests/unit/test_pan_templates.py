"""What is shipped for a site's template library."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Final

from tests.support.project import ROOT

LIBRARY: Final = ROOT / "spma/quattor/pan"
TEMPLATES: Final = (
    "components/packager/config",
    "components/packager/named/packager",
    "components/packager/named/spma",
    "components/packager/schema",
)


def test_every_template_says_the_name_by_which_pan_finds_it() -> None:
    found = {
        path.relative_to(LIBRARY).with_suffix("").as_posix(): path for path in LIBRARY.rglob("*") if path.is_file()
    }

    assert tuple(sorted(found)) == TEMPLATES
    assert [name for name, path in found.items() if f" template {name};\n" not in path.read_text("utf-8")] == []


def test_an_annotation_ends_where_it_seems_to() -> None:
    """pan ends it at the first closing brace, whatever it means in the text."""
    for path in LIBRARY.rglob("*.pan"):
        for annotation in path.read_text(encoding="utf-8").split("@{")[1:]:
            assert annotation.partition("}")[0].endswith("\n"), path


def test_the_templates_travel_in_the_wheel(tmp_path: Path) -> None:
    command = (sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path))
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (wheel,) = tmp_path.glob("*.whl")

    packed = zipfile.ZipFile(wheel).namelist()

    assert [name for name in TEMPLATES if f"spma/quattor/pan/{name}.pan" not in packed] == []
