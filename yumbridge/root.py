"""Paths below an install root: an image may hold any link."""

from __future__ import annotations

import os
from pathlib import Path


def leads_out(root: Path, path: Path) -> bool:
    """Tell whether links lead `path`, which is below `root`, out of it.

    Links in a circle lead nowhere: whoever opens such a path finds out.
    """
    return not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))
