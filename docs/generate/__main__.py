"""Write every generated page, and remove those that nothing generates any more."""

from __future__ import annotations

import sys

from docs.generate.tree import ROOT, generators, leftovers


def main() -> None:
    """Bring the generated pages up to date, and say which ones were not."""
    for generate in generators().values():
        for path, content in generate().items():
            page = ROOT / path
            if not page.is_file() or page.read_text(encoding="utf-8") != content:
                page.parent.mkdir(parents=True, exist_ok=True)
                page.write_text(content, encoding="utf-8")
                sys.stdout.write(f"wrote {path}\n")
    for path in leftovers():
        (ROOT / path).unlink()
        sys.stdout.write(f"removed {path}\n")


if __name__ == "__main__":
    main()
