"""The large sample data, which is not part of the project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.project import ROOT


def sample(name: str) -> Path:
    """Return a path of the sample data ("profiles/el9node.json"); skip the test without it.

    It lies where YUMBRIDGE_TEST_DATA says, else in `shared/data` beside the project.
    """
    directory = Path(os.environ.get("YUMBRIDGE_TEST_DATA") or ROOT.parent / "shared" / "data")
    path = directory / name
    if not path.exists():
        pytest.skip(f"no sample data: {path} does not exist (set YUMBRIDGE_TEST_DATA)")
    return path
