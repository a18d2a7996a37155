"""The large sample data, which is not part of the project."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.support.project import ROOT


def sample(name: str) -> Path:
    """Return a path of the sample data ("profiles/el9node.json"), or end: nothing else would be what the page tells of.

    It lies where YUMBRIDGE_TEST_DATA says, else in `shared/data` beside the project.
    """
    data = Path(os.environ.get("YUMBRIDGE_TEST_DATA") or ROOT.parent / "shared" / "data")
    if not (data / name).exists():
        sys.exit(f"bench: no sample data: {data / name} does not exist (set YUMBRIDGE_TEST_DATA)")
    return data / name
