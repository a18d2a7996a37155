"""A browser without a window, for pages that have a script."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from lxml import html

_NAMES = ("chromium", "chromium-browser", "google-chrome")


# Shows a page in a frame of a given width, unfolds all of it, and tells how wide it is then.
_FRAME = """<!DOCTYPE html><iframe src="{page}" style="width:{width}px;height:900px;border:0"></iframe><script>
const frame = document.querySelector("iframe");
frame.onload = () => {{
  const shown = frame.contentDocument;
  for (const folded of shown.querySelectorAll("details")) folded.open = true;
  document.body.dataset.width = shown.documentElement.scrollWidth;
}};
</script>"""


def rendered(path: Path, fragment: str = "") -> html.HtmlElement:
    """Return the page at `path` after its script ran; skip the test where there is no browser."""
    return _dumped(f"{path.as_uri()}{fragment and '#'}{fragment}")


def width_in(path: Path, width: int) -> int:
    """Return how wide the page at `path` is, all unfolded, in a window of `width` pixels; skip without a browser.

    It is more than `width` when something does not fit.
    """
    frame = path.with_name("frame.html")
    frame.write_text(_FRAME.format(page=path.name, width=width))
    return int(_dumped(frame.as_uri(), "--allow-file-access-from-files").xpath("string(//body/@data-width)"))


def _dumped(address: str, *options: str) -> html.HtmlElement:
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
                *options,
                "--dump-dom",
                address,
            ],
            capture_output=True,
            check=True,
            timeout=120,
        )
    return html.document_fromstring(dumped.stdout.decode())
