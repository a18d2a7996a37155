"""Run the command: `python -m spma`."""

from __future__ import annotations

from spma.cli import main

if __name__ == "__main__":
    main()
