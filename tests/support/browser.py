"""A browser without a window, for pages that have a script."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from lxml import html

_NAMES = ("chromium", "chromium-browser", "google-chrome")


def rendered(path: Path, fragment: str = "") -> html.HtmlElement:
    """Return the page at `path` after its script ran; skip the test where there is no browser."""
    program = next((found for name in _NAMES if (found := shutil.which(name))), None)
    if program is None:
        pytest.skip(f"none of {', '.join(_NAMES)} is installed")
    with tempfile.TemporaryDirectory() as home:
        dumped = subprocess.run(
            [
                program,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                f"--user-data-dir={home}",
                "--virtual-time-budget=2000",
                "--dump-dom",
                f"{path.as_uri()}{fragment and '#'}{fragment}",
            ],
            capture_output=True,
            check=True,
            timeout=120,
        )
    return html.document_fromstring(dumped.stdout.decode())
